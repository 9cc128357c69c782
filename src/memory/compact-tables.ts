/**
 * Moves dictionaries, Maps and Sets into a compact image: their live entries in order, and new buckets.
 *
 * An object is a key by its ordinal, which changes: such entries go into their buckets when everything
 * is placed, as they do in the encoder.
 */
import type { Fields, ShapePlans } from "./compact-shapes.ts";
import type { TextMover } from "./compact-text.ts";
import type { Draft } from "./draft.ts";
import { type Buckets, enterBucket } from "./encode-dictionary.ts";
import type { LateEntry } from "./encode-map.ts";
import { bucketCount } from "./hashing.ts";
import { integersFirst } from "./keys.ts";
import {
  type Address,
  DICTIONARY,
  ENTRY,
  evenWords,
  FLAG,
  KIND,
  KIND_MASK,
  MAP_ENTRY,
  MAXIMUM_RECORD_FIELDS,
  SLOT,
  TAG,
} from "./layout.ts";
import type { Region } from "./region.ts";

/** What moving tables needs from the rest of the copier. */
export interface TableParts {
  readonly text: TextMover;
  readonly shapes: ShapePlans;
  /** Copies a value slot. */
  moveSlot(from: Address, to: Address): void;
}

/** The fields of a dictionary that becomes a record, and where their values are. */
export interface DictionaryFields extends Fields {
  readonly slots: readonly Address[];
}

/** Words of the table at `address` with room for `capacity` entries. */
export function tableWords(words: Int32Array, address: Address, capacity: number): number {
  const isDictionary = ((words[address] as number) & KIND_MASK) === KIND.DICTIONARY;
  const entryWords = isDictionary ? ENTRY.WORDS : MAP_ENTRY.WORDS;
  return DICTIONARY.WORDS + capacity * entryWords + evenWords(bucketCount(capacity));
}

/** Moves the tables of one region. */
export class TableMover {
  /** Entries of Maps whose keys are objects. */
  readonly late: LateEntry[] = [];
  readonly #region: Region;
  readonly #draft: Draft;
  readonly #parts: TableParts;
  /** Keys that were decoded, by reference. */
  readonly #keys = new Map<number, string>();

  constructor(region: Region, draft: Draft, parts: TableParts) {
    this.#region = region;
    this.#draft = draft;
    this.#parts = parts;
  }

  /** Moves the dictionary at `old`, with room for `capacity` entries. */
  moveDictionary(old: Address, capacity: number): Address {
    const from = this.#region.words;
    const bare = (from[old] as number) & FLAG.NULL_PROTOTYPE;
    const address = this.#place(old, KIND.DICTIONARY | bare, capacity);
    const { words, holder } = this.#draft;
    this.#draft.holder = this.#draft.ordinals - 1;
    const buckets = bucketsOf(words, address);
    let entry = words[address + DICTIONARY.ENTRIES] as Address;
    let index = 0;
    for (const place of liveEntries(from, old, { words: ENTRY.WORDS, slot: ENTRY.VALUE })) {
      const hash = from[place + ENTRY.HASH] as number;
      words[entry + ENTRY.KEY] = this.#parts.text.move(from[place + ENTRY.KEY] as number);
      words[entry + ENTRY.HASH] = hash;
      this.#parts.moveSlot(place + ENTRY.VALUE, entry + ENTRY.VALUE);
      enterBucket(words, buckets, hash, index++);
      entry += ENTRY.WORDS;
    }
    this.#draft.holder = holder;
    return address;
  }

