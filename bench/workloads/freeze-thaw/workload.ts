/** Shared data becomes unalterable and alterable again, while no other task reads it. */
import type { Workload } from "../../harness/workload.ts";

export const workload: Workload = {
  title: "freeze and thaw",
  rounds: 3,
  rows: [
    {
      what: "freeze + tryThaw, against two compare-and-sets",
      unit: "ns",
      of: "quipe.cycle",
      against: "bare-atomics.cycle",
      ratio: "cost",
      atMost: 100,
    },
  ],
};

/** Cycles in one batch. */
export const CYCLES = 10_000;
