/**
 * memcpy between threads: the sender copies into one of eight shared slots, the receiver copies out into
 * memory that it has already. A ring written by hand; it can carry nothing but items of 1 MB.
 */
import { isMainThread } from "node:worker_threads";
import type { Sample, Scale } from "../../harness/workload.ts";
import { receiveFromSlots, sendThroughSlots } from "./slots.ts";
import { ITEM_BYTES } from "./workload.ts";

export async function measure(scale: Scale): Promise<Sample> {
  return await sendThroughSlots(scale, new URL(import.meta.url));
}

function addUp(): void {
  const item = new Uint8Array(ITEM_BYTES);
  receiveFromSlots((slot) => {
    item.set(slot);
    return item;
  });
}

if (!isMainThread) addUp();
