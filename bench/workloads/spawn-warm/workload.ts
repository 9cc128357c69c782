/** From the wish to run something on another thread to the first message that comes back from it. */
import type { Scale, Workload } from "../../harness/workload.ts";

export const workload: Workload = {
  title: "spawn, first message back",
  rounds: 3,
  rows: [
    {
      what: "a warm worker, against a new Worker",
      unit: "ns",
      of: "quipe.warm",
      against: "new-worker.start",
      ratio: "cost",
      reach: 0.02,
    },
    {
      what: "the first task of a program",
      unit: "ns",
      of: "quipe.first",
      against: "new-worker.start",
      ratio: "cost",
    },
  ],
};

/** How often a start is measured. */
export function startCount({ quick }: Scale): number {
  return quick ? 3 : 40;
}
