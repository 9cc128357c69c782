/** Looking words up in an object that is used as a dictionary. */
import type { Workload } from "../../harness/workload.ts";

export const workload: Workload = {
  title: "an object as a dictionary",
  rounds: 3,
  rows: [
    {
      what: "hits among 2,500 keys",
      unit: "ns",
      of: "hit.view",
      against: "hit.plain",
      ratio: "cost",
      reach: 3.5,
    },
    {
      what: "misses among 2,500 keys",
      unit: "ns",
      of: "miss.view",
      against: "miss.plain",
      ratio: "cost",
    },
  ],
};

/** How many look-ups a job makes. */
export const LOOKUPS = 100_000;

/** A dictionary, and the words to ask it for. */
export interface Lookup {
  readonly dictionary: Readonly<Record<string, number>>;
  readonly words: readonly string[];
}

/** Adds up what the dictionary says of the words, and counts those that it does not know. */
export function lookUp({ dictionary, words }: Lookup): number {
  let sum = 0;
  for (let i = 0; i < 100_000; i++) sum += dictionary[words[i % words.length] ?? ""] ?? 1;
  return sum;
}
