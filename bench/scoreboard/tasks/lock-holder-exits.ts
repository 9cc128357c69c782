import type { HarshTask } from "../harsh-task.ts";
import { tell, watch } from "../stage.ts";

/** A thread exits inside a lock, between two writes. The lock comes free, and nobody sees one write alone. */
export const lockHolderExits: HarshTask = {
  name: "lock-holder-exits",
  title: "exits inside a lock",
  hasSecondCall: false,
  notOffered: ({ contender }) =>
    contender.pairAfterHolderExits === undefined ? "has no locks" : undefined,
  async play({ contender, patienceMs }) {
    const run = contender.pairAfterHolderExits ?? (() => undefined);
    tell({ step: "settled", call: await watch(run, patienceMs) });
  },
  judge(call) {
    if (call.how !== "value" || !Array.isArray(call.value)) return ["wrong value"];
    return call.value[0] === call.value[1] ? [] : ["half-written data"];
  },
};
