/**
 * Items on their way into a lane: encoded, and not published yet.
 *
 *   inline     the ring holds the value
 *   carrying   the same, and the numbers of the shared buffers that it names, where the reaper looks for them
 *   apart      too large for the ring: the value lies in a buffer of its own, and the ring holds that one's number
 */
import { comeBack, depart } from "../memory/flight.ts";
import type { Region } from "../memory/region.ts";
import { nextBufferId, publishBuffer, reportUnused } from "../sync/buffers.ts";
import type { Parcel } from "../sync/messages.ts";
import { Form } from "./lane-layout.ts";
import type { Turn } from "./turns.ts";

/** An encoded item that waits for room. */
export class Unsent implements Turn {
  readonly payload: Int32Array;
  /** In bytes. */
  readonly length: number;
  readonly form: number;
  isServed = false;
  #moves: readonly Region[] = [];

  constructor(payload: Int32Array, length: number, form: number) {
    this.payload = payload;
    this.length = length;
    this.form = form;
  }

  /** With the regions that the item moves. */
  moving(regions: readonly Region[]): this {
    this.#moves = regions;
    return this;
  }

  /** The item is in the lane, which alone carries it from now on: what it moves has left this task. */
  sent(): void {
    if (this.form === Form.apart) reportUnused(this.payload[0] as number);
    depart(this.#moves);
  }

  /** Lets go of what was prepared for an item that is not sent after all. */
  giveUp(): void {
    comeBack(this.#moves);
    if (this.form === Form.apart) reportUnused(this.payload[0] as number);
  }
}

/** Makes an item of a parcel, in the form that it needs. */
export function prepare(parcel: Parcel, inlineBytes: number): Unsent {
  const { bytes, carries } = parcel;
  const valueWords = Math.ceil(bytes.length / 4);
  const trailer = carries.length === 0 ? [] : [...carries, bytes.length, carries.length];
  const payload = new Int32Array(valueWords + trailer.length);
  if (payload.byteLength > inlineBytes) {
    return new Unsent(Int32Array.of(publishParcel(parcel)), 4, Form.apart);
  }
  new Uint8Array(payload.buffer).set(bytes);
  payload.set(trailer, valueWords);
  return trailer.length === 0
    ? new Unsent(payload, bytes.length, Form.inline)
    : new Unsent(payload, payload.byteLength, Form.carrying);
}

/** Puts a parcel into a buffer of its own and enters that in the directory. Returns its number. */
export function publishParcel({ bytes, carries }: Parcel): number {
  const id = nextBufferId();
  const buffer = new SharedArrayBuffer(bytes.length);
  new Uint8Array(buffer).set(bytes);
  publishBuffer({ id, buffer, holding: "messages", carries });
  return id;
}
