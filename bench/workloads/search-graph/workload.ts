/** Breadth-first search over 100,000 nodes with cycles, with the visited nodes themselves in a Set. */
import type { Node } from "../../data/graph.ts";
import type { Workload } from "../../harness/workload.ts";

export const workload: Workload = {
  title: "search in a graph",
  rounds: 3,
  rows: [
    {
      what: "breadth first, with a Set of nodes",
      unit: "ms",
      of: "breadth-first.view",
      against: "breadth-first.plain",
      ratio: "cost",
      reach: 2,
    },
  ],
};

/** Visits every node that can be reached from the first; nearer ones weigh more. */
export function searchBreadthFirst(nodes: readonly Node[]): number {
  const [start] = nodes;
  if (start === undefined) return 0;
  const seen = new Set<Node>([start]);
  let ring = [start];
  let sum = 0;
  for (let distance = 1; ring.length > 0; distance++) {
    const further: Node[] = [];
    for (const node of ring) {
      sum += node.id / distance;
      for (const next of node.next) {
        if (seen.has(next)) continue;
        seen.add(next);
        further.push(next);
      }
    }
    ring = further;
  }
  return sum;
}
