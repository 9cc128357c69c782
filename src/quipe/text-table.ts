/**
 * Short texts that come again, such as names and states, are found instead of made: finding one takes a few
 * nanoseconds, making one takes some for each of its units, and memory.
 *
 *   words of the text ── hash ──▶ slot [ length · words ]  the same? ──▶ the text
 *
 * A newer text takes an older one's slot.
 */

const SLOTS = 512;
const SLOT_BITS = 9;
const UNITS_PER_WORD = 4;

/** The last short texts of one thread. */
export class TextTable {
  readonly #slotWords: number;
  #known: Int32Array | undefined;
  #texts: string[] = [];

  /** For texts of at most `longest` Latin-1 units. */
  constructor(longest: number) {
    this.#slotWords = 1 + Math.ceil(longest / UNITS_PER_WORD);
  }

  /** The text of `length` units, one byte each, that begins at `words[first]` and is filled up with zeros. */
  at(words: Int32Array, first: number, length: number): string {
    const count = (length + UNITS_PER_WORD - 1) >> 2;
    let hash = length;
    for (let i = 0; i < count; i++)
      hash = Math.imul(hash ^ (words[first + i] as number), 0x5bd1_e995) ^ (hash >>> 15);
    const slot = hash >>> (32 - SLOT_BITS);
    const known = this.#known ?? this.#begin();
    let at = slot * this.#slotWords;
    let isKnown = known[at] === length;
    for (let i = 0; isKnown && i < count; i++) isKnown = known[++at] === words[first + i];
    return isKnown ? (this.#texts[slot] as string) : this.#remember(words, first, { length, slot });
  }

  #begin(): Int32Array {
    this.#known = new Int32Array(SLOTS * this.#slotWords).fill(-1);
    this.#texts = Array.from({ length: SLOTS }, () => "");
    return this.#known;
  }

  #remember(
    words: Int32Array,
    first: number,
    { length, slot }: { readonly length: number; readonly slot: number },
  ): string {
    const known = this.#known as Int32Array;
    const at = slot * this.#slotWords;
    let text = "";
    for (let i = 0; i < length; i++)
      text += String.fromCharCode(((words[first + (i >> 2)] as number) >>> ((i & 3) * 8)) & 255);
    known[at] = length;
    for (let i = 0; i * UNITS_PER_WORD < length; i++)
      known[at + 1 + i] = words[first + i] as number;
    this.#texts[slot] = text;
    return text;
  }
}
