/**
 * Writes strings into text pages while a graph is encoded.
 *
 *   word      │ length, wide?, repeated? │ 1 or 2 bytes per code unit, padded to a word │ next string …
 *   reference ┘
 *
 * A string is latin1 when every code unit is below 256, else UTF-16; never UTF-8, so lone surrogates
 * survive. A latin1 string that fits into a page does not lie across two, because readers decode
 * whole pages. Equal strings are stored once, unless a field or list turns out to hold hardly any
 * equal ones: then looking each one up costs more than it saves, and `TextUse` ends it.
 */
import { encodeInto } from "../runtime/text.ts";
import { TEXT } from "./layout.ts";
import { grownWords, releaseWords } from "./scratch-words.ts";

/** What is known about the strings of one field or list: whether looking for equal ones pays. */
export class TextUse {
  seen = 0;
  repeated = 0;
  unique = false;
}

/** After so many new strings it is decided whether a field's strings are unique. */
const SAMPLE = 2_048;

/** Strings at least this long are written by the platform's encoder. */
const LONG = 48;

const LONGEST_IN_PAGE = (TEXT.PAGE_WORDS - TEXT.HEAD_WORDS) * 4;

/** Strings on their way into a region. Written by the encoding thread alone. */
export class TextWriter {
  words: Int32Array = new Int32Array(1 << 10);
  bytes: Uint8Array = new Uint8Array(this.words.buffer);
  /** The next free word. Reference 0 means "none", so nothing is stored there. */
  top = 1;
  protected readonly references: Map<string, number> = new Map();

  /** The reference of `text`, which is stored if it is not there yet. */
  intern(text: string, use: TextUse): number {
    if (use.unique) return this.write(text);
    const known = this.references.get(text);
    if (known !== undefined) {
      use.repeated++;
      this.words[known] = (this.words[known] as number) | TEXT.REPEATED;
      return known;
    }
    const reference = this.write(text);
    this.references.set(text, reference);
    use.seen++;
    if (use.seen === SAMPLE && use.repeated < SAMPLE / 20) use.unique = true;
    return reference;
  }

  /** Stores `text` without looking for an equal one. */
  write(text: string): number {
    const length = text.length;
    const reference = this.place(TEXT.HEAD_WORDS + ((length + 3) >> 2));
    const start = (reference + TEXT.HEAD_WORDS) << 2;
    if (length >= LONG && this.#writeAscii(text, start)) {
      // One too long for a page is dear to decode, so readers are told to remember it.
      this.words[reference] = length > LONGEST_IN_PAGE ? length | TEXT.REPEATED : length;
      return reference;
    }
    let seen = 0;
    const bytes = this.bytes;
    for (let i = 0; i < length; i++) {
      const unit = text.charCodeAt(i);
      seen |= unit;
      bytes[start + i] = unit;
    }
    if (seen > 0xff) return this.#writeWide(text, reference);
    this.words[reference] = length;
    return reference;
  }

  #writeAscii(text: string, start: number): boolean {
    const { read, written } = encodeInto(text, this.bytes.subarray(start, start + text.length));
    // Anything above 0x7f takes more bytes than code units, so equal counts mean that all is ASCII. The
    // room given is as many bytes as units: a text that is not ASCII stops early or writes fewer units.
    return written === text.length && read === text.length;
  }

  #writeWide(text: string, narrow: number): number {
    this.top = narrow;
    const length = text.length;
    const reference = this.place(TEXT.HEAD_WORDS + ((length + 1) >> 1));
    const units = new Uint16Array(this.bytes.buffer, this.bytes.byteOffset);
    const start = (reference + TEXT.HEAD_WORDS) << 1;
    for (let i = 0; i < length; i++) units[start + i] = text.charCodeAt(i);
    this.words[reference] = length | TEXT.WIDE;
    return reference;
  }

  /** Room for `count` words, in one page if they fit into one. */
  protected place(count: number): number {
    let at = this.top;
    const left = TEXT.PAGE_WORDS - (at & TEXT.PAGE_MASK);
    if (count > left && count <= TEXT.PAGE_WORDS) at += left;
    this.top = at + count;
    if (this.top > this.words.length) this.#grow(this.top);
    return at;
  }

  #grow(needed: number): void {
    this.words = grownWords(this.words, needed);
    this.bytes = new Uint8Array(this.words.buffer, 0, this.words.length * 4);
  }

  /** Gives the memory back, once the words were copied to where they belong. */
  release(): void {
    releaseWords(this.words, this.top);
  }
}
