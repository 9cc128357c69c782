import { type Frozen, type Task, current, freeze, spawn, task } from "../../../src/index.ts";
import { type Product, makeTable, readSomeRows, rowCount } from "../../data/table.ts";
import { residentMB } from "../../harness/memory-use.ts";
import type { Sample, Scale } from "../../harness/workload.ts";
import { READS, THREADS } from "./workload.ts";

export const serve: () => Promise<void> = task(import.meta.url, async function serve() {
  const { quipe } = current<number, Frozen<Product[]>>();
  await quipe.send(0);
  const table = await quipe.receive();
  await quipe.send(readSomeRows(table, READS));
  await quipe.receive();
  await quipe.send(table.length);
});

export async function measure(scale: Scale): Promise<Sample> {
  type Server = Task<void, Frozen<Product[]>, number>;
  const servers = Array.from({ length: THREADS }, () => spawn(serve, []) as Server);
  await Promise.all(servers.map(({ quipe }) => quipe.receive()));
  const before = await residentMB();
  const table = freeze(makeTable(rowCount(scale)));
  const sums = await Promise.all(
    servers.map(async ({ quipe }) => {
      await quipe.send(table);
      return quipe.receive();
    }),
  );
  const allMB = (await residentMB()) - before;
  for (const { quipe } of servers) quipe.close();
  return { figures: { allMB }, checksum: sums.join() };
}
