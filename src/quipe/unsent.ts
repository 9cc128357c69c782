/**
 * Items on their way into a lane: encoded, and not published yet.
 *
 *   inline     the ring holds the value; until then it lies in its encoder, or is kept
 *   carrying   the same, and the numbers of the shared buffers that it names, where the reaper looks for them
 *   apart      too large for the ring: the value lies in a buffer of its own, and the ring holds that one's number
 */
import { QuipeBug } from "../errors.ts";
import { type Traveller, comeBack, depart } from "../memory/travellers.ts";
import { nextBufferId, publishBuffer, reportUnused } from "../sync/buffers.ts";
import type { Parcel } from "../sync/messages.ts";
import { tellReaper } from "../sync/thread.ts";
import { encode } from "./encode.ts";
import type { Encoded } from "./encoded.ts";
import { Form } from "./lane-layout.ts";
import type { Cargo, LaneSender } from "./lane.ts";

/** An encoded value, and what of it is in shared memory: see {@link Encoded}. */
export interface Item extends Pick<Encoded, "carries" | "keeps" | "moves"> {
  readonly bytes: Uint8Array;
}

interface Payload {
  readonly words: Int32Array;
  /** In bytes. */
  readonly length: number;
  readonly form: number;
}

/** The bytes of an encoded value, wherever they lie. */
interface Content {
  readonly length: number;
  copyTo(target: Uint8Array): void;
}

/** An encoded item that waits for room. */
export class Unsent implements Cargo {
  readonly #carries: readonly number[];
  /** What it carries lives by the lane once it lies there; until then by these. */
  readonly keeps: readonly object[];
  /** What it takes away with it. */
  readonly moves: readonly Traveller[];
  /** What goes into the ring; undefined while the item lies in its encoder. */
  #payload: Payload | undefined;
  #encoded: Encoded | undefined;

  constructor({ carries, keeps, moves }: Omit<Item, "bytes">, from: Payload | Encoded) {
    this.#carries = carries;
    this.keeps = keeps;
    this.moves = moves;
    if ("words" in from) this.#payload = from;
    else this.#encoded = from;
  }

  /** Whether it lies in its encoder, from where it can go into the ring. */
  get isEncoded(): boolean {
    return this.#encoded !== undefined;
  }

  /** Whether it names anything that lives by the lane once it lies there. */
  get isCarrying(): boolean {
    return this.#carries.length > 0;
  }

  appendTo(sender: LaneSender): boolean {
    const payload = this.#payload;
    if (payload !== undefined) return sender.append(payload.words, payload.length, payload.form);
    return this.#encoded !== undefined && sender.appendWritten(this.#encoded.writer);
  }

  /** What goes into the ring. Takes the item out of its encoder, which others need while this one waits. */
  keep(): Payload {
    if (this.#payload !== undefined) return this.#payload;
    if (this.#encoded === undefined) throw new QuipeBug("an item has neither bytes nor an encoder");
    const words = new Int32Array(this.#encoded.writer.copy().buffer);
    this.#payload = { words, length: words.byteLength, form: Form.inline };
    this.#release();
    return this.#payload;
  }

  /**
   * The item is in the lane, which alone keeps from now on what it carries; what it moves has left this task. If
   * the receiver has left meanwhile, nobody else knows that the item lies there, or whoever told the reaper of it did so
   * before what it moves was on its way.
   */
  sent(isReceivable: () => boolean): void {
    this.#release();
    depart(this.moves);
    const isLost = !isReceivable();
    if (this.#isApart && (this.isCarrying || isLost)) this.#unused();
    if (isLost && this.moves.length > 0) tellReaper({ kind: "refused", ids: this.#carries });
  }

  /** Lets go of what was prepared for an item that is not sent after all. */
  giveUp(): void {
    comeBack(this.moves);
    this.retract();
  }

  /** Lets go of the buffer made for an item that will be prepared anew; what it moves stays in flight. */
  retract(): void {
    this.#release();
    if (this.#isApart) this.#unused();
  }

  get #isApart(): boolean {
    return this.#payload?.form === Form.apart;
  }

  #unused(): void {
    reportUnused(this.#payload?.words[0] as number);
  }

  #release(): void {
    const encoded = this.#encoded;
    this.#encoded = undefined;
    encoded?.release();
  }
}

/** Makes what goes into the ring of an item that others have encoded, in the form that it needs. */
export function prepare(item: Item, inlineBytes: number): Unsent {
  return new Unsent(item, payloadOf(contentOf(item.bytes), item.carries, inlineBytes));
}

/** Whether an item can go from its encoder into the ring as it is. */
export function isPlain({ writer, carries }: Encoded, inlineBytes: number): boolean {
  return carries.length === 0 && writer.total <= inlineBytes;
}

/**
 * The same as {@link prepare} for an item that lies in its encoder. It stays there if it can go from there into the
 * ring, until it has been sent, kept or given up; otherwise the encoder is not needed any more.
 */
export function prepareEncoded(encoded: Encoded, inlineBytes: number): Unsent {
  if (isPlain(encoded, inlineBytes)) return new Unsent(encoded, encoded);
  const { writer, carries, keeps, moves } = encoded;
  try {
    const length = writer.total;
    const content = { length, copyTo: (target: Uint8Array) => writer.copyTo(target, 0) };
    return new Unsent({ carries, keeps, moves }, payloadOf(content, carries, inlineBytes));
  } catch (error) {
    comeBack(moves);
    throw error;
  } finally {
    encoded.release();
  }
}

/** The same of a value, in memory of its own. Throws `not-sendable`. */
export function prepareValue(value: unknown, inlineBytes: number): Unsent {
  const unsent = prepareEncoded(encode(value), inlineBytes);
  unsent.keep();
  return unsent;
}

function payloadOf(content: Content, carries: readonly number[], inlineBytes: number): Payload {
  const valueWords = Math.ceil(content.length / 4);
  const trailer = carries.length === 0 ? [] : [...carries, content.length, carries.length];
  const bytes = (valueWords + trailer.length) * 4;
  if (bytes > inlineBytes) {
    return { words: Int32Array.of(publishContent(content, carries)), length: 4, form: Form.apart };
  }
  const words = new Int32Array(valueWords + trailer.length);
  content.copyTo(new Uint8Array(words.buffer));
  words.set(trailer, valueWords);
  return trailer.length === 0
    ? { words, length: content.length, form: Form.inline }
    : { words, length: bytes, form: Form.carrying };
}

/** Puts a parcel into a buffer of its own and enters that in the directory. Returns its number. */
export function publishParcel({ bytes, carries }: Parcel): number {
  return publishContent(contentOf(new Uint8Array(bytes)), carries);
}

function contentOf(bytes: Uint8Array): Content {
  return { length: bytes.length, copyTo: (target) => target.set(bytes) };
}

function publishContent(content: Content, carries: readonly number[]): number {
  const id = nextBufferId();
  const buffer = new SharedArrayBuffer(content.length);
  content.copyTo(new Uint8Array(buffer));
  publishBuffer({ id, buffer, holding: "messages", carries });
  return id;
}
