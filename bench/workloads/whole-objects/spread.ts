import { freeze } from "../../../src/index.ts";
import { readCities } from "../../data/cities.ts";
import { sideBySide } from "../../harness/timing.ts";
import type { Sample } from "../../harness/workload.ts";
import { copyAll } from "./workload.ts";

export async function measure(): Promise<Sample> {
  const plain: readonly object[] = readCities(20_000);
  return sideBySide({ plain, view: freeze(plain) }, copyAll, 1000);
}
