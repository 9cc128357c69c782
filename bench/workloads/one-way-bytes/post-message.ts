/** Eight items may be on their way, as many as the others have room for: more would only fill the memory. */
import { once } from "node:events";
import { Worker, isMainThread, parentPort } from "node:worker_threads";
import { leastBatchNs } from "../../harness/timing.ts";
import type { Sample, Scale } from "../../harness/workload.ts";
import { itemCount, makeItem, weigh } from "./workload.ts";

const AHEAD = 8;

export async function measure(scale: Scale): Promise<Sample> {
  const count = itemCount(scale);
  const worker = new Worker(new URL(import.meta.url));
  const item = makeItem();
  let sum: unknown;
  const least = await leastBatchNs(count, async () => {
    for (let i = 0; i < count; i++) {
      item[0] = i;
      worker.postMessage(item);
      if (i % AHEAD === AHEAD - 1) await once(worker, "message");
    }
    worker.postMessage(undefined);
    [sum] = await once(worker, "message");
  });
  await worker.terminate();
  return { figures: { item: least }, checksum: sum as number };
}

function addUp(): void {
  let received = 0;
  let sum = 0;
  parentPort?.on("message", (item: Uint8Array | undefined) => {
    if (item === undefined) {
      parentPort?.postMessage(sum);
      sum = received = 0;
      return;
    }
    sum += weigh(item);
    if (++received % AHEAD === 0) parentPort?.postMessage("more");
  });
}

if (!isMainThread) addUp();
