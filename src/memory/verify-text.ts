/**
 * Checks references to text, and hashes and compares text in place, without making strings.
 *
 * A reference is good if the string that begins there ends before the text does. It need not be where a
 * string was written: whatever good references show is some string, which no reader trusts to be anything
 * else. What must be unique, as keys, is compared unit by unit.
 *
 * Long strings are hashed once each, and those that an image was written with do not overlap, so all of
 * them together are no longer than the text. A budget of that order ends checks that would take for ever.
 */
import { fault } from "./image-fault.ts";
import { TEXT } from "./layout.ts";

// Engines know a constant of this module, but look up an imported one.
const LENGTH_BITS: number = TEXT.LENGTH_MASK;
const WIDE_BIT: number = TEXT.WIDE;
const HEAD_WORDS: number = TEXT.HEAD_WORDS;

/** Strings that begin so many words before the end are good if they are narrow and have fewer than 65,536 units. */
const SAFE_WORDS = HEAD_WORDS + (1 << 14);

/** Bits of a head that only long or wide strings have. */
const LONG_OR_WIDE: number = (LENGTH_BITS & ~0xffff) | WIDE_BIT;

/** V8 has no longer strings. */
const LONGEST = 2 ** 29 - 24;

/** Strings above this length count against the budget. */
const SHORT = 64;

/** Units of long strings that may be looked at, for each word of text and in all. */
const BUDGET = { EACH: 16, SPARE: 1_000_000 } as const;

/** References at equal distances. */
export interface Column {
  /** Where the first one is, and how many words there are from each to the next. */
  readonly start: number;
  readonly stride: number;
  readonly count: number;
  /** Whether nought, which is no reference, is good as well. */
  readonly mayBeNone: boolean;
}

/** The text of a region under check. */
export class TextCheck {
  protected readonly words: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #units: Uint16Array;
  readonly #base: number;
  readonly #top: number;
  /** References up to this one are `SAFE_WORDS` before the end. */
  readonly #safe: number;
  /** Hashes of long strings, by reference. */
  readonly #hashes = new Map<number, number>();
  #budget: number;

  /** `base` is the address of the text and `top` the reference behind its last string; both lie inside. */
  constructor(words: Int32Array, base: number, top: number) {
    this.words = words;
    this.#base = base;
    this.#top = top;
    this.#safe = Math.max(0, top - SAFE_WORDS);
    const start = words.byteOffset + base * 4;
    this.#bytes = new Uint8Array(words.buffer, start, top * 4);
    this.#units = new Uint16Array(words.buffer, start, top * 2);
    this.#budget = BUDGET.SPARE + top * BUDGET.EACH;
  }

  /** Checks one reference. */
  check(reference: number): void {
    // Below zero as unsigned: out of bounds. Most strings are good by these two comparisons alone.
    const isSafe = (reference - 1) >>> 0 < this.#safe;
    if (isSafe && ((this.words[this.#base + reference] as number) & LONG_OR_WIDE) === 0) return;
    this.#checkWhole(reference);
  }

  /** Checks all references of a column. */
  checkColumn({ start, stride, count, mayBeNone }: Column): void {
    const words = this.words;
    const base = this.#base;
    const safe = this.#safe;
    const end = start + count * stride;
    for (let place = start; place < end; place += stride) {
      const reference = words[place] as number;
      const isSafe = (reference - 1) >>> 0 < safe;
      if (isSafe && ((words[base + reference] as number) & LONG_OR_WIDE) === 0) continue;
      if (reference !== 0 || !mayBeNone) this.#checkWhole(reference);
    }
  }

  #checkWhole(reference: number): void {
    const top = this.#top;
    if (reference <= 0 || reference >= top) fault("a string lies outside the text");
    const head = this.words[this.#base + reference] as number;
    const length = head & LENGTH_BITS;
    const words = (head & WIDE_BIT) === 0 ? (length + 3) >> 2 : (length + 1) >> 1;
    if (reference + HEAD_WORDS + words > top) fault("a string is cut off");
    if (length > LONGEST) fault("a string is longer than any can be");
  }

  /** Counts `units` of work that the size of the text does not bound by itself. */
  spend(units: number): void {
    this.#budget -= units;
    if (this.#budget < 0) fault("its strings would take too long to check");
  }

  /** The same as `hashText` of the string. */
  hash(reference: number): number {
    const length = (this.words[this.#base + reference] as number) & TEXT.LENGTH_MASK;
    if (length <= SHORT) return this.#hash(reference);
    let hash = this.#hashes.get(reference);
    if (hash === undefined) {
      this.spend(length);
      hash = this.#hash(reference);
      this.#hashes.set(reference, hash);
    }
    return hash;
  }

  #hash(reference: number): number {
    const { length, isWide, first } = this.#open(reference);
    const units = isWide ? this.#units : this.#bytes;
    let hash = 0x811c9dc5 | 0;
    for (let i = first; i < first + length; i++) {
      hash = Math.imul(hash ^ (units[i] as number), 0x01000193);
    }
    return Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  }

  /** Whether two strings are equal. */
  equal(reference: number, other: number): boolean {
    if (reference === other) return true;
    const one = this.#open(reference);
    const two = this.#open(other);
    if (one.length !== two.length) return false;
    if (one.length > SHORT) this.spend(one.length);
    const oneUnits = one.isWide ? this.#units : this.#bytes;
    const twoUnits = two.isWide ? this.#units : this.#bytes;
    for (let i = 0; i < one.length; i++) {
      if (oneUnits[one.first + i] !== twoUnits[two.first + i]) return false;
    }
    return true;
  }

  /** The string at a reference that was checked. */
  read(reference: number): string {
    const { length, isWide, first } = this.#open(reference);
    this.spend(length);
    const units = isWide ? this.#units : this.#bytes;
    let text = "";
    for (let i = first; i < first + length; i++) text += String.fromCharCode(units[i] as number);
    return text;
  }

  #open(reference: number): { length: number; isWide: boolean; first: number } {
    const head = this.words[this.#base + reference] as number;
    const isWide = (head & TEXT.WIDE) !== 0;
    const start = reference + TEXT.HEAD_WORDS;
    return { length: head & TEXT.LENGTH_MASK, isWide, first: isWide ? start * 2 : start * 4 };
  }
}
