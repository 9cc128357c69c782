import type { HarshTask } from "../harsh-task.ts";
import { oneCall } from "./one-call.ts";

/** A thrown value that cannot be copied. The call fails, with something that says what was thrown. */
export const throwFunction: HarshTask = {
  name: "throw-function",
  title: "throws a function",
  hasSecondCall: true,
  play: oneCall("throwFunction"),
  judge(call) {
    if (call.how !== "error") return ["wrong value"];
    return call.error.class === "undefined" ? ["reason lost"] : [];
  },
};
