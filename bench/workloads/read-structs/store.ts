import { perOperation, sideBySide } from "../../harness/timing.ts";
import type { Sample } from "../../harness/workload.ts";
import { makeParticles, PARTICLES, storeNumbers, TIMES } from "./workload.ts";

export async function measure(): Promise<Sample> {
  return perOperation(PARTICLES * TIMES, sideBySide(makeParticles(), storeNumbers, 1000));
}
