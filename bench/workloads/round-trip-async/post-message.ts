import { Worker, isMainThread, parentPort } from "node:worker_threads";
import { leastBatchNs } from "../../harness/timing.ts";
import type { Sample, Scale } from "../../harness/workload.ts";
import { tripCount } from "./workload.ts";

export async function measure(scale: Scale): Promise<Sample> {
  const trips = tripCount(scale);
  const worker = new Worker(new URL(import.meta.url));
  let sum = 0;
  const least = await leastBatchNs(trips, () => {
    sum = 0;
    return new Promise<void>((resolve) => {
      let i = 0;
      worker.removeAllListeners("message");
      worker.on("message", (answer: number) => {
        sum += answer;
        if (++i < trips) worker.postMessage(i);
        else resolve();
      });
      worker.postMessage(0);
    });
  });
  await worker.terminate();
  return { figures: { trip: least }, checksum: sum };
}

if (!isMainThread) parentPort?.on("message", (item: number) => parentPort?.postMessage(item + 1));
