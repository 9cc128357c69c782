/**
 * Eight threads that all use one table of 100 MB of heap. What counts is the shared memory and what is in use on
 * the heaps of all threads, after each has read 10,000 records and while it still holds the table.
 */
import type { Workload } from "../../harness/workload.ts";

export const workload: Workload = {
  title: "eight tasks on one data set",
  rounds: 1,
  rows: [
    {
      what: "memory of all, against one plain copy",
      unit: "MB",
      of: "quipe.allMB",
      against: "post-message.oneMB",
      ratio: "cost",
      reach: 1.3,
    },
    {
      what: "memory of all, against a copy for each",
      unit: "MB",
      of: "quipe.allMB",
      against: "post-message.allMB",
      ratio: "cost",
    },
  ],
};

/** How many threads there are. */
export const THREADS = 8;

/** How many records each of them reads. */
export const READS = 10_000;

/** What a thread says when it is done. */
export interface Answer {
  readonly sum: number;
  readonly extraMB: number;
}
