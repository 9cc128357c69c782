import { freeze } from "../../../src/index.ts";
import { makeTable } from "../../data/table.ts";
import { sideBySide } from "../../harness/timing.ts";
import type { Sample } from "../../harness/workload.ts";
import { copyAll } from "./workload.ts";

export async function measure(): Promise<Sample> {
  const plain: readonly object[] = makeTable(20_000);
  return sideBySide({ plain, view: freeze(plain) }, copyAll, 1000);
}
