/**
 * Edits of Maps and Sets: an entry is overwritten, added behind the last one, or left as a hole. When
 * there is no room, the table gets new blocks, without the holes.
 */
import type { Editor } from "./editor.ts";
import { bucketCount } from "./hashing.ts";
import { type Address, DICTIONARY, evenWords, MAP_ENTRY, SLOT, TAG } from "./layout.ts";
import { hashPrimitive, hashReference, isReferenceKey } from "./map-keys.ts";
import type { MapReader } from "./map-reader.ts";
import { settle } from "./settling.ts";
import type { MapEditing } from "./shared-maps.ts";

/** Edits the Maps and Sets of one region. */
export class MapEditor implements MapEditing {
  readonly #editor: Editor;

  constructor(editor: Editor) {
    this.#editor = editor;
  }

  set(map: MapReader, key: unknown, value: unknown): void {
    const editor = this.#editor;
    // Everything new is made part of the region first; what is refused changes nothing.
    const scratch = editor.allocate(SLOT.WORDS * 2);
    editor.writeSlot(scratch + SLOT.WORDS, value);
    let entry = map.find(key);
    if (entry === 0) {
      editor.writeSlot(scratch, key === 0 ? 0 : key);
      entry = this.#add(map, scratch, this.#hash(scratch, key));
    }
    editor.region.touch(entry + MAP_ENTRY.VALUE, SLOT.WORDS);
    editor.region.words.copyWithin(
      entry + MAP_ENTRY.VALUE,
      scratch + SLOT.WORDS,
      scratch + SLOT.WORDS * 2,
    );
    editor.discard(SLOT.WORDS * 2);
    settle(editor);
  }

  delete(map: MapReader, key: unknown): boolean {
    const entry = map.find(key);
    if (entry === 0) return false;
    const { region } = this.#editor;
    const { address } = map;
    region.touch(address + DICTIONARY.LIVE, 1);
    const { words } = region;
    this.#editor.writeHole(entry + MAP_ENTRY.KEY);
    words[address + DICTIONARY.LIVE] = (words[address + DICTIONARY.LIVE] as number) - 1;
    this.#editor.discard(MAP_ENTRY.WORDS);
    settle(this.#editor);
    return true;
  }

  clear(map: MapReader): void {
    const { region } = this.#editor;
    const live = region.words[map.address + DICTIONARY.LIVE] as number;
    this.#editor.discard(live * MAP_ENTRY.WORDS);
    map.restart();
    this.#giveBlocks(map.address, 4);
    settle(this.#editor);
  }

  /** The hash of `key`, whose slot is at `slot`: objects have an ordinal now. */
  #hash(slot: Address, key: unknown): number {
    if (!isReferenceKey(key)) return hashPrimitive(key);
    const { words } = this.#editor.region;
    return hashReference(words, words[slot + SLOT.LOW] as Address);
  }

  #add(map: MapReader, keySlot: Address, hash: number): Address {
    const { region } = this.#editor;
    const { address } = map;
    if (region.words[address + DICTIONARY.USED] === region.words[address + DICTIONARY.CAPACITY]) {
      this.#rebuild(map);
    }
    return this.#append(address, keySlot, hash);
  }

  #append(address: Address, keySlot: Address, hash: number): Address {
    const { words } = this.#editor.region;
    const used = words[address + DICTIONARY.USED] as number;
    const entry = (words[address + DICTIONARY.ENTRIES] as number) + used * MAP_ENTRY.WORDS;
    this.#editor.region.touch(entry, MAP_ENTRY.WORDS);
    words.copyWithin(entry + MAP_ENTRY.KEY, keySlot, keySlot + SLOT.WORDS);
    words[entry + MAP_ENTRY.VALUE + SLOT.HIGH] = TAG.UNDEFINED;
    words[entry + MAP_ENTRY.HASH] = hash;
    const first = words[address + DICTIONARY.BUCKETS] as number;
    const mask = words[address + DICTIONARY.BUCKET_MASK] as number;
    this.#editor.enterBucket({ first, mask }, hash, used);
    this.#editor.region.touch(address + DICTIONARY.USED, 2);
    words[address + DICTIONARY.USED] = used + 1;
    words[address + DICTIONARY.LIVE] = (words[address + DICTIONARY.LIVE] as number) + 1;
    return entry;
  }

  #rebuild(map: MapReader): void {
    const { region } = this.#editor;
    const { address } = map;
    map.prepare();
    const entries = [...map.entries()];
    this.#editor.discard(
      (region.words[address + DICTIONARY.CAPACITY] as number) * (MAP_ENTRY.WORDS + 2),
    );
    this.#giveBlocks(address, Math.max(8, entries.length * 2));
    for (const entry of entries) {
      const { words } = region;
      const fresh = this.#append(
        address,
        entry + MAP_ENTRY.KEY,
        words[entry + MAP_ENTRY.HASH] as number,
      );
      words.copyWithin(
        fresh + MAP_ENTRY.VALUE,
        entry + MAP_ENTRY.VALUE,
        entry + MAP_ENTRY.VALUE + SLOT.WORDS,
      );
    }
  }

  #giveBlocks(address: Address, capacity: number): void {
    const buckets = bucketCount(capacity);
    const block = this.#editor.allocate(capacity * MAP_ENTRY.WORDS + evenWords(buckets));
    this.#editor.region.touch(address, DICTIONARY.WORDS);
    const { words } = this.#editor.region;
    words[address + DICTIONARY.ENTRIES] = block;
    words[address + DICTIONARY.BUCKETS] = block + capacity * MAP_ENTRY.WORDS;
    words[address + DICTIONARY.CAPACITY] = capacity;
    words[address + DICTIONARY.BUCKET_MASK] = buckets - 1;
    words[address + DICTIONARY.USED] = 0;
    words[address + DICTIONARY.LIVE] = 0;
  }
}
