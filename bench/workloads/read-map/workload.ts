/** Looking words up in a Map of 100,000 entries. */
import type { Workload } from "../../harness/workload.ts";

export const workload: Workload = {
  title: "a Map",
  rounds: 3,
  rows: [
    {
      what: "hits among 100,000 keys",
      unit: "ns",
      of: "hit.view",
      against: "hit.plain",
      ratio: "cost",
      reach: 5,
    },
    {
      what: "misses among 100,000 keys",
      unit: "ns",
      of: "miss.view",
      against: "miss.plain",
      ratio: "cost",
      reach: 1.2,
    },
  ],
};

/** How many look-ups a job makes. */
export const LOOKUPS = 100_000;

/** A map, and the words to ask it for. */
export interface Lookup {
  readonly map: ReadonlyMap<string, number>;
  readonly words: readonly string[];
}

/** Adds up what the map says of the words, and counts those that it does not know. */
export function lookUp({ map, words }: Lookup): number {
  let sum = 0;
  for (let i = 0; i < 100_000; i++) sum += map.get(words[i % words.length] ?? "") ?? 1;
  return sum;
}
