import { type Frozen, freeze, scan, spawn, task } from "../../../src/index.ts";
import { type Product, makeTable, readEveryRow, rowCount } from "../../data/table.ts";
import { heapMB } from "../../harness/memory-use.ts";
import type { Sample, Scale } from "../../harness/workload.ts";

interface Answer {
  readonly extraMB: number;
  readonly sum: number;
}

type Walk = (table: Frozen<Product[]>, way: "scan" | "for-of") => Promise<Answer>;

export const walk: Walk = task(import.meta.url, async function walk(table, way): Promise<Answer> {
  const before = await heapMB();
  const sum = way === "scan" ? addByScan(table) : readEveryRow(table);
  return { extraMB: (await heapMB()) - before, sum };
} satisfies Walk);

function addByScan(table: Frozen<Product[]>): number {
  let sum = 0;
  for (const row of scan(table)) sum += row.stock;
  return sum;
}

export async function measure(scale: Scale): Promise<Sample> {
  const table = freeze(makeTable(rowCount(scale)));
  const scanned = await spawn(walk, [table, "scan"]).result;
  const walked = await spawn(walk, [table, "for-of"]).result;
  const wrong = scanned.sum === walked.sum ? {} : { wrong: `${scanned.sum} is not ${walked.sum}` };
  const figures = { afterScanMB: scanned.extraMB, afterForOfMB: walked.extraMB };
  return { figures, checksum: scanned.sum, ...wrong };
}
