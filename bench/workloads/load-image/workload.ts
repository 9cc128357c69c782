/** Getting data from a file: a saved image, or JSON text. */
import type { Workload } from "../../harness/workload.ts";

export const workload: Workload = {
  title: "load from a file",
  rounds: 2,
  rows: [
    {
      what: "a table of 1,000,000 rows, 100 of them read",
      unit: "ms",
      of: "quipe.load",
      against: "json-parse.load",
      ratio: "cost",
      reach: 0.05,
    },
  ],
};

/** Rows that are read after loading. */
export const READS = 100;
