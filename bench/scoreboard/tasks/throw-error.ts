import type { HarshTask, Problem } from "../harsh-task.ts";
import { oneCall } from "./one-call.ts";

/** An error with a class, a code, a field of its own and a cause that has a class and a code, too. */
export const throwError: HarshTask = {
  name: "throw-error",
  title: "error with class, code, cause",
  hasSecondCall: true,
  play: oneCall("throwError"),
  judge(call) {
    if (call.how !== "error") return ["wrong value"];
    const { error } = call;
    const problems: Problem[] = [];
    if (!error.message.includes("no route to Oslo")) problems.push("message lost");
    if (!error.isTypeError) problems.push("class lost");
    if (error.code !== "E_ROUTE") problems.push("code lost");
    if (error.attempts !== 3) problems.push("fields lost");
    if (error.cause?.class !== "RangeError" || error.cause.code !== "E_ROW")
      problems.push("cause lost");
    return problems;
  },
};
