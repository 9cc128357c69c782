/** What stays on the heap of a task that has gone through a shared table of a million rows, once it is done. */
import type { Workload } from "../../harness/workload.ts";

export const workload: Workload = {
  title: "heap of a task",
  rounds: 2,
  rows: [
    {
      what: "after scan, against the rows as plain objects",
      unit: "MB",
      of: "quipe.afterScanMB",
      against: "plain.rowsMB",
      ratio: "cost",
      atMost: 10,
    },
    {
      what: "after for-of, against the rows as plain objects",
      unit: "MB",
      of: "quipe.afterForOfMB",
      against: "plain.rowsMB",
      ratio: "cost",
      atMost: 16,
    },
  ],
};
