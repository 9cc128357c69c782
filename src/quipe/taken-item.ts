/** An item as it lies in a lane, made a value again, or a parcel that goes on elsewhere. */
import { isHere } from "../memory/region-table.ts";
import { hearsWhileBlocked } from "../runtime/host.ts";
import { fetchBuffer } from "../sync/buffers.ts";
import type { Parcel } from "../sync/messages.ts";
import { carriedWith, requireHere } from "../sync/supplied.ts";
import { decode } from "./decode.ts";
import { toParcel } from "./parcels.ts";
import { Form } from "./lane-layout.ts";
import type { Lane } from "./lane-memory.ts";
import type { Peeked } from "./lane.ts";

/** The value of an item that is still in its lane. */
export function valueOf(lane: Lane, { form, start, length, integer }: Peeked): unknown {
  const { bytes, words } = lane;
  if (form === Form.integer) return integer;
  if (form === Form.inline) return decode(bytes, start, length);
  // The words before the end say how long the value is without what it carries.
  if (form === Form.carrying) {
    if (!hearsWhileBlocked()) requireHere(carriedIds(words, start, length), isHere);
    return decode(bytes, start, wordAt(words, start + length - 8));
  }
  const id = wordAt(words, start);
  const apart = fetchBuffer(id);
  requireHere(carriedWith(id), isHere);
  return decode(new Uint8Array(apart), 0, apart.byteLength);
}

/** The number of the buffer in which the value of an item lies apart; 0 if it lies in the lane. */
export function apartId(lane: Lane, { form, start }: Peeked): number {
  return form === Form.apart ? wordAt(lane.words, start) : 0;
}

/** The bytes of an item, and what they name. `words`: where it lies. */
export function itemParcel({ form, start, length, integer }: Peeked, words: Int32Array): Parcel {
  if (form === Form.integer) return toParcel(integer);
  const bytes = new Uint8Array(words.buffer, words.byteOffset + start, length).slice();
  if (form === Form.inline) return { bytes: bytes.buffer, carries: [] };
  if (form === Form.apart) {
    const id = wordAt(words, start);
    return { bytes: fetchBuffer(id), carries: [id] };
  }
  const valueBytes = wordAt(words, start + length - 8);
  return { bytes: bytes.buffer.slice(0, valueBytes), carries: carriedIds(words, start, length) };
}

/** What an item names, which stands behind its value. */
function carriedIds(words: Int32Array, start: number, length: number): number[] {
  const count = wordAt(words, start + length - 4);
  const first = start / 4 + length / 4 - 2 - count;
  return Array.from(words.subarray(first, first + count));
}

function wordAt(words: Int32Array, byte: number): number {
  return words[byte / 4] ?? 0;
}
