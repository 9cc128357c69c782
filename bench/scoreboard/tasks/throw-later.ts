import { textOf } from "../facts.ts";
import type { HarshTask } from "../harsh-task.ts";
import { oneCall } from "./one-call.ts";

/** While a call is awaited, a timer in its thread throws where nobody catches. */
export const throwLater: HarshTask = {
  name: "throw-later",
  title: "a timer throws",
  hasSecondCall: true,
  play: oneCall("throwLater"),
  judge(call) {
    if (call.how !== "error") return ["wrong value"];
    return textOf(call.error).includes("thrown by a timer") ? [] : ["reason lost"];
  },
};
