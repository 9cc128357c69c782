/**
 * A growing buffer that the encoder writes into. Mirrored, method for method, by reader.ts.
 * Each thread keeps one and uses it again, so a message costs no allocation of its own.
 *
 * Everything begins at a whole word of 4 bytes, and most things are one; what is counted in bytes is filled up
 * with zeros. A store of a word takes as long as one of a byte, and needs no loop to take a number apart.
 */
import { native } from "./native-text.ts";
import { SMALL_COUNT, TAG_BITS } from "./tags.ts";

const FIRST_BYTES = 1024;
/** Memory up to this size is kept for good. */
const KEEP_BYTES = 65_536;
/** More than this is given back after every message. */
const MOST_BYTES = 4_194_304;
/** After so many messages in a row that do not need it, larger memory is given back. */
const SMALL_MESSAGES = 64;
/** As all machines that run these engines are, and as the words of a typed array therefore lie. */
const LITTLE_ENDIAN = true;
const WORD_BYTES = 4;
/** From this length on the runtime's own loop over a text is worth the call. */
const LONG_TEXT = 96;
const TWO_TO_32 = 0x1_0000_0000;

/** Bytes that belong to a message and are left where they are until it is copied. */
interface Piece {
  /** What was written before it. */
  readonly at: number;
  readonly source: Uint8Array;
  /** How many bytes of the message it takes, whatever has become of the source. */
  readonly bytes: number;
}

/** From this length on bytes are copied only once, to where they are sent. */
const PIECE_BYTES = 8192;
const NO_PIECES: readonly Piece[] = [];

/** Writes numbers and strings one after the other. */
export class Writer {
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(FIRST_BYTES);
  /** The same memory as words. */
  words: Int32Array = new Int32Array(this.bytes.buffer);
  /** How many bytes lie here, without those that are left where they are. */
  length = 0;
  #pieces: readonly Piece[] = NO_PIECES;
  #pieceBytes = 0;
  #view: DataView = new DataView(this.bytes.buffer);
  #room: number = FIRST_BYTES;
  #smallMessages = 0;

