/**
 * Writes Maps and Sets.
 *
 *   head │ used, live │ entries ─▶ key slot, value slot, hash │ …   in order of insertion
 *                     │ buckets ─▶ number of an entry + 1 or 0, by open addressing
 *
 * An object is a key by its ordinal, which it only has once it is placed: such entries go into their
 * buckets when the whole graph is placed.
 */
import type { Draft } from "./draft.ts";
import { type Buckets, enterBucket } from "./encode-dictionary.ts";
import { bucketCount } from "./hashing.ts";
import { type Address, DICTIONARY, evenWords, KIND, MAP_ENTRY, SLOT } from "./layout.ts";
import { hashPrimitive, hashReference, isReferenceKey } from "./map-keys.ts";
import { TextUse } from "./text-writer.ts";

/** An entry whose key is an object that may not be placed yet. */
export interface LateEntry {
  readonly entry: Address;
  readonly index: number;
  readonly buckets: Buckets;
}

/** Places a Map or Set; its objects are pended, and entries that wait for them are put in `late`. */
export function placeMap(
  draft: Draft,
  source: ReadonlyMap<unknown, unknown> | ReadonlySet<unknown>,
  late: LateEntry[],
): Address {
  const { size } = source;
  const count = bucketCount(size);
  const words = DICTIONARY.WORDS + size * MAP_ENTRY.WORDS + evenWords(count);
  const address = draft.place(source instanceof Map ? KIND.MAP : KIND.SET, words);
  draft.holder = draft.ordinals - 1;
  const entries = address + DICTIONARY.WORDS;
  const first = entries + size * MAP_ENTRY.WORDS;
  draft.words.fill(0, first, address + words);
  draft.words[address + DICTIONARY.USED] = size;
  draft.words[address + DICTIONARY.LIVE] = size;
  draft.words[address + DICTIONARY.ENTRIES] = entries;
  draft.words[address + DICTIONARY.BUCKETS] = first;
  draft.words[address + DICTIONARY.CAPACITY] = size;
  draft.words[address + DICTIONARY.BUCKET_MASK] = count - 1;
  const writer = new EntryWriter(draft, { first, mask: count - 1 }, late);
  let entry = entries;
  for (const [key, value] of source.entries()) {
    writer.write(entry, key, source instanceof Map ? value : undefined);
    entry += MAP_ENTRY.WORDS;
  }
  return address;
}

class EntryWriter {
  readonly #draft: Draft;
  readonly #buckets: Buckets;
  readonly #late: LateEntry[];
  readonly #keys = new TextUse();
  readonly #values = new TextUse();
  #index = 0;

  constructor(draft: Draft, buckets: Buckets, late: LateEntry[]) {
    this.#draft = draft;
    this.#buckets = buckets;
    this.#late = late;
  }

  write(entry: Address, key: unknown, value: unknown): void {
    const draft = this.#draft;
    const index = this.#index++;
    draft.writeSlot(entry + MAP_ENTRY.KEY, key, this.#keys);
    draft.writeSlot(entry + MAP_ENTRY.VALUE, value, this.#values);
    draft.words[entry + MAP_ENTRY.HASH + 1] = 0;
    if (isReferenceKey(key)) {
      this.#late.push({ entry, index, buckets: this.#buckets });
      return;
    }
    const hash = hashPrimitive(key);
    draft.words[entry + MAP_ENTRY.HASH] = hash;
    enterBucket(draft.words, this.#buckets, hash, index);
  }
}

/** Puts entries whose keys are objects into their buckets, now that all objects are placed. */
export function enterLate(draft: Draft, late: readonly LateEntry[]): void {
  const { words } = draft;
  for (const { entry, index, buckets } of late) {
    const key = words[entry + MAP_ENTRY.KEY + SLOT.LOW] as Address;
    const hash = hashReference(words, key);
    words[entry + MAP_ENTRY.HASH] = hash;
    enterBucket(words, buckets, hash, index);
  }
}
