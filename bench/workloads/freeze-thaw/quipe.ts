import { freeze, share, tryThaw } from "../../../src/index.ts";
import { leastBatchNs } from "../../harness/timing.ts";
import type { Sample } from "../../harness/workload.ts";
import { CYCLES } from "./workload.ts";

export async function measure(): Promise<Sample> {
  const table = share({ rows: [{ id: 1 }, { id: 2 }] });
  const cycle = await leastBatchNs(CYCLES, async () => {
    for (let i = 0; i < CYCLES; i++) tryThaw(freeze(table));
  });
  table.rows.push({ id: 3 }); // throws unless it is thawed
  return { figures: { cycle }, checksum: table.rows.length };
}
