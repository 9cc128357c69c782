import { type Frozen, type Task, current, freeze, spawn, task } from "../../../src/index.ts";
import { type Product, makeTable, readEveryRow, readSomeRows, rowCount } from "../../data/table.ts";
import { residentMB } from "../../harness/memory-use.ts";
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
  const figures = { some: Infinity, every: Infinity, extraMB: Infinity };
  for (let i = 0; i < repeats(scale); i++) {
    const table = freeze(makeTable(rowCount(scale)));
    const before = await residentMB();
    figures.some = Math.min(figures.some, handOver({ table, every: false }));
    figures.extraMB = Math.min(figures.extraMB, (await residentMB()) - before);
  }
  for (let i = 0; i < repeats(scale); i++) {
    const table = freeze(makeTable(rowCount(scale)));
    figures.every = Math.min(figures.every, handOver({ table, every: true }));
  }
  return { figures, checksum: sums.join() };
}
