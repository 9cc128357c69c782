import { once } from "node:events";
import { Worker, isMainThread, parentPort } from "node:worker_threads";
import { type Product, makeTable, readEveryRow, readSomeRows, rowCount } from "../../data/table.ts";
import { heapMB } from "../../harness/memory-use.ts";
import type { Sample, Scale } from "../../harness/workload.ts";
import { SOME, repeats } from "./workload.ts";

interface Order {
  readonly table: readonly Product[];
  readonly every: boolean;
}

export async function measure(scale: Scale): Promise<Sample> {
  const before = await heapMB();
  const table = structuredClone(makeTable(rowCount(scale))); // with its strings in one piece
  const dataMB = (await heapMB()) - before;
  const worker = new Worker(new URL(import.meta.url));
  let sums: unknown[] = [];
  const handOver = async (order: Order): Promise<number> => {
    const begin = performance.now();
    worker.postMessage(order);
    const [sum] = (await once(worker, "message")) as [unknown];
    sums.push(sum);
    return performance.now() - begin;
  };
  for (const every of [true, false]) await handOver({ table: makeTable(1000), every });
  sums = [];
  const figures = { some: Infinity, every: Infinity, dataMB };
  for (let i = 0; i < repeats(scale); i++) {
    figures.some = Math.min(figures.some, await handOver({ table, every: false }));
  }
  for (let i = 0; i < repeats(scale); i++) {
    figures.every = Math.min(figures.every, await handOver({ table, every: true }));
  }
  await worker.terminate();
  return { figures, checksum: sums.join() };
}

function serve(): void {
  parentPort?.on("message", ({ table, every }: Order) => {
    parentPort?.postMessage(every ? readEveryRow(table) : readSomeRows(table, SOME));
  });
}

if (!isMainThread) serve();
