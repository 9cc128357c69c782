/**
 * A growing buffer that the encoder writes into. Mirrored, method for method, by reader.ts.
 * Each thread keeps one and uses it again, so a message costs no allocation of its own.
 */

const FIRST_BYTES = 1024;
/** As all machines that run these engines are, and as the words of a typed array therefore lie. */
const LITTLE_ENDIAN = true;
const TWO_TO_32 = 0x1_0000_0000;

/** Writes numbers and strings one after the other. */
export class Writer {
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(FIRST_BYTES);
  length = 0;
  #view: DataView = new DataView(this.bytes.buffer);

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

  /** Raw bytes, without their length. */
  raw(source: Uint8Array): void {
    if (this.length + source.length > this.bytes.length) this.#grow(source.length);
    this.bytes.set(source, this.length);
    this.length += source.length;
  }

  /** A few words of 4 bytes, which need not begin at a multiple of 4. */
  words(source: Int32Array): void {
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
    this.bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}
