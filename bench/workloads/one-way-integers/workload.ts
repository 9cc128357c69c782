/** A stream of whole numbers from one thread to another, until the last one has arrived. */
import type { Scale, Workload } from "../../harness/workload.ts";

export const workload: Workload = {
  title: "integers one way",
  rounds: 5,
  rows: [
    {
      what: "integers, both sides blocking",
      unit: "ns",
      of: "quipe.message",
      against: "post-message.message",
      ratio: "speed",
      reach: 30,
    },
    {
      what: "integers, against a ring written by hand",
      unit: "ns",
      of: "quipe.message",
      against: "bare-atomics.message",
      ratio: "cost",
    },
  ],
};

/** Messages in one batch. */
export function messageCount({ quick }: Scale): number {
  return quick ? 2_000 : 20_000;
}
