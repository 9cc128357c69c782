import { perOperation, sideBySide } from "../../harness/timing.ts";
import type { Sample } from "../../harness/workload.ts";
import { READS, namesAndPlain, readNames } from "./workload.ts";

export async function measure(): Promise<Sample> {
  return perOperation(READS, sideBySide(namesAndPlain(), readNames, 1500));
}
