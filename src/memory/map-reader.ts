/**
 * Looks up keys of a Map or Set in place, by the hash table in shared memory.
 */
import { type Page, Stamp } from "./identity.ts";
import { type Address, DICTIONARY, EMPTY_BUCKET, MAP_ENTRY, OBJECT, SLOT, TAG } from "./layout.ts";
import { hashForeign, hashOrdinal, hashPrimitive, isReferenceKey } from "./map-keys.ts";
import type { Region } from "./region.ts";
import { isHole, readSlot } from "./slots.ts";

/** The entries of one Map or Set. */
export class MapReader {
  #page: Page;
  address: Address;
  /** The walks through the entries that are not over. */
  readonly #walks = new Set<{ index: number }>();

  constructor(page: Page, address: Address) {
    this.#page = page;
    this.address = address;
  }

  /** Deleted entries are about to go: walks will go on behind as many entries as are left of those before them. */
  prepare(): void {
    for (const walk of this.#walks) {
      let live = 0;
      for (let i = 0; i < walk.index; i++)
        if (!isHole(this.region, this.#entry(i) + MAP_ENTRY.KEY)) live++;
      walk.index = live;
    }
  }

  /** All entries are about to go: walks go on with those that are added later. */
  restart(): void {
    for (const walk of this.#walks) walk.index = 0;
  }

  /** The Map or Set is at another address now. */
  follow(page: Page, address: Address): void {
    this.#page = page;
    this.address = address;
  }

  /** The region, if its views may still be read. */
  get region(): Region {
    if (!this.#page.set.live) this.#page.set.stale();
    return this.#page.set.region;
  }

  /** The address of the entry of `key`, or 0. */
  find(key: unknown): Address {
    const { region } = this;
    const hash = this.hash(key);
    if (hash === undefined) return 0;
    const { words } = region;
    const mask = words[this.address + DICTIONARY.BUCKET_MASK] as number;
    const buckets = words[this.address + DICTIONARY.BUCKETS] as number;
    const entries = words[this.address + DICTIONARY.ENTRIES] as number;
    for (let bucket = hash & mask; ; bucket = (bucket + 1) & mask) {
      const number = words[buckets + bucket] as number;
      if (number === EMPTY_BUCKET) return 0;
      const entry = entries + (number - 1) * MAP_ENTRY.WORDS;
      if (words[entry + MAP_ENTRY.HASH] === hash && this.#holds(entry, key)) return entry;
    }
  }

  /** The hash of `key`; undefined if it is an object that cannot be a key here. */
  hash(key: unknown): number | undefined {
    if (!isReferenceKey(key)) return hashPrimitive(key);
    const page = Stamp.pageOf(key);
    if (page === undefined || page.set.region.isStaging) return undefined;
    const address = Stamp.addressOf(key);
    const { region } = page.set;
    if (page.set.moves !== region.moves) return undefined;
    if (region !== this.#page.set.region) return hashForeign(region.id, address);
    return hashOrdinal(region.words[address + OBJECT.ORDINAL] as number);
  }

  #holds(entry: Address, key: unknown): boolean {
    const { region } = this;
    const high = region.words[entry + MAP_ENTRY.KEY + SLOT.HIGH] as number;
    if (high === TAG.HOLE) return false;
    if (high === TAG.STRING && typeof key === "string") {
      return region.text.equals(region.words[entry + MAP_ENTRY.KEY + SLOT.LOW] as number, key);
    }
    const own = this.key(entry);
    return own === key || (own !== own && key !== key);
  }

  /** The addresses of the live entries, also of those added while they are walked. */
  *entries(): Generator<Address> {
    const walk = { index: 0 };
    this.#walks.add(walk);
    try {
      while (walk.index < (this.region.words[this.address + DICTIONARY.USED] as number)) {
        const entry = this.#entry(walk.index++);
        if (!isHole(this.region, entry + MAP_ENTRY.KEY)) yield entry;
      }
    } finally {
      this.#walks.delete(walk);
    }
  }

  #entry(index: number): Address {
    const first = this.region.words[this.address + DICTIONARY.ENTRIES] as number;
    return first + index * MAP_ENTRY.WORDS;
  }

  /** The key of an entry. */
  key(entry: Address): unknown {
    return readSlot(this.region, entry + MAP_ENTRY.KEY, this.#page);
  }

  /** The value of an entry. */
  value(entry: Address): unknown {
    return readSlot(this.region, entry + MAP_ENTRY.VALUE, this.#page);
  }
}
