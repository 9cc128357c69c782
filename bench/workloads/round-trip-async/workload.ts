/** A number goes to another thread and comes back; both threads keep their event loops running. */
import type { Scale, Workload } from "../../harness/workload.ts";

export const workload: Workload = {
  title: "round trip, both sides asynchronous",
  rounds: 5,
  rows: [
    {
      what: "a number there and back",
      unit: "ns",
      of: "quipe.trip",
      against: "post-message.trip",
      ratio: "cost",
      reach: 1,
    },
  ],
};

/** Round trips in one batch. */
export function tripCount({ quick }: Scale): number {
  return quick ? 200 : 1_000;
}
