import { freeze, scan } from "../../../src/index.ts";
import { makeTable, rowCount } from "../../data/table.ts";
import { perOperation, sideBySide } from "../../harness/timing.ts";
import type { Sample, Scale } from "../../harness/workload.ts";
import { readAllRows } from "./workload.ts";

export async function measure(scale: Scale): Promise<Sample> {
  const plain = makeTable(rowCount(scale));
  const view = freeze(plain);
  const subjects = { plain: plain as Iterable<(typeof plain)[0]>, view: scan(view) };
  return perOperation(plain.length, sideBySide(subjects, readAllRows, 2000));
}
