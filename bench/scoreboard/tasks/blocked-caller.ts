import { textOf } from "../facts.ts";
import type { HarshTask } from "../harsh-task.ts";
import { tell, watch } from "../stage.ts";
import { EXITED } from "./one-call.ts";

/** The caller blocks its thread until the answer comes, and the thread that owes it exits. */
export const blockedCaller: HarshTask = {
  name: "blocked-caller",
  title: "exits, caller blocked",
  hasSecondCall: false,
  notOffered: ({ contender }) =>
    contender.callBlocking === undefined ? "has no blocking calls" : undefined,
  async play({ contender, patienceMs }) {
    const { callBlocking } = contender;
    tell({ step: "settled", call: await watch(() => callBlocking?.("exit"), patienceMs) });
  },
  judge(call) {
    if (call.how !== "error") return ["wrong value"];
    return EXITED.test(textOf(call.error)) ? [] : ["reason lost"];
  },
};
