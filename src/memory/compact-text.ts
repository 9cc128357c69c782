/**
 * Moves strings into the text of a compact image, each the first time that something refers to it.
 *
 *   reference before ──▶ table ──▶ reference now, or 0 for a string that nothing has referred to yet
 *
 * References that were equal stay equal; strings are not compared, so equal strings that were stored
 * twice stay two. What is copied are words: nothing is decoded.
 */
import { HEADER, TEXT } from "./layout.ts";
import { TextWriter } from "./text-writer.ts";

// Engines know a constant of this module, but look up an imported one.
const REPEATED: number = TEXT.REPEATED;
const WIDE: number = TEXT.WIDE;
const LENGTH_BITS: number = TEXT.LENGTH_MASK;
const HEAD_WORDS: number = TEXT.HEAD_WORDS;

/** Copies of so many words are left to the platform. */
const LONG = 32;

/** Latin1 strings longer than this do not fit into a page. */
const LONGEST_IN_PAGE = (TEXT.PAGE_WORDS - TEXT.HEAD_WORDS) * 4;

/** The text of a compact image in the making. */
export class TextMover extends TextWriter {
  readonly #source: Int32Array;
  readonly #base: number;
  readonly #moved: Int32Array;

  /** `source` are the words of the region whose text is moved. */
  constructor(source: Int32Array) {
    super();
    this.#source = source;
    this.#base = source[HEADER.TEXT] as number;
    // Memory that is never touched costs nothing, and what an owner added lies anywhere behind the text.
    const most = (source[HEADER.TOP] as number) - this.#base;
    this.#moved = new Int32Array(most);
    this.words = new Int32Array(most);
    this.bytes = new Uint8Array(this.words.buffer);
  }

  /** The reference in the image of the string at `reference`. */
  move(reference: number): number {
    const known = this.#moved[reference] as number;
    if (known === 0) return this.#copy(reference);
    this.words[known] = (this.words[known] as number) | REPEATED;
    return known;
  }

  #copy(reference: number): number {
    const source = this.#source;
    const from = this.#base + reference;
    const head = (source[from] as number) & ~REPEATED;
    const length = head & LENGTH_BITS;
    const isWide = (head & WIDE) !== 0;
    const count = HEAD_WORDS + (isWide ? (length + 1) >> 1 : (length + 3) >> 2);
    const to = this.place(count);
    const { words } = this;
    if (count > LONG) words.set(source.subarray(from, from + count), to);
    else for (let i = HEAD_WORDS; i < count; i++) words[to + i] = source[from + i] as number;
    // One too long for a page is dear to decode, so readers are told to remember it.
    words[to] = !isWide && length > LONGEST_IN_PAGE ? head | REPEATED : head;
    this.#moved[reference] = to;
    return to;
  }
}
