/**
 * A table of 100 MB of heap goes to a task that runs already. What counts is the time until the task has
 * read 100 records, or touched every one, and has said so.
 */
import type { Scale, Workload } from "../../harness/workload.ts";

export const workload: Workload = {
  title: "share 100 MB with a running task",
  rounds: 2,
  rows: [
    {
      what: "hand over, read 100 records",
      unit: "ms",
      of: "quipe.some",
      against: "post-message.some",
      ratio: "cost",
      reach: 0.02,
      atMost: 10,
    },
    {
      what: "hand over, touch every record once",
      unit: "ms",
      of: "quipe.every",
      against: "post-message.every",
      ratio: "cost",
      reach: 0.55,
    },
    {
      what: "heap of one more task that reads 100 records, against the plain data",
      unit: "MB",
      of: "quipe.extraMB",
      against: "post-message.dataMB",
      ratio: "cost",
      reach: 0.02,
    },
  ],
};

/** How often each hand-over is measured, each time with data that the task has not seen. */
export function repeats({ quick }: Scale): number {
  return quick ? 1 : 3;
}

/** Records that are read in the short case. */
export const SOME = 100;
