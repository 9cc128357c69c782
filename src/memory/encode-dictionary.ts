/**
 * Writes dictionaries: objects with more keys than a record has fields.
 *
 *   head │ used, live │ entries ─▶ value slot, key, hash │ …   in order of insertion
 *                     │ buckets ─▶ number of an entry + 1 or 0, by open addressing
 */
import type { Draft } from "./draft.ts";
import { bucketCount, hashText } from "./hashing.ts";
import { type Address, DICTIONARY, ENTRY, evenWords, FLAG, KIND } from "./layout.ts";
import type { TextUse } from "./text-writer.ts";

/** What the strings of all dictionaries of a graph are like. */
export interface DictionaryUses {
  readonly keys: TextUse;
  readonly values: TextUse;
}

/** Places `value` as a dictionary; its objects are pended. */
export function placeDictionary(draft: Draft, value: object, uses: DictionaryUses): Address {
  const keys = Object.keys(value);
  const buckets = bucketCount(keys.length);
  const size = DICTIONARY.WORDS + keys.length * ENTRY.WORDS + evenWords(buckets);
  const isBare = Object.getPrototypeOf(value) === null;
  const address = draft.place(KIND.DICTIONARY | (isBare ? FLAG.NULL_PROTOTYPE : 0), size);
  draft.holder = draft.ordinals - 1;
  const entries = address + DICTIONARY.WORDS;
  const firstBucket = entries + keys.length * ENTRY.WORDS;
  const { words } = draft;
  words.fill(0, firstBucket, address + size);
  words[address + DICTIONARY.USED] = keys.length;
  words[address + DICTIONARY.LIVE] = keys.length;
  words[address + DICTIONARY.ENTRIES] = entries;
  words[address + DICTIONARY.BUCKETS] = firstBucket;
  words[address + DICTIONARY.CAPACITY] = keys.length;
  words[address + DICTIONARY.BUCKET_MASK] = buckets - 1;
  keys.forEach((key, index) => {
    const entry = entries + index * ENTRY.WORDS;
    const hash = hashText(key);
    draft.writeText(entry + ENTRY.KEY, key, uses.keys);
    draft.words[entry + ENTRY.HASH] = hash;
    enterBucket(draft.words, { first: firstBucket, mask: buckets - 1 }, hash, index);
    draft.writeSlot(entry + ENTRY.VALUE, (value as Record<string, unknown>)[key], uses.values);
  });
  return address;
}

/** Where the buckets of a dictionary lie. */
export interface Buckets {
  readonly first: Address;
  readonly mask: number;
}

/** The first free bucket for a hash. */
export function freeBucket(words: Int32Array, buckets: Buckets, hash: number): Address {
  let bucket = hash & buckets.mask;
  while (words[buckets.first + bucket] !== 0) bucket = (bucket + 1) & buckets.mask;
  return buckets.first + bucket;
}

/** Enters the number of an entry into the first free bucket for its hash. */
export function enterBucket(
  words: Int32Array,
  buckets: Buckets,
  hash: number,
  index: number,
): void {
  words[freeBucket(words, buckets, hash)] = index + 1;
}
