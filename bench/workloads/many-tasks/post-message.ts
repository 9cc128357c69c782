import { once } from "node:events";
import { Worker, isMainThread, parentPort } from "node:worker_threads";
import { type Product, makeTable, readSomeRows, rowCount } from "../../data/table.ts";
import { residentMB } from "../../harness/memory-use.ts";
import type { Sample, Scale } from "../../harness/workload.ts";
import { READS, THREADS } from "./workload.ts";

export async function measure(scale: Scale): Promise<Sample> {
  const workers = Array.from({ length: THREADS }, () => new Worker(new URL(import.meta.url)));
  await Promise.all(workers.map((worker) => once(worker, "message")));
  const before = await residentMB();
  const table = makeTable(rowCount(scale));
  const oneMB = (await residentMB()) - before;
  const sums: unknown[] = [];
  for (const worker of workers) {
    worker.postMessage(table);
    sums.push(...((await once(worker, "message")) as unknown[]));
  }
  const allMB = (await residentMB()) - before;
  return { figures: { oneMB, allMB }, checksum: sums.join() };
}

let kept: readonly Product[] = [];

function serve(): void {
  parentPort?.postMessage("ready");
  parentPort?.on("message", (table: readonly Product[]) => {
    kept = table;
    parentPort?.postMessage(readSomeRows(kept, READS));
  });
}

if (!isMainThread) serve();
