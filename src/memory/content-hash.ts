/**
 * The hash that names the content of an image, 128 bits wide, and the checksum of its header.
 *
 *   block 0, 1, 2 … ─▶ four words each, in a row ─▶ hashed like a block ─▶ hash of the content
 *
 * Content comes in blocks of one size, but for the last. Each is hashed alone, so it can be as soon as it
 * is there, in whatever order blocks are read.
 *
 *   word 0, 4, 8 …  ─▶ lane 0 ─┐
 *   word 1, 5, 9 …  ─▶ lane 1  ├─▶ mixed with each other and the length ─▶ four words
 *   word 2, 6, 10 … ─▶ lane 2  │
 *   word 3, 7, 11 … ─▶ lane 3 ─┘
 *
 * Lanes, rounds and constants are those of XXH32 by Yann Collet, because nothing else that detects
 * damage so well is as fast over words in JavaScript: two multiplications a word and four independent
 * chains. XXH32 folds its lanes into 32 bits; here all four are kept, and mixed as MurmurHash3 by Austin
 * Appleby mixes its four. Each round and the mixing are reversible, so damage to a single word always
 * changes the hash of its block, and with it that of the content but for one case in 2 to the power of
 * 32 or more, as any other damage does. It is no
 * signature: whoever can change an image can also compute its new hash.
 *
 * The checksum is CRC-32 as in PNG and zip, bit by bit, since a header is short.
 */

// Constants of their own, because engines look fields of an object up again in every round.
const FIRST_PRIME = 0x9e3779b1 | 0;
const SECOND_PRIME = 0x85ebca77 | 0;
const THIRD_PRIME = 0xc2b2ae3d | 0;

/** Words that one round takes. */
const STRIPE = 4;

/** Words that one call hashes: engines optimise what is called often better than what runs for long. */
const AT_ONCE = 1 << 16;

/** The four words of a finished hash. */
export type HashWords = readonly [number, number, number, number];

/** Words in a block of content. */
export const BLOCK_WORDS: number = 1 << 19;

/** The hash of content in the making. */
export class ContentHash {
  readonly #blocks: BlockHash[] = [];

  /**
   * Adds the words of the content from `start` up to `end`, which lie at the same places in `words`. Blocks may
   * come in any order, the words of one only in theirs. But for the last, parts are multiples of four words.
   */
  add(words: Int32Array, start: number, end: number): void {
    for (let from = start; from < end;) {
      const index = Math.floor(from / BLOCK_WORDS);
      const to = Math.min(end, (index + 1) * BLOCK_WORDS);
      const block = (this.#blocks[index] ??= new BlockHash());
      block.add(words, from, to);
      from = to;
    }
  }

  /** The hash of all that was added. */
  finish(): HashWords {
    const words = Int32Array.from(this.#blocks.flatMap((block) => block.finish()));
    const hash = new BlockHash();
    hash.add(words, 0, words.length);
    return hash.finish();
  }
}

/** The hash of one block in the making. */
class BlockHash {
  #one = (FIRST_PRIME + SECOND_PRIME) | 0;
  #two: number = SECOND_PRIME;
  #three = 0;
  #four = -FIRST_PRIME | 0;
  #words = 0;

  add(words: Int32Array, start: number, end: number): void {
    const whole = start + ((end - start) & -STRIPE);
    for (let i = start; i < whole; i += AT_ONCE) {
      this.#addStripes(words, i, Math.min(i + AT_ONCE, whole));
    }
    this.#words += end - start;
    if (whole === end) return;
    const last = new Int32Array(STRIPE);
    last.set(words.subarray(whole, end));
    this.#addStripes(last, 0, STRIPE);
  }

  #addStripes(words: Int32Array, start: number, end: number): void {
    let one = this.#one;
    let two = this.#two;
    let three = this.#three;
    let four = this.#four;
    for (let i = start; i < end; i += STRIPE) {
      one = (one + Math.imul(words[i] as number, SECOND_PRIME)) | 0;
      two = (two + Math.imul(words[i + 1] as number, SECOND_PRIME)) | 0;
      three = (three + Math.imul(words[i + 2] as number, SECOND_PRIME)) | 0;
      four = (four + Math.imul(words[i + 3] as number, SECOND_PRIME)) | 0;
      one = Math.imul((one << 13) | (one >>> 19), FIRST_PRIME);
      two = Math.imul((two << 13) | (two >>> 19), FIRST_PRIME);
      three = Math.imul((three << 13) | (three >>> 19), FIRST_PRIME);
      four = Math.imul((four << 13) | (four >>> 19), FIRST_PRIME);
    }
    this.#one = one;
    this.#two = two;
    this.#three = three;
    this.#four = four;
  }

  finish(): HashWords {
    const lanes = [this.#one, this.#two, this.#three, this.#four].map((lane) => lane ^ this.#words);
    const [one, two, three, four] = crossed(crossed(lanes).map(avalanche));
    return [one as number, two as number, three as number, four as number];
  }
}

/** Lets each lane depend on all. Reversible: subtract the first from the others, then them from it. */
function crossed(lanes: readonly number[]): number[] {
  const first = lanes.reduce((sum, lane) => (sum + lane) | 0, 0);
  return lanes.map((lane, index) => (index === 0 ? first : (lane + first) | 0));
}

/** The last step of XXH32. */
function avalanche(lane: number): number {
  let mixed = Math.imul(lane ^ (lane >>> 15), SECOND_PRIME);
  mixed = Math.imul(mixed ^ (mixed >>> 13), THIRD_PRIME);
  return mixed ^ (mixed >>> 16);
}

/** A hash as 32 hexadecimal digits. */
export function hashInHexadecimal(hash: HashWords): string {
  return hash.map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}

/** The CRC-32 of `bytes`. */
export function checksumOf(bytes: Uint8Array): number {
  let remainder = -1;
  for (const byte of bytes) {
    remainder ^= byte;
    for (let bit = 0; bit < 8; bit++) {
      remainder = (remainder >>> 1) ^ (0xedb88320 & -(remainder & 1));
    }
  }
  return ~remainder;
}
