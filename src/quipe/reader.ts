/**
 * Reads what writer.ts wrote, in place: the bytes may lie in shared memory, where the lane guarantees
 * that nobody changes them until they are acknowledged.
 */
import { QuipeBug } from "../errors.ts";

/** Shorter strings are put together code unit by code unit; longer ones by the runtime. */
const LOOP_LIMIT = 24;
const KEY_SLOTS = 1024;
const LITTLE_ENDIAN = true;

interface NativeText {
  latin1Slice(this: Uint8Array, start: number, end: number): string;
  ucs2Slice(this: Uint8Array, start: number, end: number): string;
}

/** Reads numbers and strings one after the other. */
export class Reader {
  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(new ArrayBuffer(0));
  #start = 0;
  #at = 0;
  #end = 0;
  readonly #keys: (string | undefined)[] = [];

  /** Points the reader at `length` bytes of `bytes`, from `start` on. */
  open(bytes: Uint8Array, start: number, length: number): void {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
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

  /** The next two bytes as a number. */
  mark(): number {
    return this.#view.getUint16(this.#advance(2), LITTLE_ENDIAN);
  }

  /** Steps over the next words of 4 bytes if they are `expected`. */
  skipWords(expected: Int32Array): boolean {
    const { length } = expected;
    let at = this.#at;
    if (length * 4 > this.#end - at) return false;
    const view = this.#view;
    for (let i = 0; i < length; i++, at += 4) {
      if (view.getInt32(at, LITTLE_ENDIAN) !== expected[i]) return false;
    }
    this.#at = at;
    return true;
  }

  /** Goes on to a whole number of words of 4 bytes after `start`, and copies them. */
  wordsFrom(start: number): Int32Array {
    this.#advance(-(this.#at - start) & 3);
    return new Int32Array(new Uint8Array(this.#bytes.subarray(start, this.#at)).buffer);
  }

  /** Goes back to `position`. */
  back(position: number): void {
    this.#at = position;
  }

  /** A list of keys: how many, and then each. */
  keys(): string[] {
    const keys: string[] = [];
    for (let count = this.varint(); count > 0; count--) keys.push(this.key());
    return keys;
  }

  /** Steps over the next byte if it is `expected`. */
  skip(expected: number): boolean {
    if (this.#at >= this.#end || this.#bytes[this.#at] !== expected) return false;
    this.#at += 1;
    return true;
  }

  get done(): boolean {
    return this.#at === this.#end;
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

  zigzag(): number {
    const value = this.varint();
    return (value >>> 1) ^ -(value & 1);
  }

  double(): number {
    return this.#view.getFloat64(this.#advance(8), true);
  }

  bigint(): bigint {
    const negative = this.byte() === 1;
    const magnitude = this.raw(this.varint());
    let digits = "0x0";
    for (const byte of magnitude) digits += byte.toString(16).padStart(2, "0");
    const value = BigInt(digits);
    return negative ? -value : value;
  }

  /** Goes on to the next multiple of 8, counted from the beginning of the message. */
  align(): void {
    this.#advance(-(this.#at - this.#start) & 7);
  }

  /** A copy of the next bytes. */
  raw(length: number): Uint8Array<ArrayBuffer> {
    const start = this.#advance(length);
    return new Uint8Array(this.#bytes.subarray(start, start + length)); // not zeroed first
  }

  latin1(length: number): string {
    const start = this.#advance(length);
    if (length <= LOOP_LIMIT) return this.#shortLatin1(start, length);
    return native === undefined
      ? decodeUnits(this.#bytes.slice(start, this.#at))
      : native.latin1Slice.call(this.#bytes, start, this.#at);
  }

  utf16(length: number): string {
    const start = this.#advance(length * 2);
    if (native !== undefined) return native.ucs2Slice.call(this.#bytes, start, this.#at);
    const units = new Uint16Array(length);
    for (let i = 0; i < length; i++) units[i] = this.#view.getUint16(start + i * 2, true);
    return decodeUnits(units);
  }

  /** A key: a string whose kind is folded into the lowest bit of its length. */
  key(): string {
    const coded = this.varint();
    return (coded & 1) === 0 ? this.#knownLatin1(coded >>> 1) : this.utf16(coded >>> 1);
  }

  /** Like {@link latin1}, for strings that come again and again: remembers the last ones. */
  #knownLatin1(length: number): string {
    const start = this.#at;
    if (length > this.#end - start) throw tooShort();
    let hash = length;
    for (let i = 0; i < length; i++) hash = (hash * 31 + (this.#bytes[start + i] ?? 0)) | 0;
    const slot = hash & (KEY_SLOTS - 1);
    const known = this.#keys[slot];
    if (known !== undefined && this.#same(known, start, length)) {
      this.#at = start + length;
      return known;
    }
    const text = this.latin1(length);
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

  #shortLatin1(start: number, length: number): string {
    let text = "";
    for (let i = 0; i < length; i++) text += String.fromCharCode(this.#bytes[start + i] ?? 0);
    return text;
  }
}

function tooShort(): QuipeBug {
  return new QuipeBug("a message ended too early");
}

const EMPTY = new Uint8Array(0);
const UNITS_AT_ONCE = 4096;

/** Buffer's own decoders are several times faster than a TextDecoder, and keep every code unit as it is. */
const native: NativeText | undefined = nativeText();

function nativeText(): NativeText | undefined {
  const prototype: unknown = globalThis.Buffer?.prototype;
  return typeof prototype === "object" && prototype !== null && "latin1Slice" in prototype
    ? (prototype as unknown as NativeText)
    : undefined;
}

function decodeUnits(units: Uint8Array | Uint16Array): string {
  let text = "";
  for (let i = 0; i < units.length; i += UNITS_AT_ONCE) {
    text += String.fromCharCode(...units.subarray(i, i + UNITS_AT_ONCE));
  }
  return text;
}
