import { pool, task } from "../../../src/index.ts";
import { leastBatchNs } from "../../harness/timing.ts";
import type { Sample, Scale } from "../../harness/workload.ts";
import { type Pair, callCount, threadCount } from "./workload.ts";

export const add: (pair: Pair) => number = task(import.meta.url, function add(pair: Pair): number {
  return pair.a + pair.b;
});

export async function measure(scale: Scale): Promise<Sample> {
  const { atOnce, bursts } = callCount(scale);
  const workers = pool({ size: threadCount });
  let sum = 0;
  const burst = await leastBatchNs(atOnce * bursts, async () => {
    sum = 0;
    for await (const value of workers.map(add, pairs(bursts, atOnce))) sum += value;
  });
  await workers.close();
  return { figures: { burst }, checksum: sum };
}

function* pairs(bursts: number, atOnce: number): Generator<Pair> {
  for (let i = 0; i < bursts; i++) for (let j = 0; j < atOnce; j++) yield { a: i, b: j };
}
