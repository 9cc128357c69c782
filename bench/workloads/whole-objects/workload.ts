/** What takes an object as a whole: its text as JSON, its keys, a copy of it. */
import type { Workload } from "../../harness/workload.ts";

export const workload: Workload = {
  title: "objects as a whole",
  rounds: 3,
  rows: [
    {
      what: "JSON.stringify of 1,000 cities",
      unit: "ms",
      of: "stringify.view",
      against: "stringify.plain",
      ratio: "cost",
      reach: 3,
    },
    {
      what: "Object.keys of 20,000 cities",
      unit: "ms",
      of: "keys.view",
      against: "keys.plain",
      ratio: "cost",
      reach: 3.5,
    },
    {
      what: "{ ...city } of 20,000 cities",
      unit: "ms",
      of: "spread.view",
      against: "spread.plain",
      ratio: "cost",
      reach: 1,
    },
    {
      what: "{ ...row } of 20,000 rows made by a literal",
      unit: "ms",
      of: "spread-literals.view",
      against: "spread-literals.plain",
      ratio: "cost",
      reach: 1,
    },
  ],
};

/** The length of the objects' JSON text. */
export function stringify(list: readonly object[]): number {
  return JSON.stringify(list).length;
}

/** How many keys the objects have. */
export function countKeys(list: readonly object[]): number {
  let count = 0;
  for (const object of list) count += Object.keys(object).length;
  return count;
}

/** Copies each object with one more field. */
export function copyAll(list: readonly object[]): number {
  let sum = 0;
  for (const object of list) sum += { ...object, extra: 1 }.extra;
  return sum;
}
