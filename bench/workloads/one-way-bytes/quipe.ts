import { type Task, current, spawn, task } from "../../../src/index.ts";
import { leastBatchNs } from "../../harness/timing.ts";
import type { Sample, Scale } from "../../harness/workload.ts";
import { itemCount, makeItem, weigh } from "./workload.ts";

export const addUp: (count: number) => void = task(
  import.meta.url,
  function addUp(count: number): void {
    const { quipe } = current<number, Uint8Array>();
    for (;;) {
      let sum = 0;
      for (let i = 0; i < count; i++) sum += weigh(quipe.receiveSync());
      quipe.sendSync(sum);
    }
  },
);

export async function measure(scale: Scale): Promise<Sample> {
  const count = itemCount(scale);
  const size = { maxBytes: 8 * 1_048_576 };
  const { quipe } = spawn(addUp, [count], size) as Task<void, Uint8Array, number>;
  const item = makeItem();
  let sum = 0;
  const least = await leastBatchNs(count, async () => {
    for (let i = 0; i < count; i++) {
      item[0] = i;
      quipe.sendSync(item);
    }
    sum = quipe.receiveSync();
  });
  return { figures: { item: least }, checksum: sum };
}
