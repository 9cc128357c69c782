import { type Frozen, type Task, current, freeze, spawn, task } from "../../../src/index.ts";
import { type Product, makeTable, readEveryRow, readSomeRows, rowCount } from "../../data/table.ts";
import { heapMB } from "../../harness/memory-use.ts";
import type { Sample, Scale } from "../../harness/workload.ts";
import { SOME, repeats } from "./workload.ts";

interface Order {
  readonly table: Frozen<Product[]>;
  readonly every: boolean;
}

export const serve: () => void = task(import.meta.url, function serve() {
  const { quipe } = current<number, Order>();
  const kept: unknown[] = [];
  for (;;) {
    const { table, every } = quipe.receiveSync();
    quipe.sendSync(every ? readEveryRow(table) : readSomeRows(table, SOME));
    kept.push(table);
  }
});

/** Tells how much more of its heap is in use once it has read some records of what it is sent. */
export const weigh: () => Promise<number> = task(import.meta.url, async function weigh() {
  const { quipe } = current<string, Frozen<Product[]>>();
  const before = await heapMB();
  const table = await quipe.receive();
  readSomeRows(table, SOME);
  const extraMB = (await heapMB()) - before;
  await quipe.send(`read some of ${table.length}`); // holds the table until here
  return extraMB;
});

export async function measure(scale: Scale): Promise<Sample> {
  const { quipe } = spawn(serve, []) as Task<void, Order, number>;
  const sums: number[] = [];
  const handOver = (order: Order): number => {
    const begin = performance.now();
    quipe.sendSync(order);
    sums.push(quipe.receiveSync());
    return performance.now() - begin;
  };
  for (const every of [true, false]) handOver({ table: freeze(makeTable(1000)), every });
  sums.length = 0;
  const figures = { some: Infinity, every: Infinity };
  for (let i = 0; i < repeats(scale); i++) {
    const table = freeze(makeTable(rowCount(scale)));
    figures.some = Math.min(figures.some, handOver({ table, every: false }));
  }
  for (let i = 0; i < repeats(scale); i++) {
    const table = freeze(makeTable(rowCount(scale)));
    figures.every = Math.min(figures.every, handOver({ table, every: true }));
  }
  const weighing = spawn(weigh, []) as Task<number, Frozen<Product[]>, string>;
  await weighing.quipe.send(freeze(makeTable(rowCount(scale))));
  const extraMB = await weighing.result;
  return { figures: { ...figures, extraMB }, checksum: sums.join() };
}
