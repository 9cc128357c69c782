import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freeze, load, save } from "../../../src/index.ts";
import { type Product, makeTable, readSomeRows, rowCount } from "../../data/table.ts";
import { leastMs } from "../../harness/timing.ts";
import type { Sample, Scale } from "../../harness/workload.ts";
import { READS } from "./workload.ts";

export async function measure(scale: Scale): Promise<Sample> {
  const folder = await mkdtemp(join(tmpdir(), "quipe-bench-"));
  const file = join(folder, "table.image");
  await save(freeze(makeTable(rowCount(scale))), file);
  let sum = 0;
  const ms = await leastMs(5, async () => {
    sum = readSomeRows(await load<Product[]>(file), READS);
  });
  await rm(folder, { recursive: true });
  return { figures: { load: ms }, checksum: sum };
}
