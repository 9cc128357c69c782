/** A stream of byte arrays of 1 MB from one thread to another, until the last one has arrived. */
import type { Scale, Workload } from "../../harness/workload.ts";

export const workload: Workload = {
  title: "1 MB byte items one way",
  rounds: 5,
  rows: [
    {
      what: "Uint8Array of 1 MB, against memcpy in and out",
      unit: "ns",
      of: "quipe.item",
      against: "bare-atomics.item",
      ratio: "speed",
      reach: 0.7,
    },
    {
      what: "Uint8Array of 1 MB, against memcpy in and a new array out",
      unit: "ns",
      of: "quipe.item",
      against: "bare-fresh.item",
      ratio: "speed",
    },
    {
      what: "Uint8Array of 1 MB, copied",
      unit: "ns",
      of: "quipe.item",
      against: "post-message.item",
      ratio: "speed",
    },
  ],
};

/** The size of an item. */
export const ITEM_BYTES = 1_048_576;

/** Items in one batch. */
export function itemCount({ quick }: Scale): number {
  return quick ? 16 : 64;
}

/** An item for the sender to send again and again, with its number in its first byte. */
export function makeItem(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(ITEM_BYTES).map((_, i) => i);
}

/** What the receiver adds up for each item: a byte from its beginning, its middle and its end. */
export function weigh(item: Uint8Array): number {
  return item.length + (item[0] ?? 0) + (item[ITEM_BYTES >> 1] ?? 0) * 256 + (item.at(-1) ?? 0);
}
