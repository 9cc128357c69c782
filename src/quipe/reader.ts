/**
 * Reads what writer.ts wrote, in place: the bytes may lie in shared memory, where the lane guarantees
 * that nobody changes them until they are acknowledged.
 */
import { QuipeBug } from "../errors.ts";
import { native } from "./native-text.ts";
import { SMALL_COUNT, TAG_BITS } from "./tags.ts";
import { TextTable } from "./text-table.ts";

/** The longest text that is looked up before it is made. */
const SHORT_TEXT = 24;
const KEY_SLOTS = 1024;
const LITTLE_ENDIAN = true;
const WORD_BYTES = 4;

/** Reads numbers and strings one after the other. */
export class Reader {
  #bytes: Uint8Array = EMPTY;
  #words: Int32Array = new Int32Array(0);
  #view: DataView = new DataView(EMPTY.buffer);
  #start = 0;
  #at = 0;
  #end = 0;
  readonly #keys: (string | undefined)[] = [];
  readonly #texts = new TextTable(SHORT_TEXT);

  /** Points the reader at `length` bytes of `bytes`, from `start` on. */
  open(bytes: Uint8Array, start: number, length: number): void {
    if (bytes !== this.#bytes) {
      const { buffer, byteOffset, byteLength } = bytes;
      this.#bytes = bytes;
      this.#words = new Int32Array(buffer, byteOffset, Math.floor(byteLength / WORD_BYTES));
      this.#view = new DataView(buffer, byteOffset, byteLength);
    }
    this.#start = start;
    this.#at = start;
    this.#end = start + length;
  }

  /** Lets go of the bytes, so that the reader keeps no buffer alive. */
  close(): void {
    this.open(EMPTY, 0, 0);
  }

  /** Where the next byte lies. */
  get position(): number {
    return this.#at;
  }

