/**
 * The same ring, but the receiver makes a new array of each item, as it must where it may keep what it has received: by
 * the constructor that copies, the fastest way there is.
 */
import { isMainThread } from "node:worker_threads";
import type { Sample, Scale } from "../../harness/workload.ts";
import { receiveFromSlots, sendThroughSlots } from "./slots.ts";

export async function measure(scale: Scale): Promise<Sample> {
  return await sendThroughSlots(scale, new URL(import.meta.url));
}

if (!isMainThread) receiveFromSlots((slot) => new Uint8Array(slot));
