/** Reading a table of a million rows, in the steady state: every row has been seen before. */
import type { Product } from "../../data/table.ts";
import type { Workload } from "../../harness/workload.ts";

export const workload: Workload = {
  title: "rows of a table",
  rounds: 3,
  rows: [
    {
      what: "one field of one row, hot",
      unit: "ns",
      of: "field.view",
      against: "field.plain",
      ratio: "cost",
    },
    {
      what: "three fields of random rows, 5,000 hot ones of all",
      unit: "ns",
      of: "random-rows.view",
      against: "random-rows.plain",
      ratio: "cost",
      reach: 5.5,
    },
    {
      what: "scan of all rows, two numbers",
      unit: "ns",
      of: "scan.view",
      against: "scan.plain",
      ratio: "cost",
      reach: 1.2,
    },
    {
      what: "for-of all rows, two numbers",
      unit: "ns",
      of: "for-of.view",
      against: "for-of.plain",
      ratio: "cost",
      reach: 3,
    },
  ],
};

/** Reads one field of the same row, again and again. */
export function readOneField(row: Product): number {
  let sum = 0;
  for (let i = 0; i < 1_000_000; i++) sum += row.price;
  return sum;
}

/** How many rows a job picks: few enough to find moments in which nobody else wants the processor. */
export const PICKS = 20_000;

/** Reads three fields of rows in an order that nobody can foresee. The hot ones lie all over the list. */
export function readRandomRows(rows: readonly Product[]): number {
  const step = rows.length / 5000;
  let sum = 0;
  let state = 1;
  for (let i = 0; i < 20_000; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    const row = rows.at(((state >>> 8) % 5000) * step);
    if (row !== undefined) sum += row.id + row.stock + row.category.length;
  }
  return sum;
}

/** Adds up two numbers of every row. */
export function readAllRows(rows: Iterable<Product>): number {
  let sum = 0;
  for (const { price, stock } of rows) sum += price * stock;
  return sum;
}
