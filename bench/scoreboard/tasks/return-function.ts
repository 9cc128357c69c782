import type { HarshTask } from "../harsh-task.ts";
import { oneCall } from "./one-call.ts";

/** A result that cannot be copied. The caller gets an error, not another value. */
export const returnFunction: HarshTask = {
  name: "return-function",
  title: "returns a function",
  hasSecondCall: true,
  play: oneCall("returnFunction"),
  judge(call) {
    if (call.how !== "error") return ["wrong value"];
    return call.error.isError ? [] : ["reason lost"];
  },
};
