import { type Frozen, type Task, current, freeze, spawn, task } from "../../../src/index.ts";
import { locate } from "../../../src/memory/location.ts";
import { type Product, makeTable, readSomeRows, rowCount } from "../../data/table.ts";
import { heapMB } from "../../harness/memory-use.ts";
import type { Sample, Scale } from "../../harness/workload.ts";
import { type Answer, READS, THREADS } from "./workload.ts";

export const serve: () => Promise<void> = task(import.meta.url, async function serve() {
  const { quipe } = current<Answer, Frozen<Product[]>>();
  const before = await heapMB();
  const table = await quipe.receive();
  const sum = readSomeRows(table, READS);
  await quipe.send({ sum, extraMB: (await heapMB()) - before });
  await quipe.send({ sum: table.length, extraMB: 0 }); // holds the table until here
});

export async function measure(scale: Scale): Promise<Sample> {
  type Server = Task<void, Frozen<Product[]>, Answer>;
  const before = await heapMB();
  const table = freeze(makeTable(rowCount(scale)));
  const regionMB = (locate(table)?.region.buffer.byteLength ?? NaN) / 1e6;
  const servers = Array.from({ length: THREADS }, () => spawn(serve, []) as Server);
  const answers = await Promise.all(
    servers.map(async ({ quipe }) => {
      await quipe.send(table);
      return quipe.receive();
    }),
  );
  const ownMB = (await heapMB()) - before;
  const allMB = answers.reduce((total, { extraMB }) => total + extraMB, regionMB + ownMB);
  return { figures: { allMB }, checksum: answers.map(({ sum }) => sum).join() };
}
