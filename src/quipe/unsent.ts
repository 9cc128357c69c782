/**
 * Items on their way into a lane: encoded, and not published yet.
 *
 *   inline     the ring holds the value
 *   carrying   the same, and the numbers of the shared buffers that it names, where the reaper looks for them
 *   apart      too large for the ring: the value lies in a buffer of its own, and the ring holds that one's number
 */
import { type Traveller, comeBack, depart } from "../memory/travellers.ts";
import { nextBufferId, publishBuffer, reportUnused } from "../sync/buffers.ts";
import type { Parcel } from "../sync/messages.ts";
import { type Encoded, encode } from "./encode.ts";
import { Form } from "./lane-layout.ts";

/** An encoded value, and the regions that it moves. */
export interface Item {
  readonly bytes: Uint8Array;
  readonly carries: readonly number[];
  readonly moves: readonly Traveller[];
}

/** An encoded item that waits for room. */
export class Unsent {
  readonly payload: Int32Array;
  /** In bytes. */
  readonly length: number;
  readonly form: number;
  readonly #carries: readonly number[];
  /** What it takes away with it. */
  readonly moves: readonly Traveller[];

  constructor(item: Item, { payload, length, form }: Pick<Unsent, "payload" | "length" | "form">) {
    this.#carries = item.carries;
    this.moves = item.moves;
    this.payload = payload;
    this.length = length;
    this.form = form;
  }

  /**
   * The item is in the lane, which alone keeps from now on what it carries; what it moves has left this task. If
   * the receiver has left meanwhile, nobody else knows that the item lies there.
   */
  sent(isReceivable: boolean): void {
    const isApart = this.form === Form.apart;
    if (isApart && (this.#carries.length > 0 || !isReceivable))
      reportUnused(this.payload[0] as number);
    depart(this.moves);
  }

  /** Lets go of what was prepared for an item that is not sent after all. */
  giveUp(): void {
    comeBack(this.moves);
    this.retract();
  }

  /** Lets go of the buffer made for an item that will be prepared anew; what it moves stays in flight. */
  retract(): void {
    if (this.form === Form.apart) reportUnused(this.payload[0] as number);
  }
}

/** Makes what goes into the ring of an item, in the form that it needs. */
export function prepare(item: Item, inlineBytes: number): Unsent {
  const { bytes, carries } = item;
  const valueWords = Math.ceil(bytes.length / 4);
  const trailer = carries.length === 0 ? [] : [...carries, bytes.length, carries.length];
  const payload = new Int32Array(valueWords + trailer.length);
  if (payload.byteLength > inlineBytes) {
    const reference = Int32Array.of(publishBytes(bytes, carries));
    return new Unsent(item, { payload: reference, length: 4, form: Form.apart });
  }
  new Uint8Array(payload.buffer).set(bytes);
  payload.set(trailer, valueWords);
  return trailer.length === 0
    ? new Unsent(item, { payload, length: bytes.length, form: Form.inline })
    : new Unsent(item, { payload, length: payload.byteLength, form: Form.carrying });
}

/** The same of what was just encoded. */
export function prepareEncoded({ writer, carries, moves }: Encoded, inlineBytes: number): Unsent {
  const bytes = writer.isWhole ? writer.bytes.subarray(0, writer.length) : writer.copy();
  return prepare({ bytes, carries, moves }, inlineBytes);
}

/** The same of a value. Throws `not-sendable`. */
export function prepareValue(value: unknown, inlineBytes: number): Unsent {
  const encoded = encode(value);
  try {
    return prepareEncoded(encoded, inlineBytes);
  } catch (error) {
    comeBack(encoded.moves);
    throw error;
  } finally {
    encoded.release();
  }
}

/** Puts a parcel into a buffer of its own and enters that in the directory. Returns its number. */
export function publishParcel({ bytes, carries }: Parcel): number {
  return publishBytes(new Uint8Array(bytes), carries);
}

function publishBytes(bytes: Uint8Array, carries: readonly number[]): number {
  const id = nextBufferId();
  const buffer = new SharedArrayBuffer(bytes.length);
  new Uint8Array(buffer).set(bytes);
  publishBuffer({ id, buffer, holding: "messages", carries });
  return id;
}
