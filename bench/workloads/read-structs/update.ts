import { perOperation, sideBySide } from "../../harness/timing.ts";
import type { Sample } from "../../harness/workload.ts";
import { makeParticles, PARTICLES, TIMES, updateNumbers } from "./workload.ts";

export async function measure(): Promise<Sample> {
  return perOperation(PARTICLES * TIMES, sideBySide(makeParticles(), updateNumbers, 1000));
}
