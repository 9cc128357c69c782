import { leastBatchNs } from "../../harness/timing.ts";
import type { Sample } from "../../harness/workload.ts";
import { CYCLES } from "./workload.ts";

export async function measure(): Promise<Sample> {
  const words = new Int32Array(new SharedArrayBuffer(4));
  const cycle = await leastBatchNs(CYCLES, async () => {
    for (let i = 0; i < CYCLES; i++) {
      Atomics.compareExchange(words, 0, 0, 1);
      Atomics.compareExchange(words, 0, 1, 0);
    }
  });
  return { figures: { cycle }, checksum: 3 + (words[0] ?? 0) };
}
