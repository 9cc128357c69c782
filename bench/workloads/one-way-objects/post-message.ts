import { once } from "node:events";
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";
import { leastBatchNs } from "../../harness/timing.ts";
import type { Sample, Scale } from "../../harness/workload.ts";
import { type Item, makeItem, messageCount, weigh } from "./workload.ts";

export async function measure(scale: Scale): Promise<Sample> {
  const count = messageCount(scale);
  const worker = new Worker(new URL(import.meta.url), { workerData: count });
  let sum: unknown;
  const least = await leastBatchNs(count, async () => {
    for (let i = 0; i < count; i++) worker.postMessage(makeItem(i));
    [sum] = await once(worker, "message");
  });
  await worker.terminate();
  return { figures: { message: least }, checksum: sum as number };
}

function addUp(count: number): void {
  let received = 0;
  let sum = 0;
  parentPort?.on("message", (item: Item) => {
    sum += weigh(item);
    if (++received % count > 0) return;
    parentPort?.postMessage(sum);
    sum = 0;
  });
}

if (!isMainThread) addUp(workerData as number);
