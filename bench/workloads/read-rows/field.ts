import { freeze } from "../../../src/index.ts";
import { makeTable } from "../../data/table.ts";
import { perOperation, sideBySide } from "../../harness/timing.ts";
import type { Sample } from "../../harness/workload.ts";
import { readOneField } from "./workload.ts";

export async function measure(): Promise<Sample> {
  const [plain] = makeTable(1);
  if (plain === undefined) throw new Error("there is no row");
  return perOperation(1_000_000, sideBySide({ plain, view: freeze(plain) }, readOneField, 500));
}
