/** The one copy that is made: plain data goes into shared memory. */
import type { Scale, Workload } from "../../harness/workload.ts";
import { readBrowserData } from "../../data/browser-data.ts";
import { makeTable, rowCount } from "../../data/table.ts";
import { makeWords } from "../../data/words.ts";

export const workload: Workload = {
  title: "freeze plain data",
  rounds: 3,
  rows: [
    {
      what: "1,000,000 rows, in time",
      unit: "ms",
      of: "quipe.rows",
      against: "structured-clone.rows",
      ratio: "cost",
      reach: 0.5,
    },
    {
      what: "a JSON tree of 15 MB, in time",
      unit: "ms",
      of: "quipe.tree",
      against: "structured-clone.tree",
      ratio: "cost",
      reach: 1.1,
    },
    {
      what: "250,000 different words, in time",
      unit: "ms",
      of: "quipe.words",
      against: "structured-clone.words",
      ratio: "cost",
      reach: 2,
    },
    {
      what: "1,000,000 rows, in memory, against the heap",
      unit: "MB",
      of: "quipe.rowsMB",
      against: "structured-clone.rowsMB",
      ratio: "cost",
      reach: 0.5,
    },
    {
      what: "a JSON tree, in memory, against the heap",
      unit: "MB",
      of: "quipe.treeMB",
      against: "structured-clone.treeMB",
      ratio: "cost",
      reach: 0.5,
    },
  ],
};

/** The data that is copied, each made when it is asked for. */
export function makeSources(
  scale: Scale,
): Readonly<Record<"rows" | "tree" | "words", () => unknown>> {
  return {
    rows: () => makeTable(rowCount(scale)),
    tree: () => readBrowserData(scale),
    words: () => makeWords(scale.quick ? 10_000 : 250_000),
  };
}