  /**
   * To be called between messages: gives back memory that only a large message needed. A stream of large messages
   * keeps it, since getting it anew costs more than filling it.
   */
  rest(): void {
    this.#pieces = NO_PIECES; // what is sent may be collected
    if (this.#room <= KEEP_BYTES) return;
    this.#smallMessages = this.length <= KEEP_BYTES ? this.#smallMessages + 1 : 0;
    if (this.#smallMessages < SMALL_MESSAGES && this.#room <= MOST_BYTES) return;
    this.#smallMessages = 0;
    this.#use(new Uint8Array(FIRST_BYTES));
  }

  /** Forgets what was written; keeps the memory. */
  clear(): void {
    this.length = 0;
    this.#pieces = NO_PIECES;
    this.#pieceBytes = 0;
  }

  /** How long the whole message is. */
  get total(): number {
    return this.length + this.#pieceBytes;
  }

  /** Whether all of the message lies here, in one piece. */
  get isWhole(): boolean {
    return this.#pieces === NO_PIECES;
  }

  /** A copy of the message. */
  copy(): Uint8Array<ArrayBuffer> {
    if (this.isWhole) return this.bytes.slice(0, this.length);
    const copy = new Uint8Array(this.total);
    this.copyTo(copy, 0);
    return copy;
  }

  /** Copies the message to `target`, from `start` on. Bytes that have been taken away meanwhile are 0. */
  copyTo(target: Uint8Array, start: number): void {
    let from = 0;
    let to = start;
    for (const { at, source, bytes } of this.#pieces) {
      target.set(this.bytes.subarray(from, at), to);
      to += at - from;
      const there = Math.min(source.length, bytes);
      if (there > 0) target.set(there < source.length ? source.subarray(0, there) : source, to);
      target.fill(0, to + there, to + bytes);
      to += bytes;
      from = at;
    }
    target.set(this.bytes.subarray(from, this.length), to);
  }

  word(value: number): void {
    const at = this.length;
    if (at + WORD_BYTES > this.#room) this.#grow(WORD_BYTES);
    this.words[at >>> 2] = value;
    this.length = at + WORD_BYTES;
  }

  /** A tag and a count, in one word unless the count is enormous. */
  head(tag: number, count: number): void {
    if (count < SMALL_COUNT) return this.word((count << TAG_BITS) | tag);
    this.word((SMALL_COUNT << TAG_BITS) | tag);
    this.double(count);
  }

  double(value: number): void {
    const at = this.length;
    if (at + 8 > this.#room) this.#grow(8);
    this.#view.setFloat64(at, value, LITTLE_ENDIAN);
    this.length = at + 8;
  }

  /** A tag and a double. */
  taggedDouble(tag: number, value: number): void {
    const at = this.length;
    if (at + WORD_BYTES + 8 > this.#room) this.#grow(WORD_BYTES + 8);
    this.words[at >>> 2] = tag;
    this.#view.setFloat64(at + WORD_BYTES, value, LITTLE_ENDIAN);
    this.length = at + WORD_BYTES + 8;
  }

  byte(value: number): void {
    if (this.length === this.#room) this.#grow(1);
    this.bytes[this.length++] = value;
  }

  /** A whole number from 0 to 2^53 - 1, in as few bytes as it needs. */
  varint(value: number): void {
    let rest = value;
    while (rest >= TWO_TO_32) {
      this.byte((rest % 128) | 128);
      rest = Math.floor(rest / 128);
    }
    rest >>>= 0;
    while (rest >= 128) {
      this.byte((rest & 127) | 128);
      rest >>>= 7;
    }
    this.byte(rest);
  }

  /** Sign, length and bytes, by way of hexadecimal digits: shifting byte by byte takes time in the square of the length. */
  bigint(value: bigint): void {
    const digits = (value < 0n ? -value : value).toString(16);
    const even = digits.length % 2 === 0 ? digits : `0${digits}`;
    this.byte(value < 0n ? 1 : 0);
    this.varint(even.length / 2);
    for (let i = 0; i < even.length; i += 2) this.byte(Number.parseInt(even.slice(i, i + 2), 16));
    this.fill();
  }

  /** Goes on to a whole word. */
  fill(): void {
    while (this.length % WORD_BYTES > 0) this.byte(0);
  }

  /**
   * Goes on to the next multiple of 8. Engines copy to and from shared memory byte by byte, several times as
   * slowly, if the two places are not equally far from a whole word.
   */
  align(): void {
    if (this.length % 8 > 0) this.word(0);
  }

  /** Raw bytes, without their length. */
  raw(source: Uint8Array): void {
    if (this.length + source.length > this.#room) this.#grow(source.length);
    this.bytes.set(source, this.length);
    this.length += source.length;
    this.fill();
    this.align();
  }

  /** As {@link raw}, at a multiple of 8; but many bytes stay where they are until the message is copied. */
  piece(source: Uint8Array): void {
    if (source.length < PIECE_BYTES) return this.raw(source);
    const bytes = Math.ceil(source.length / 8) * 8;
    this.#pieces = [...this.#pieces, { at: this.length, source, bytes }];
    this.#pieceBytes += bytes;
  }

  /** The words of a list of keys, with `tag` in the first of them. */
  taggedWords(tag: number, source: Int32Array): void {
    const { length } = source;
    if (this.length + length * WORD_BYTES > this.#room) this.#grow(length * WORD_BYTES);
    const { words } = this;
    let at = this.length >>> 2;
    words[at++] = (source[0] as number) | tag;
    for (let i = 1; i < length; i++) words[at++] = source[i] as number;
    this.length = at * WORD_BYTES;
  }

  /** A key, in bytes: a string whose kind is folded into the lowest bit of its length. */
  key(key: string): void {
    let all = 0;
    for (let i = 0; i < key.length; i++) all |= key.charCodeAt(i);
    const isWide = all > 255;
    this.varint(key.length * 2 + (isWide ? 1 : 0));
    for (let i = 0; i < key.length; i++) {
      const unit = key.charCodeAt(i);
      this.byte(unit & 255);
      if (isWide) this.byte(unit >>> 8);
    }
  }

  /** Code units as bytes if each is below 256; false, with nothing written, if one is not. */
  latin1(text: string): boolean {
    const { length } = text;
    if (this.length + length + WORD_BYTES > this.#room) this.#grow(length + WORD_BYTES);
    if (length >= LONG_TEXT && native !== undefined) return this.#longLatin1(text);
    const { words } = this;
    let at = this.length >>> 2;
    let i = 0;
    for (const last = length - 3; i < last; i += 4) {
      const first = text.charCodeAt(i);
      const second = text.charCodeAt(i + 1);
      const third = text.charCodeAt(i + 2);
      const fourth = text.charCodeAt(i + 3);
      if ((first | second | third | fourth) > 255) return false;
      words[at++] = first | (second << 8) | (third << 16) | (fourth << 24);
    }
    if (i < length) {
      let word = 0;
      for (let shift = 0; i < length; i++, shift += 8) {
        const unit = text.charCodeAt(i);
        if (unit > 255) return false;
        word |= unit << shift;
      }
      words[at++] = word;
    }
    this.length = at * WORD_BYTES;
    return true;
  }

  /** Code units, two bytes each. */
  utf16(text: string): void {
    const { length } = text;
    if (this.length + length * 2 + WORD_BYTES > this.#room) this.#grow(length * 2 + WORD_BYTES);
    if (length >= LONG_TEXT && native !== undefined) {
      native.ucs2Write.call(this.bytes, text, this.length, length * 2);
      this.length += length * 2;
      return this.fill();
    }
    const { words } = this;
    let at = this.length >>> 2;
    let i = 0;
    for (; i < length - 1; i += 2)
      words[at++] = text.charCodeAt(i) | (text.charCodeAt(i + 1) << 16);
    if (i < length) words[at++] = text.charCodeAt(i);
    this.length = at * WORD_BYTES;
  }

  /** By the runtime, which does not say whether a unit was too large; reading it back does, and is quick. */
  #longLatin1(text: string): boolean {
    const { bytes, length: begin } = this;
    const end = begin + text.length;
    this.words[(end - 1) >>> 2] = 0;
    native?.latin1Write.call(bytes, text, begin, text.length);
    if (native?.latin1Slice.call(bytes, begin, end) !== text) return false;
    this.length = Math.ceil(end / WORD_BYTES) * WORD_BYTES;
    return true;
  }

  #grow(needed: number): void {
    // Whole words, so that they can be copied as such.
    const least = Math.ceil((this.length + needed) / 8) * 8;
    const larger = new Uint8Array(Math.max(this.#room * 2, least));
    larger.set(this.bytes.subarray(0, this.length));
    this.#use(larger);
  }

  #use(bytes: Uint8Array<ArrayBuffer>): void {
    this.bytes = bytes;
    this.words = new Int32Array(bytes.buffer);
    this.#view = new DataView(bytes.buffer);
    this.#room = bytes.length;
  }
}
