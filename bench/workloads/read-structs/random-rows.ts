import { rowCount } from "../../data/table.ts";
import { perOperation, sideBySide } from "../../harness/timing.ts";
import type { Sample, Scale } from "../../harness/workload.ts";
import { PICKS, readRandomRows } from "../read-rows/workload.ts";
import { makeTables } from "./workload.ts";

export async function measure(scale: Scale): Promise<Sample> {
  return perOperation(PICKS, sideBySide(makeTables(rowCount(scale)), readRandomRows, 3000));
}
