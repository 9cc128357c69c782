import { type Task, current, spawn, task } from "../../../src/index.ts";
import { leastBatchNs } from "../../harness/timing.ts";
import type { Sample, Scale } from "../../harness/workload.ts";
import { tripCount } from "./workload.ts";

export const echo: () => Promise<void> = task(
  import.meta.url,
  async function echo(): Promise<void> {
    const { quipe } = current<number, number>();
    for await (const item of quipe) await quipe.send(item + 1);
  },
);

export async function measure(scale: Scale): Promise<Sample> {
  const trips = tripCount(scale);
  const { quipe } = spawn(echo, []) as Task<void, number, number>;
  let sum = 0;
  const least = await leastBatchNs(trips, async () => {
    sum = 0;
    for (let i = 0; i < trips; i++) {
      await quipe.send(i);
      sum += await quipe.receive();
    }
  });
  quipe.close();
  return { figures: { trip: least }, checksum: sum };
}
