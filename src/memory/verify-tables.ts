/**
 * Checks dictionaries, Maps and Sets: that every key is found where a look-up goes, once.
 *
 * A look-up starts at the bucket that the key's hash gives and goes on to the first empty one. So each
 * entry must be met on the way from its own hash, without an equal key before it, and there must be no
 * other full buckets. Keys that crowd one place would make this slow; the steps are bounded.
 */
import { fault } from "./image-fault.ts";
import { bucketCount } from "./hashing.ts";
import { type Address, DICTIONARY, EMPTY_BUCKET, evenWords } from "./layout.ts";

/** Steps that look-ups may take, for each entry and in all. */
const STEPS = { EACH: 64, SPARE: 16_384 } as const;

/** Where a table lies, as far as its words agree with each other. */
export interface Table {
  readonly address: Address;
  readonly count: number;
  readonly entries: Address;
  readonly buckets: Address;
  readonly mask: number;
  /** The words of all of it. */
  readonly size: number;
}

/** Reads the words of a table that lies at `address` and must end at `end` at the latest. */
export function readTable(
  words: Int32Array,
  address: Address,
  { end, entryWords }: { readonly end: Address; readonly entryWords: number },
): Table {
  if (address + DICTIONARY.WORDS > end) fault("a dictionary is cut off");
  const count = words[address + DICTIONARY.USED] as number;
  const entries = address + DICTIONARY.WORDS;
  if (count < 0 || count > (end - entries) / entryWords) fault("a dictionary is cut off");
  const buckets = entries + count * entryWords;
  const bucketsCount = bucketCount(count);
  const size = buckets + evenWords(bucketsCount) - address;
  const isWhole =
    words[address + DICTIONARY.LIVE] === count &&
    words[address + DICTIONARY.CAPACITY] === count &&
    words[address + DICTIONARY.ENTRIES] === entries &&
    words[address + DICTIONARY.BUCKETS] === buckets &&
    words[address + DICTIONARY.BUCKET_MASK] === bucketsCount - 1;
  if (!isWhole || address + size > end) fault("a dictionary contradicts itself");
  return { address, count, entries, buckets, mask: bucketsCount - 1, size };
}

/** What a table's entries are like. */
export interface Keys {
  /** The hash that the key of entry `index` really has. */
  hash(index: number): number;
  /** The hash that entry `index` says its key has. */
  stored(index: number): number;
  /** Whether entries `index` and `other` have the same key. */
  equal(index: number, other: number): boolean;
}

/** Checks that each key of a table is found. */
export function checkBuckets(words: Int32Array, table: Table, keys: Keys): void {
  const { buckets, mask, count } = table;
  let full = 0;
  for (let i = 0; i <= mask; i++) {
    const number = words[buckets + i] as number;
    if (number < 0 || number > count) fault("a bucket leads nowhere");
    if (number !== EMPTY_BUCKET) full++;
  }
  if (full !== count) fault("a dictionary has too many or too few full buckets");
  let steps = count * STEPS.EACH + STEPS.SPARE;
  for (let index = 0; index < count; index++) {
    const hash = keys.hash(index);
    if (keys.stored(index) !== hash) fault("a key has a wrong hash");
    for (let bucket = hash & mask; ; bucket = (bucket + 1) & mask) {
      const number = words[buckets + bucket] as number;
      if (number === index + 1) break;
      if (number === EMPTY_BUCKET) fault("a key cannot be found");
      if (keys.stored(number - 1) === hash && keys.equal(number - 1, index))
        fault("a key is there twice");
      if (--steps === 0) fault("too many keys crowd one place");
    }
  }
}
