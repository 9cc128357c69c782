import { perOperation, sideBySide } from "../../harness/timing.ts";
import type { Sample } from "../../harness/workload.ts";
import { READS, readerAndPlain, readNames } from "./workload.ts";

export async function measure(): Promise<Sample> {
  return perOperation(READS, sideBySide(readerAndPlain(), readNames, 1500));
}
