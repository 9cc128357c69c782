import { type Task, current, spawn, task } from "../../../src/index.ts";
import { leastBatchNs } from "../../harness/timing.ts";
import type { Sample, Scale } from "../../harness/workload.ts";
import { type Item, makeItem, messageCount, weigh } from "./workload.ts";

export const addUp: (count: number) => Promise<void> = task(
  import.meta.url,
  async function addUp(count: number): Promise<void> {
    const { quipe } = current<number, Item>();
    let received = 0;
    let sum = 0;
    for await (const item of quipe) {
      sum += weigh(item);
      if (++received % count > 0) continue;
      await quipe.send(sum);
      sum = 0;
    }
  },
);

export async function measure(scale: Scale): Promise<Sample> {
  const count = messageCount(scale);
  const { quipe } = spawn(addUp, [count], { capacity: 1024 }) as Task<void, Item, number>;
  let sum = 0;
  const least = await leastBatchNs(count, async () => {
    for (let i = 0; i < count; i++) await quipe.send(makeItem(i));
    sum = await quipe.receive();
  });
  return { figures: { message: least }, checksum: sum };
}
