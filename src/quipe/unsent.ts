/**
 * Items on their way into a lane: encoded, and not published yet.
 *
 *   inline     the ring holds the value
 *   carrying   the same, and the numbers of the shared buffers that it names, where the reaper looks for them
 *   apart      too large for the ring: the value lies in a buffer of its own, and the ring holds that one's number
 */
import { nextBufferId, publishBuffer, reportUnused } from "../sync/buffers.ts";
import type { Parcel } from "../sync/messages.ts";
import { Form } from "./lane-layout.ts";

/** An encoded item that waits for room. */
export class Unsent {
  readonly payload: Uint8Array;
  readonly form: number;
  readonly #apartId: number;

  constructor(payload: Uint8Array, form: number = Form.inline, apartId: number = 0) {
    this.payload = payload;
    this.form = form;
    this.#apartId = apartId;
  }

  /** Lets go of what was prepared for an item that is not sent after all. */
  giveUp(): void {
    if (this.#apartId !== 0) reportUnused(this.#apartId);
  }
}

/**
 * An item that names shared buffers says so at its end, where the reaper looks; its decoder does not need it.
 * One that is too large for the ring lies in a buffer of its own, and the ring carries that buffer's number.
 */
export function prepare(parcel: Parcel, inlineBytes: number): Unsent {
  const { bytes, carries } = parcel;
  const valueWords = Math.ceil(bytes.length / 4);
  const words = valueWords + carries.length + 2;
  if (carries.length === 0 || words * 4 > inlineBytes) {
    const id = publishParcel(parcel);
    return new Unsent(new Uint8Array(Int32Array.of(id).buffer), Form.apart, id);
  }
  const payload = new Int32Array(words);
  new Uint8Array(payload.buffer).set(bytes);
  payload.set([...carries, bytes.length, carries.length], valueWords);
  return new Unsent(new Uint8Array(payload.buffer), Form.carrying);
}

/** Puts a parcel into a buffer of its own and enters that in the directory. Returns its number. */
export function publishParcel({ bytes, carries }: Parcel): number {
  const id = nextBufferId();
  const buffer = new SharedArrayBuffer(bytes.length);
  new Uint8Array(buffer).set(bytes);
  publishBuffer({ id, buffer, holding: "messages", carries });
  return id;
}
