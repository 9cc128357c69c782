/** The function that the peers call, in a module of its own, as they want it. */
import type { Pair } from "./workload.ts";

export function add({ a, b }: Pair): number {
  return a + b;
}
