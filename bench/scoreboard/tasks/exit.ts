import { textOf } from "../facts.ts";
import type { HarshTask } from "../harsh-task.ts";
import { EXITED, oneCall } from "./one-call.ts";

/** `process.exit(3)` in the thread. The caller gets an error that says so. */
export const exit: HarshTask = {
  name: "exit",
  title: "process.exit(3)",
  hasSecondCall: true,
  play: oneCall("exit"),
  judge(call) {
    if (call.how !== "error") return ["wrong value"];
    return EXITED.test(textOf(call.error)) ? [] : ["reason lost"];
  },
};
