/**
 * Checks Maps and Sets. Their keys may be objects, which hash by what they are, so their tables are only
 * checked when all objects were visited.
 */
import { fault } from "./image-fault.ts";
import { type Address, BIGINT, KIND, KIND_MASK, MAP_ENTRY, OBJECT, SLOT, TAG } from "./layout.ts";
import { hashOrdinal, hashPrimitive } from "./map-keys.ts";
import { checkBuckets, readTable, type Table } from "./verify-tables.ts";
import type { TextCheck } from "./verify-text.ts";

/** Bigints of more words than this count against the budget when they are keys. */
const SHORT_BIGINT = 16;

/** The Maps and Sets of a region under check. */
export class MapCheck {
  readonly #words: Int32Array;
  readonly #numbers: Float64Array;
  readonly #text: TextCheck;
  readonly #tables: Table[] = [];

  constructor(words: Int32Array, text: TextCheck) {
    this.#words = words;
    this.#numbers = new Float64Array(words.buffer, words.byteOffset, words.length >> 1);
    this.#text = text;
  }

  /** Reads the table of a Map or Set and keeps it for later. */
  open(address: Address, end: Address): Table {
    const table = readTable(this.#words, address, { end, entryWords: MAP_ENTRY.WORDS });
    this.#tables.push(table);
    return table;
  }

  /** The value slots of a table. */
  *slotsOf({ entries, count }: Table): Generator<Address> {
    for (let i = 0; i < count; i++) {
      yield entries + i * MAP_ENTRY.WORDS + MAP_ENTRY.KEY;
      yield entries + i * MAP_ENTRY.WORDS + MAP_ENTRY.VALUE;
    }
  }

  /** Checks the buckets of all tables. */
  finish(): void {
    const words = this.#words;
    for (const table of this.#tables) {
      const slotOf = (index: number): Address => table.entries + index * MAP_ENTRY.WORDS;
      checkBuckets(words, table, {
        hash: (index) => this.#hash(slotOf(index)),
        stored: (index) => words[slotOf(index) + MAP_ENTRY.HASH] as number,
        equal: (index, other) => this.#equal(slotOf(index), slotOf(other)),
      });
    }
  }

  #hash(slot: Address): number {
    const words = this.#words;
    const high = words[slot + SLOT.HIGH] as number;
    const low = words[slot + SLOT.LOW] as number;
    if (high === TAG.STRING) return this.#text.hash(low);
    if (high === TAG.REFERENCE && !this.#isBigint(low)) {
      return hashOrdinal(words[low + OBJECT.ORDINAL] as number);
    }
    return hashPrimitive(this.#primitive(slot));
  }

  #equal(slot: Address, other: Address): boolean {
    const words = this.#words;
    const high = words[slot + SLOT.HIGH] as number;
    const low = words[slot + SLOT.LOW] as number;
    const otherLow = words[other + SLOT.LOW] as number;
    if (high === TAG.STRING && words[other + SLOT.HIGH] === TAG.STRING) {
      return this.#text.equal(low, otherLow);
    }
    if (high === TAG.REFERENCE && !this.#isBigint(low)) {
      return words[other + SLOT.HIGH] === high && low === otherLow;
    }
    const one = this.#primitive(slot);
    const two = this.#primitive(other);
    return one === two || (one !== one && two !== two);
  }

  #isBigint(address: Address): boolean {
    return ((this.#words[address] as number) & KIND_MASK) === KIND.BIGINT;
  }

  /** The key in a slot; of keys that are no primitives but bigints, a value that equals no primitive. */
  #primitive(slot: Address): unknown {
    const high = this.#words[slot + SLOT.HIGH] as number;
    const low = this.#words[slot + SLOT.LOW] as number;
    if (high < TAG.FIRST || high >= 0) return this.#numbers[slot >> 1];
    switch (high) {
      case TAG.NULL:
        return null;
      case TAG.TRUE:
        return true;
      case TAG.FALSE:
        return false;
      case TAG.UNDEFINED:
        return undefined;
      case TAG.REFERENCE:
        return this.#isBigint(low) ? this.#bigint(low) : this;
      default:
        return high === TAG.STRING ? this : fault("a key has an unknown tag");
    }
  }

  #bigint(address: Address): bigint {
    const words = this.#words;
    const count = words[address + BIGINT.COUNT] as number;
    // Its hash is over its digits, and to find those takes time that grows with the square of its length.
    if (count > SHORT_BIGINT) this.#text.spend(count * count);
    let magnitude = 0n;
    for (let i = count - 1; i >= 0; i--) {
      const word = (words[address + BIGINT.MAGNITUDE + i] as number) >>> 0;
      magnitude = (magnitude << 32n) | BigInt(word);
    }
    return words[address + BIGINT.NEGATIVE] === 0 ? magnitude : -magnitude;
  }
}