  /** Steps over the next words if they are `expected`. */
  skipWords(expected: Int32Array): boolean {
    const { length } = expected;
    if (length * WORD_BYTES > this.#end - this.#at) return false;
    const words = this.#words;
    let at = this.#at >>> 2;
    for (let i = 0; i < length; i++) if (words[at++] !== expected[i]) return false;
    this.#at = at * WORD_BYTES;
    return true;
  }

  /** A copy of the words from `start` to where the reader is. */
  wordsFrom(start: number): Int32Array {
    return new Int32Array(new Uint8Array(this.#bytes.subarray(start, this.#at)).buffer);
  }

  /** A list of keys, in bytes: how many, and then each. */
  keys(): string[] {
    const keys: string[] = [];
    for (let count = this.varint(); count > 0; count--) keys.push(this.key());
    this.fill();
    return keys;
  }

  /** Steps over the next word if it is `expected`. */
  skip(expected: number): boolean {
    if (this.#at >= this.#end || this.#words[this.#at >>> 2] !== expected) return false;
    this.#at += WORD_BYTES;
    return true;
  }

  get done(): boolean {
    return this.#at === this.#end;
  }

  word(): number {
    const at = this.#at;
    if (at + WORD_BYTES > this.#end) throw tooShort();
    this.#at = at + WORD_BYTES;
    return this.#words[at >>> 2] as number;
  }

  /** The count that belongs to a head. */
  count(head: number): number {
    const count = head >>> TAG_BITS;
    return count === SMALL_COUNT ? this.#largeCount() : count;
  }

  #largeCount(): number {
    const count = this.double();
    if (!Number.isSafeInteger(count) || count < 0) throw new QuipeBug("a message has an odd count");
    return count;
  }

  double(): number {
    return this.#view.getFloat64(this.#advance(8), LITTLE_ENDIAN);
  }

  byte(): number {
    const value = this.#bytes[this.#at++];
    if (value === undefined || this.#at > this.#end) throw tooShort();
    return value;
  }

  varint(): number {
    let value = this.byte();
    if (value < 128) return value;
    value &= 127;
    for (let scale = 128; ; scale *= 128) {
      const next = this.byte();
      value += (next & 127) * scale;
      if (next < 128) return value;
    }
  }

  bigint(): bigint {
    const negative = this.byte() === 1;
    const length = this.varint();
    const start = this.#advance(length);
    let digits = "0x0";
    for (const byte of this.#bytes.subarray(start, start + length))
      digits += byte.toString(16).padStart(2, "0");
    this.fill();
    const value = BigInt(digits);
    return negative ? -value : value;
  }

  /** Goes on to a whole word. */
  fill(): void {
    this.#advance(-(this.#at - this.#start) & (WORD_BYTES - 1));
  }

  /** Goes on to the next multiple of 8, counted from the beginning of the message. */
  align(): void {
    this.#advance(-(this.#at - this.#start) & 7);
  }

  /** A copy of the next bytes. */
  raw(length: number): Uint8Array<ArrayBuffer> {
    const start = this.#advance(length);
    this.align();
    return new Uint8Array(this.#bytes.subarray(start, start + length)); // not zeroed first
  }

  /** The next bytes where they lie. */
  part(length: number): Uint8Array {
    const start = this.#advance(length);
    this.align();
    return this.#bytes.subarray(start, start + length);
  }

  latin1(length: number): string {
    const start = this.#advance(length);
    this.fill();
    if (length <= SHORT_TEXT) return this.#texts.at(this.#words, start >>> 2, length);
    return native === undefined
      ? decodeUnits(this.#bytes.slice(start, start + length))
      : native.latin1Slice.call(this.#bytes, start, start + length);
  }

  utf16(length: number): string {
    const start = this.#advance(length * 2);
    this.fill();
    return this.#wide(start, length);
  }

  /** A key, in bytes: a string whose kind is folded into the lowest bit of its length. */
  key(): string {
    const coded = this.varint();
    const length = coded >>> 1;
    return (coded & 1) === 0
      ? this.#knownKey(length)
      : this.#wide(this.#advance(length * 2), length);
  }

  #wide(start: number, length: number): string {
    if (native !== undefined) return native.ucs2Slice.call(this.#bytes, start, start + length * 2);
    const units = new Uint16Array(length);
    for (let i = 0; i < length; i++) units[i] = this.#view.getUint16(start + i * 2, LITTLE_ENDIAN);
    return decodeUnits(units);
  }

  /** Keys come again and again: remembers the last ones. */
  #knownKey(length: number): string {
    const start = this.#advance(length);
    let hash = length;
    for (let i = 0; i < length; i++) hash = (hash * 31 + (this.#bytes[start + i] ?? 0)) | 0;
    const slot = hash & (KEY_SLOTS - 1);
    const known = this.#keys[slot];
    if (known !== undefined && this.#same(known, start, length)) return known;
    const text = decodeUnits(this.#bytes.slice(start, start + length));
    this.#keys[slot] = text;
    return text;
  }

  /** Goes on by `bytes`, which are there, and says where they begin. */
  #advance(bytes: number): number {
    const start = this.#at;
    if (bytes > this.#end - start) throw tooShort();
    this.#at = start + bytes;
    return start;
  }

  #same(known: string, start: number, length: number): boolean {
    if (known.length !== length) return false;
    for (let i = 0; i < length; i++) {
      if (known.charCodeAt(i) !== this.#bytes[start + i]) return false;
    }
    return true;
  }
}

function tooShort(): QuipeBug {
  return new QuipeBug("a message ended too early");
}

const EMPTY = new Uint8Array(0);
const UNITS_AT_ONCE = 4096;

function decodeUnits(units: Uint8Array | Uint16Array): string {
  let text = "";
  for (let i = 0; i < units.length; i += UNITS_AT_ONCE) {
    text += String.fromCharCode(...units.subarray(i, i + UNITS_AT_ONCE));
  }
  return text;
}
