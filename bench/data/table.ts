/** A table as it comes out of a database or a CSV file: a million rows of six fields are about 100 MB of heap. */
import { randomFrom } from "./random.ts";

/** One row. */
export interface Product {
  readonly id: number;
  readonly name: string;
  readonly category: string;
  readonly price: number;
  readonly stock: number;
  readonly active: boolean;
}

const CATEGORIES = ["books", "music", "garden", "kitchen", "toys", "sport", "tools", "office"];

/** How many rows a table has at each scale. */
export function rowCount({ quick }: { readonly quick: boolean }): number {
  return quick ? 50_000 : 1_000_000;
}

/** Makes a table; the same one each time. */
export function makeTable(rows: number): Product[] {
  const random = randomFrom(7);
  return Array.from({ length: rows }, (_, id) => ({
    id,
    name: `product ${id} of ${random(1000)}`,
    category: CATEGORIES[random(CATEGORIES.length)] ?? "",
    price: random(100_000) / 100,
    stock: random(500),
    active: random(4) > 0,
  }));
}

/** Reads all six fields of `count` rows, all over the table. */
export function readSomeRows(table: readonly Product[], count: number): number {
  const random = randomFrom(11);
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const row = table[random(table.length)];
    if (row === undefined) throw new Error("a row is missing");
    sum +=
      row.id + row.price + row.stock + row.name.length + row.category.length + (row.active ? 1 : 0);
  }
  return sum;
}

/** Reads a field of every row. */
export function readEveryRow(table: readonly Product[]): number {
  let sum = 0;
  for (const row of table) sum += row.stock;
  return sum;
}
