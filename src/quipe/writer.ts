/**
 * A growing buffer that the encoder writes into. Mirrored, method for method, by reader.ts.
 * Each thread keeps one and uses it again, so a message costs no allocation of its own.
 */

const FIRST_BYTES = 1024;
/** Memory up to this size is kept for good. */
const KEEP_BYTES = 65_536;
/** More than this is given back after every message. */
const MOST_BYTES = 4_194_304;
/** After so many messages in a row that do not need it, larger memory is given back. */
const SMALL_MESSAGES = 64;
/** As all machines that run these engines are, and as the words of a typed array therefore lie. */
const LITTLE_ENDIAN = true;
const TWO_TO_32 = 0x1_0000_0000;

/** Writes numbers and strings one after the other. */
export class Writer {
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(FIRST_BYTES);
  /** The same memory as words. */
  words: Int32Array = new Int32Array(this.bytes.buffer);
  length = 0;
  #view: DataView = new DataView(this.bytes.buffer);
  #smallMessages = 0;

  /**
   * To be called between messages: gives back memory that only a large message needed. A stream of large messages
   * keeps it, since getting it anew costs more than filling it.
   */
  rest(): void {
    if (this.bytes.length <= KEEP_BYTES) return;
    this.#smallMessages = this.length <= KEEP_BYTES ? this.#smallMessages + 1 : 0;
    if (this.#smallMessages < SMALL_MESSAGES && this.bytes.length <= MOST_BYTES) return;
    this.#smallMessages = 0;
    this.#use(new Uint8Array(FIRST_BYTES));
  }

  /** Forgets what was written; keeps the memory. */
  clear(): void {
    this.length = 0;
  }

  /** A copy of what was written. */
  copy(): Uint8Array<ArrayBuffer> {
    return this.bytes.slice(0, this.length);
  }

  byte(value: number): void {
    if (this.length === this.bytes.length) this.#grow(1);
    this.bytes[this.length++] = value;
  }

  /** A whole number from 0 to 2^53 - 1. */
  varint(value: number): void {
    if (this.length + 8 > this.bytes.length) this.#grow(8);
    const { bytes } = this;
    let at = this.length;
    let rest = value;
    while (rest >= TWO_TO_32) {
      bytes[at++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    rest >>>= 0;
    while (rest >= 128) {
      bytes[at++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    bytes[at++] = rest;
    this.length = at;
  }

  /** An int32, small magnitudes short. */
  zigzag(value: number): void {
    this.varint(((value << 1) ^ (value >> 31)) >>> 0);
  }

  double(value: number): void {
    if (this.length + 8 > this.bytes.length) this.#grow(8);
    this.#view.setFloat64(this.length, value, true);
    this.length += 8;
  }

  /** Sign, length and bytes, by way of hexadecimal digits: shifting byte by byte takes time in the square of the length. */
  bigint(value: bigint): void {
    const digits = (value < 0n ? -value : value).toString(16);
    const even = digits.length % 2 === 0 ? digits : `0${digits}`;
    this.byte(value < 0n ? 1 : 0);
    this.varint(even.length / 2);
    for (let i = 0; i < even.length; i += 2) this.byte(Number.parseInt(even.slice(i, i + 2), 16));
  }

  /**
   * Goes on to the next multiple of 8. Engines copy to and from shared memory byte by byte, several times as
   * slowly, if the two places are not equally far from a whole word.
   */
  align(): void {
    while (this.length % 8 > 0) this.byte(0);
  }

  /** Raw bytes, without their length. */
  raw(source: Uint8Array): void {
    if (this.length + source.length > this.bytes.length) this.#grow(source.length);
    this.bytes.set(source, this.length);
    this.length += source.length;
  }

  /** A few words of 4 bytes, which need not begin at a multiple of 4. */
  wholeWords(source: Int32Array): void {
    const { length } = source;
    if (this.length + length * 4 > this.bytes.length) this.#grow(length * 4);
    const view = this.#view;
    let at = this.length;
    for (let i = 0; i < length; i++, at += 4) view.setInt32(at, source[i] as number, LITTLE_ENDIAN);
    this.length = at;
  }

  /** A key: a string whose kind is folded into the lowest bit of its length. */
  key(key: string): void {
    const before = this.length;
    this.varint(key.length * 2);
    if (this.latin1(key)) return;
    this.length = before;
    this.varint(key.length * 2 + 1);
    this.utf16(key);
  }

  /** Code units as bytes if each is below 256; false, with nothing written, if one is not. */
  latin1(text: string): boolean {
    const { length } = text;
    if (this.length + length > this.bytes.length) this.#grow(length);
    const { bytes } = this;
    const at = this.length;
    for (let i = 0; i < length; i++) {
      const unit = text.charCodeAt(i);
      if (unit > 255) return false;
      bytes[at + i] = unit;
    }
    this.length = at + length;
    return true;
  }

  /** Code units, two bytes each. */
  utf16(text: string): void {
    if (this.length + text.length * 2 > this.bytes.length) this.#grow(text.length * 2);
    for (let i = 0; i < text.length; i++) {
      this.#view.setUint16(this.length, text.charCodeAt(i), true);
      this.length += 2;
    }
  }

  #grow(needed: number): void {
    // Whole words, so that they can be copied as such.
    const least = Math.ceil((this.length + needed) / 8) * 8;
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, least));
    larger.set(this.bytes.subarray(0, this.length));
    this.#use(larger);
  }

  #use(bytes: Uint8Array<ArrayBuffer>): void {
    this.bytes = bytes;
    this.words = new Int32Array(bytes.buffer);
    this.#view = new DataView(bytes.buffer);
  }
}
