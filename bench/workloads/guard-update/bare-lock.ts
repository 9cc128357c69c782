import { leastBatchNs } from "../../harness/timing.ts";
import type { Sample } from "../../harness/workload.ts";
import { OBJECTS, UPDATES } from "./workload.ts";

export async function measure(): Promise<Sample> {
  const lock = new Int32Array(new SharedArrayBuffer(4));
  const numbers = new Float64Array(new SharedArrayBuffer(8));
  const update = await leastBatchNs(UPDATES, async () => {
    for (let i = 0; i < UPDATES; i++) {
      while (Atomics.compareExchange(lock, 0, 0, 1) !== 0) Atomics.wait(lock, 0, 1);
      numbers[0] = i;
      if (Atomics.exchange(lock, 0, 0) !== 1) Atomics.notify(lock, 0);
    }
  });
  const objects = Array.from({ length: OBJECTS }, (_, i) => ({ x: i + 0.5, y: i * 0.25 }));
  let time = 0;
  const store = await leastBatchNs(OBJECTS, async () => {
    time++;
    for (let i = 0; i < OBJECTS; i++) (objects[i] as { x: number }).x = i + time * 0.5;
  });
  return { figures: { update, store }, checksum: (numbers[0] ?? 0) + (objects[1]?.y ?? 0) };
}
