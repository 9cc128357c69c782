import { type Task, current, spawn, task } from "../../../src/index.ts";
import { leastBatchNs } from "../../harness/timing.ts";
import type { Sample, Scale } from "../../harness/workload.ts";
import { messageCount } from "./workload.ts";

export const addUp: (count: number) => void = task(
  import.meta.url,
  function addUp(count: number): void {
    const { quipe } = current<number, number>();
    for (;;) {
      let sum = 0;
      for (let i = 0; i < count; i++) sum += quipe.receiveSync();
      quipe.sendSync(sum);
    }
  },
);

export async function measure(scale: Scale): Promise<Sample> {
  const count = messageCount(scale);
  const { quipe } = spawn(addUp, [count], { capacity: 1024 }) as Task<void, number, number>;
  let sum = 0;
  const least = await leastBatchNs(count, async () => {
    for (let i = 0; i < count; i++) quipe.sendSync(i);
    sum = quipe.receiveSync();
  });
  return { figures: { message: least }, checksum: sum };
}
