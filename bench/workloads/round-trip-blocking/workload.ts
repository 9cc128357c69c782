/** A number goes to another thread and comes back; both threads block while they wait. */
import type { Scale, Workload } from "../../harness/workload.ts";

export const workload: Workload = {
  title: "round trip, both sides blocking",
  rounds: 5,
  rows: [
    {
      what: "a number there and back",
      unit: "ns",
      of: "quipe.trip",
      against: "bare-atomics.trip",
      ratio: "cost",
      reach: 1.5,
    },
  ],
};

/** Round trips in one batch. */
export function tripCount({ quick }: Scale): number {
  return quick ? 200 : 2_000;
}
