/**
 * Messages into a thread that may be blocked, for browsers: there a blocked thread hears no `postMessage`, so what holds no
 * shared memory goes through a ring of shared bytes that it can read by itself.
 *
 *   reaper ── MailWriter ══ length · text · parts ══ length · … ══ MailReader ── the thread
 *
 * | WRITTEN      | the writer: how many bytes it has put in, modulo 2^32, after the bytes
 * | TAKEN        | the reader: how many it has taken out, after it has copied them
 * | WANTS_ROOM   | the writer, when it has more than fits; the reader takes it back and then asks the writer to go on
 * | SAID         | the reader: how many messages it has posted to the writer's thread, each counted before it is on its way
 *
 * A message of any size gets through: it is written as room comes free, so the writer never waits.
 */
import { add, exchange, load, store } from "./atomics.ts";

const WRITTEN = 0;
const TAKEN = 1;
const WANTS_ROOM = 2;
const SAID = 3;
const HEADER_BYTES = 16;
const RING_BYTES = 65_536;
const LENGTH_BYTES = 4;
const BYTES_MARK = "\u0000bytes";

/** The memory of one such ring. */
export function createMail(): SharedArrayBuffer {
  return new SharedArrayBuffer(HEADER_BYTES + RING_BYTES);
}

/** The words and the bytes of a ring, as one thread sees them. */
class Ring {
  readonly words: Int32Array;
  readonly #bytes: Uint8Array;

  constructor(memory: SharedArrayBuffer) {
    this.words = new Int32Array(memory, 0, HEADER_BYTES / 4);
    this.#bytes = new Uint8Array(memory, HEADER_BYTES, RING_BYTES);
  }

  /** How many bytes lie there. */
  get used(): number {
    return (load(this.words, WRITTEN) - load(this.words, TAKEN)) >>> 0;
  }

  put(source: Uint8Array, at: number): void {
    const begin = at % RING_BYTES;
    const first = Math.min(source.length, RING_BYTES - begin);
    this.#bytes.set(source.subarray(0, first), begin);
    this.#bytes.set(source.subarray(first), 0);
  }

  get(target: Uint8Array, at: number): void {
    const begin = at % RING_BYTES;
    const first = Math.min(target.length, RING_BYTES - begin);
    target.set(this.#bytes.subarray(begin, begin + first), 0);
    target.set(this.#bytes.subarray(0, target.length - first), first);
  }
}

/** Writes messages for one thread. Only one thread has the writer. */
export class MailWriter {
  readonly #ring: Ring;
  /** What did not fit, in order. */
  readonly #rest: Uint8Array[] = [];

  constructor(memory: SharedArrayBuffer) {
    this.#ring = new Ring(memory);
  }

  /** How many messages the reader's thread has said that it has posted. */
  get said(): number {
    return load(this.#ring.words, SAID);
  }

  /** Writes a message: plain data and ArrayBuffers in it. */
  post(message: unknown): void {
    const bytes = packed(message);
    this.#rest.push(lengthOf(bytes), bytes);
    this.goOn();
  }

  /** Writes more of what did not fit; to be called again when the reader says that there is room. */
  goOn(): void {
    const { words } = this.#ring;
    while (this.#rest.length > 0) {
      if (!this.#writeSome()) {
        store(words, WANTS_ROOM, 1);
        if (this.#ring.used === RING_BYTES) return;
      }
    }
  }

  #writeSome(): boolean {
    const [next] = this.#rest;
    const room = RING_BYTES - this.#ring.used;
    if (next === undefined || room === 0) return false;
    const written = load(this.#ring.words, WRITTEN);
    const part = next.subarray(0, room);
    this.#ring.put(part, written >>> 0);
    store(this.#ring.words, WRITTEN, (written + part.length) | 0);
    if (part.length === next.length) this.#rest.shift();
    else this.#rest[0] = next.subarray(part.length);
    return true;
  }
}

/** Reads the messages of its own thread. */
export class MailReader {
  readonly #ring: Ring;
  readonly #askForMore: () => void;
  #message: Uint8Array | undefined;
  #filled = 0;

  /** `askForMore` is called when there is room again that the writer waits for. */
  constructor(memory: SharedArrayBuffer, askForMore: () => void) {
    this.#ring = new Ring(memory);
    this.#askForMore = askForMore;
  }

  /** Counts a message that this thread is about to post to the writer's; or, with -1, that it does not post it after all. */
  countSaid(by: 1 | -1): void {
    add(this.#ring.words, SAID, by);
  }

  /** The next message; undefined if none is there in full. Never waits. */
  take(): unknown {
    this.#message ??= this.#begin();
    if (this.#message === undefined || !this.#fill(this.#message)) return undefined;
    const message = unpacked(this.#message);
    this.#message = undefined;
    return message;
  }

  #begin(): Uint8Array | undefined {
    if (this.#ring.used < LENGTH_BYTES) return undefined;
    const length = new Uint8Array(LENGTH_BYTES);
    this.#read(length);
    this.#filled = 0;
    return new Uint8Array(new DataView(length.buffer).getUint32(0));
  }

  #fill(message: Uint8Array): boolean {
    const part = message.subarray(this.#filled, this.#filled + this.#ring.used);
    if (part.length > 0) this.#read(part);
    this.#filled += part.length;
    return this.#filled === message.length;
  }

  #read(target: Uint8Array): void {
    const { words } = this.#ring;
    const taken = load(words, TAKEN);
    this.#ring.get(target, taken >>> 0);
    store(words, TAKEN, (taken + target.length) | 0);
    if (exchange(words, WANTS_ROOM, 0) !== 0) this.#askForMore();
  }
}

function lengthOf(bytes: Uint8Array): Uint8Array {
  const length = new Uint8Array(LENGTH_BYTES);
  new DataView(length.buffer).setUint32(0, bytes.length);
  return length;
}

/** A text in which buffers are named by their place behind it: length of the text, text, buffers. */
function packed(message: unknown): Uint8Array {
  const parts: Uint8Array[] = [];
  const text = JSON.stringify(message, (_key, value: unknown) => {
    if (!(value instanceof ArrayBuffer) && !(value instanceof SharedArrayBuffer)) return value;
    parts.push(new Uint8Array(value));
    return { [BYTES_MARK]: value.byteLength };
  });
  const encoded = new TextEncoder().encode(text);
  const all = [lengthOf(encoded), encoded, ...parts];
  const bytes = new Uint8Array(all.reduce((sum, part) => sum + part.length, 0));
  let end = 0;
  for (const part of all) {
    bytes.set(part, end);
    end += part.length;
  }
  return bytes;
}

function unpacked(bytes: Uint8Array): unknown {
  const textEnd = LENGTH_BYTES + new DataView(bytes.buffer).getUint32(0);
  let at = textEnd;
  const text = new TextDecoder().decode(bytes.subarray(LENGTH_BYTES, textEnd));
  // The innermost first and in the order of the text, as they were put behind it.
  return JSON.parse(text, (_key, value: unknown) => {
    const length = (value as { readonly [BYTES_MARK]?: number } | null)?.[BYTES_MARK];
    if (length === undefined) return value;
    at += length;
    return bytes.slice(at - length, at).buffer;
  });
}
