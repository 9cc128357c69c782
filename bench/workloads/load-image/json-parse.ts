import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Product, makeTable, readSomeRows, rowCount } from "../../data/table.ts";
import { leastMs } from "../../harness/timing.ts";
import type { Sample, Scale } from "../../harness/workload.ts";
import { READS } from "./workload.ts";

export async function measure(scale: Scale): Promise<Sample> {
  const folder = await mkdtemp(join(tmpdir(), "quipe-bench-"));
  const file = join(folder, "table.json");
  await writeFile(file, JSON.stringify(makeTable(rowCount(scale))));
  let sum = 0;
  const ms = await leastMs(4, async () => {
    sum = readSomeRows(JSON.parse(await readFile(file, "utf8")) as Product[], READS);
  });
  await rm(folder, { recursive: true });
  return { figures: { load: ms }, checksum: sum };
}
