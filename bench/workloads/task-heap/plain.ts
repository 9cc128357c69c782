import { makeTable, readEveryRow, rowCount } from "../../data/table.ts";
import { heapMB } from "../../harness/memory-use.ts";
import type { Sample, Scale } from "../../harness/workload.ts";

export async function measure(scale: Scale): Promise<Sample> {
  const before = await heapMB();
  const table = structuredClone(makeTable(rowCount(scale))); // with its strings in one piece
  const rowsMB = (await heapMB()) - before;
  return { figures: { rowsMB }, checksum: readEveryRow(table) };
}
