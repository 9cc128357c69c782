import { freeze } from "../../../src/index.ts";
import { makeTable, rowCount } from "../../data/table.ts";
import { perOperation, sideBySide } from "../../harness/timing.ts";
import type { Sample, Scale } from "../../harness/workload.ts";
import { PICKS, readRandomRows } from "./workload.ts";

export async function measure(scale: Scale): Promise<Sample> {
  const plain = makeTable(rowCount(scale));
  return perOperation(PICKS, sideBySide({ plain, view: freeze(plain) }, readRandomRows, 3000));
}
