/**
 * Mutates images like damage would, and like somebody would who knows the layout: bits, words that look
 * like tags, addresses of other words, ranges moved over others, words a little higher or lower.
 */
import { IMAGE_HEADER_BYTES } from "../../src/memory/image.ts";
import { FIELD, FLAG, HEADER, HEAP_START, KIND, TAG } from "../../src/memory/layout.ts";
import { contentOf, reforge } from "./forged-image.ts";

/** Repeatable random numbers (mulberry32 by Tommy Ettinger). */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** A whole number from 0 up to, but not including, `limit`. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  }

  /** One of `choices`. */
  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T;
  }
}

const SPECIAL: readonly number[] = [
  0,
  1,
  2,
  3,
  -1,
  0x7fffffff,
  -0x80000000,
  0x40000000,
  HEAP_START,
  ...Object.values(TAG),
  ...Object.values(KIND),
  ...Object.values(FLAG),
  ...Object.values(FIELD),
];

/** A changed copy of `image`; if `isForged`, with the hash and checksum that belong to it. */
export function mutated(
  image: Uint8Array<ArrayBuffer>,
  chance: Chance,
  isForged: boolean,
): Uint8Array<ArrayBuffer> {
  let copy = image.slice();
  if (!isForged && chance.below(8) === 0) return resized(copy, chance);
  if (!isForged && chance.below(8) === 0) {
    flip(copy, chance, IMAGE_HEADER_BYTES);
    return copy;
  }
  const count = 1 + chance.below(chance.pick([1, 2, 8]));
  for (let i = 0; i < count; i++) mutateWord(contentOf(copy), chance);
  if (!isForged) return copy;
  if (chance.below(50) === 0) copy = resized(copy, chance);
  return reforge(copy);
}

function resized(image: Uint8Array<ArrayBuffer>, chance: Chance): Uint8Array<ArrayBuffer> {
  const size =
    chance.below(2) === 0 ? chance.below(image.length) : image.length + 8 * chance.below(9);
  const copy = new Uint8Array(Math.max(IMAGE_HEADER_BYTES, size));
  copy.set(image.subarray(0, copy.length));
  return copy;
}

function flip(bytes: Uint8Array, chance: Chance, limit: number): void {
  const position = chance.below(limit);
  bytes[position] = (bytes[position] as number) ^ (1 << chance.below(8));
}

function mutateWord(words: Int32Array, chance: Chance): void {
  // The words of the header decide about all others, so they are hit more often than by their share.
  const at = chance.below(12) === 0 ? chance.below(HEADER.PINS) : chance.below(words.length);
  const word = words[at] as number;
  switch (chance.below(7)) {
    case 0:
      words[at] = word ^ (1 << chance.below(32));
      return;
    case 1:
      words[at] = chance.pick(SPECIAL);
      return;
    case 2:
      words[at] = words[chance.below(words.length)] as number;
      return;
    case 3:
      words[at] = word + chance.below(17) - 8;
      return;
    case 4:
      words[at] = 2 * chance.below(words.length / 2);
      return;
    case 5:
      words[at] = (word & ~0xff00) | (chance.below(256) << 8);
      return;
    default: {
      const length = 1 + chance.below(12);
      words.copyWithin(chance.below(words.length), at, at + length);
    }
  }
}
