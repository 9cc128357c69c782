/** A graph with cycles: nodes that refer to each other, by far too deep for anything that recurses. */
import { randomFrom } from "./random.ts";

/** A node, and where one gets from it. */
export interface Node {
  readonly id: number;
  readonly next: readonly Node[];
}

/** Makes a graph of `count` nodes with two to ten ways out of each; the same one each time. */
export function makeGraph(count: number): Node[] {
  const random = randomFrom(5);
  const nodes = Array.from({ length: count }, (_, id) => ({ id, next: [] as Node[] }));
  for (const node of nodes) {
    for (let i = 2 + random(9); i > 0; i--) {
      const target = nodes[random(count)];
      if (target !== undefined) node.next.push(target);
    }
  }
  return nodes;
}
