import { type Task, current, spawn, task } from "../../../src/index.ts";
import { leastBatchNs } from "../../harness/timing.ts";
import type { Sample, Scale } from "../../harness/workload.ts";
import { type Item, makeItem, messageCount, weigh } from "./workload.ts";

export const addUp: (count: number) => void = task(
  import.meta.url,
  function addUp(count: number): void {
    const { quipe } = current<number, Item>();
    for (;;) {
      let sum = 0;
      for (let i = 0; i < count; i++) sum += weigh(quipe.receiveSync());
      quipe.sendSync(sum);
    }
  },
);

export async function measure(scale: Scale): Promise<Sample> {
  const count = messageCount(scale);
  const { quipe } = spawn(addUp, [count], { capacity: 1024 }) as Task<void, Item, number>;
  let sum = 0;
  const least = await leastBatchNs(count, async () => {
    for (let i = 0; i < count; i++) quipe.sendSync(makeItem(i));
    sum = quipe.receiveSync();
  });
  return { figures: { message: least }, checksum: sum };
}
