/** Walking a deep JSON tree of 380,000 objects with for-in, as a program does that does not know its keys. */
import type { Tree } from "../../data/browser-data.ts";
import type { Workload } from "../../harness/workload.ts";

export const workload: Workload = {
  title: "a whole JSON tree",
  rounds: 3,
  rows: [
    {
      what: "walk, everything seen before",
      unit: "ms",
      of: "walk.view",
      against: "walk.plain",
      ratio: "cost",
      reach: 1.8,
    },
    {
      what: "walk, everything touched for the first time",
      unit: "ms",
      of: "walk.first",
      against: "walk.plain",
      ratio: "cost",
      reach: 10,
    },
  ],
};

/** Counts keys and adds up the lengths of the strings. */
export function walk(root: Tree): number {
  function visit(tree: Tree): number {
    let sum = 0;
    for (const key in tree) {
      const child = tree[key];
      sum += 1;
      if (typeof child === "object" && child !== null) sum += visit(child);
      else if (typeof child === "string") sum += child.length;
    }
    return sum;
  }
  return visit(root);
}