  /** Moves the Map or Set at `old`, with room for `capacity` entries. */
  moveMap(old: Address, capacity: number): Address {
    const from = this.#region.words;
    const address = this.#place(old, (from[old] as number) & KIND_MASK, capacity);
    const { words, holder } = this.#draft;
    this.#draft.holder = this.#draft.ordinals - 1;
    const buckets = bucketsOf(words, address);
    let entry = words[address + DICTIONARY.ENTRIES] as Address;
    let index = 0;
    for (const place of liveEntries(from, old, { words: MAP_ENTRY.WORDS, slot: MAP_ENTRY.KEY })) {
      this.#parts.moveSlot(place + MAP_ENTRY.KEY, entry + MAP_ENTRY.KEY);
      this.#parts.moveSlot(place + MAP_ENTRY.VALUE, entry + MAP_ENTRY.VALUE);
      if (this.#isObject(place + MAP_ENTRY.KEY)) this.late.push({ entry, index, buckets });
      else {
        const hash = from[place + MAP_ENTRY.HASH] as number;
        words[entry + MAP_ENTRY.HASH] = hash;
        enterBucket(words, buckets, hash, index);
      }
      index++;
      entry += MAP_ENTRY.WORDS;
    }
    this.#draft.holder = holder;
    return address;
  }

  /** Takes the words of a table with as many entries as the one at `old` has live ones. */
  #place(old: Address, head: number, capacity: number): Address {
    const from = this.#region.words;
    const draft = this.#draft;
    const size = tableWords(from, old, capacity);
    const address = draft.place(head, size);
    const buckets = bucketCount(capacity);
    const { words } = draft;
    const live = from[old + DICTIONARY.LIVE] as number;
    words[address + DICTIONARY.USED] = live;
    words[address + DICTIONARY.LIVE] = live;
    words[address + DICTIONARY.ENTRIES] = address + DICTIONARY.WORDS;
    words[address + DICTIONARY.BUCKETS] = address + size - evenWords(buckets);
    words[address + DICTIONARY.CAPACITY] = capacity;
    words[address + DICTIONARY.BUCKET_MASK] = buckets - 1;
    return address;
  }

  #isObject(slot: Address): boolean {
    const { words } = this.#region;
    if (words[slot + SLOT.HIGH] !== TAG.REFERENCE) return false;
    return !this.#isBigint(words[slot + SLOT.LOW] as Address);
  }

  #isBigint(address: Address): boolean {
    return ((this.#region.words[address] as number) & KIND_MASK) === KIND.BIGINT;
  }

  /** What the dictionary at `old` is as a record; undefined if it has too many keys for one. */
  fieldsOf(old: Address): DictionaryFields | undefined {
    const from = this.#region.words;
    if ((from[old + DICTIONARY.LIVE] as number) > MAXIMUM_RECORD_FIELDS) return undefined;
    const entries = [...liveEntries(from, old, { words: ENTRY.WORDS, slot: ENTRY.VALUE })];
    const names = entries.map((entry) => this.#key(from[entry + ENTRY.KEY] as number));
    const keys = integersFirst(names);
    const slots =
      keys === names ? entries : keys.map((key) => entries[names.indexOf(key)] as Address);
    return {
      keys,
      slots,
      keyTexts: slots.map((slot) => from[slot + ENTRY.KEY] as number),
      values: slots.map((slot) => this.#standIn(slot + ENTRY.VALUE)),
      isBare: ((from[old] as number) & FLAG.NULL_PROTOTYPE) !== 0,
    };
  }

  #key(reference: number): string {
    let key = this.#keys.get(reference);
    if (key === undefined) {
      key = this.#region.text.read(reference);
      this.#keys.set(reference, key);
    }
    return key;
  }

  /** A value of the same type as that in the slot. */
  #standIn(slot: Address): unknown {
    const { words, numbers } = this.#region;
    const high = words[slot + SLOT.HIGH] as number;
    if (high < TAG.FIRST || high >= 0) return numbers[slot >> 1];
    switch (high) {
      case TAG.STRING:
        return "";
      case TAG.NULL:
        return null;
      case TAG.TRUE:
      case TAG.FALSE:
        return true;
      case TAG.REFERENCE:
        // A field of a record never leads to a bigint.
        return this.#isBigint(words[slot + SLOT.LOW] as Address) ? undefined : this;
      default:
        return undefined;
    }
  }
}

interface EntryKind {
  /** Words of an entry. */
  readonly words: number;
  /** Its slot that is a hole once it is deleted. */
  readonly slot: number;
}

/** The addresses of the live entries of the table at `address`, in order. */
function* liveEntries(words: Int32Array, address: Address, kind: EntryKind): Generator<Address> {
  const first = words[address + DICTIONARY.ENTRIES] as Address;
  const used = words[address + DICTIONARY.USED] as number;
  for (let i = 0; i < used; i++) {
    const entry = first + i * kind.words;
    if (words[entry + kind.slot + SLOT.HIGH] !== TAG.HOLE) yield entry;
  }
}

function bucketsOf(words: Int32Array, address: Address): Buckets {
  return {
    first: words[address + DICTIONARY.BUCKETS] as Address,
    mask: words[address + DICTIONARY.BUCKET_MASK] as number,
  };
}
