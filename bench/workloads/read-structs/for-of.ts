import { rowCount } from "../../data/table.ts";
import { perOperation, sideBySide } from "../../harness/timing.ts";
import type { Sample, Scale } from "../../harness/workload.ts";
import { readAllRows } from "../read-rows/workload.ts";
import { makeTables } from "./workload.ts";

export async function measure(scale: Scale): Promise<Sample> {
  const rows = rowCount(scale);
  return perOperation(rows, sideBySide(makeTables(rows), readAllRows, 3000));
}
