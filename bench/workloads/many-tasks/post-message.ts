import { once } from "node:events";
import { Worker, isMainThread, parentPort } from "node:worker_threads";
import { type Product, makeTable, readSomeRows, rowCount } from "../../data/table.ts";
import { heapMB } from "../../harness/memory-use.ts";
import type { Sample, Scale } from "../../harness/workload.ts";
import { type Answer, READS, THREADS } from "./workload.ts";

export async function measure(scale: Scale): Promise<Sample> {
  const before = await heapMB();
  const table = structuredClone(makeTable(rowCount(scale))); // with its strings in one piece
  const oneMB = (await heapMB()) - before;
  const workers = Array.from({ length: THREADS }, () => new Worker(new URL(import.meta.url)));
  const answers: Answer[] = [];
  for (const worker of workers) {
    worker.postMessage(table);
    answers.push(...((await once(worker, "message")) as Answer[]));
  }
  const allMB = answers.reduce((total, { extraMB }) => total + extraMB, oneMB);
  return { figures: { oneMB, allMB }, checksum: answers.map(({ sum }) => sum).join() };
}

let kept: readonly Product[] = [];

async function serve(): Promise<void> {
  const before = await heapMB();
  if (parentPort === null) return;
  [kept] = (await once(parentPort, "message")) as [readonly Product[]];
  const sum = readSomeRows(kept, READS);
  parentPort.postMessage({ sum, extraMB: (await heapMB()) - before } satisfies Answer);
}

if (!isMainThread) void serve();
