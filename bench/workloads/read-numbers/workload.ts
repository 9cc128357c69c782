/** A list of 50,000 numbers with fractions. */
import type { Workload } from "../../harness/workload.ts";

export const workload: Workload = {
  title: "a list of numbers",
  rounds: 3,
  rows: [
    {
      what: "list[i]",
      unit: "ns",
      of: "by-index.view",
      against: "by-index.plain",
      ratio: "cost",
      reach: 10,
    },
    {
      what: "for-of",
      unit: "ns",
      of: "for-of.view",
      against: "for-of.plain",
      ratio: "cost",
      reach: 6,
    },
  ],
};

/** The list that is read. */
export function makeNumbers(): number[] {
  return Array.from({ length: 50_000 }, (_, i) => i * 1.25 + 0.5);
}

/** Adds the list up, element by element. */
export function addByIndex(list: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < list.length; i++) sum += list[i] ?? 0;
  return sum;
}

/** Adds the list up with its iterator. */
export function addByIterator(list: readonly number[]): number {
  let sum = 0;
  for (const number of list) sum += number;
  return sum;
}
