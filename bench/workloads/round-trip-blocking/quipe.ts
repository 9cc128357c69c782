import { type Task, current, spawn, task } from "../../../src/index.ts";
import { leastBatchNs } from "../../harness/timing.ts";
import type { Sample, Scale } from "../../harness/workload.ts";
import { tripCount } from "./workload.ts";

export const echo: () => void = task(import.meta.url, function echo(): void {
  const { quipe } = current<number, number>();
  for (;;) {
    const item = quipe.receiveSync();
    quipe.sendSync(item + 1);
    if (item < 0) return;
  }
});

export async function measure(scale: Scale): Promise<Sample> {
  const trips = tripCount(scale);
  const { quipe } = spawn(echo, []) as Task<void, number, number>;
  let sum = 0;
  const least = await leastBatchNs(trips, async () => {
    sum = 0;
    for (let i = 0; i < trips; i++) {
      quipe.sendSync(i);
      sum += quipe.receiveSync();
    }
  });
  quipe.sendSync(-1);
  return { figures: { trip: least }, checksum: sum };
}
