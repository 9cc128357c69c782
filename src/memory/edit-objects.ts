/**
 * Edits of records and dictionaries. A record takes a value that fits its field in place. For anything
 * else, a new key, a removed one, a value of another type, it becomes a dictionary: the new object keeps
 * the ordinal, hence the identity, and the old place keeps a forwarding address.
 */
import { entriesOf, findEntry } from "./dictionaries.ts";
import type { Editor } from "./editor.ts";
import { bucketCount, hashText } from "./hashing.ts";
import {
  type Address,
  DICTIONARY,
  ENTRY,
  evenWords,
  FIELD,
  FLAG,
  FORWARD,
  KIND,
  KIND_MASK,
  OBJECT,
  SHAPE_SHIFT,
  SLOT,
  TAG,
} from "./layout.ts";
import { isInteger, isTrue, type Shape, withBoolean } from "./shapes.ts";

/** Writes `value` under `key` of the object at `address`. */
export function setKey(editor: Editor, address: Address, key: string, value: unknown): void {
  const { region } = editor;
  const head = region.words[address + OBJECT.HEAD] as number;
  if ((head & KIND_MASK) === KIND.RECORD) {
    const shape = region.shape(head >>> SHAPE_SHIFT);
    const index = shape.fieldOf(key);
    if (index >= 0 && trySetField(editor, shape, { address, index }, value)) return;
  }
  setEntry(editor, address, key, value);
}

/** Removes `key` from the object at `address`. */
export function deleteKey(editor: Editor, address: Address, key: string): void {
  const { region } = editor;
  const head = region.words[address + OBJECT.HEAD] as number;
  if ((head & KIND_MASK) === KIND.RECORD && region.shape(head >>> SHAPE_SHIFT).fieldOf(key) < 0)
    return;
  const dictionary = asDictionary(editor, address);
  const entry = findEntry(region, dictionary, key);
  if (entry === 0) return;
  editor.writeHole(entry + ENTRY.VALUE);
  region.touch(dictionary + DICTIONARY.LIVE, 1);
  const { words } = region;
  words[dictionary + DICTIONARY.LIVE] = (words[dictionary + DICTIONARY.LIVE] as number) - 1;
  editor.discard(ENTRY.WORDS);
}

interface Place {
  readonly address: Address;
  readonly index: number;
}

function trySetField(editor: Editor, shape: Shape, place: Place, value: unknown): boolean {
  const field = place.address + (shape.offsets[place.index] as number);
  const { region } = editor;
  switch (shape.types[place.index]) {
    case FIELD.ANY:
      editor.writeSlot(field, value);
      return true;
    case FIELD.NUMBER:
      if (typeof value !== "number") return false;
      region.touch(field, SLOT.WORDS);
      region.numbers[field >> 1] = value;
      return true;
    case FIELD.BOOLEAN:
      if (typeof value !== "boolean") return false;
      region.touch(field, 1);
      region.words[field] = withBoolean(
        region.words[field] as number,
        field - place.address,
        value,
      );
      return true;
    default:
      return trySetWord(editor, field, shape.types[place.index] as number, value);
  }
}

function trySetWord(editor: Editor, field: Address, type: number, value: unknown): boolean {
  const word = wordFor(editor, type, value);
  if (word === undefined) return false;
  editor.region.touch(field, 1);
  editor.region.words[field] = word;
  return true;
}

/** The word that a field of `type` holds for `value`; undefined if it cannot hold it. */
function wordFor(editor: Editor, type: number, value: unknown): number | undefined {
  switch (type) {
    case FIELD.INTEGER:
      return typeof value === "number" && isInteger(value) ? value : undefined;
    case FIELD.STRING:
    case FIELD.STRING_OR_NULL:
      return typeof value === "string" ? editor.text(value) : nullWord(type, value);
    case FIELD.REFERENCE:
    case FIELD.REFERENCE_OR_NULL:
      return typeof value === "object" && value !== null
        ? editor.address(value)
        : nullWord(type, value);
    default:
      return nullWord(type, value);
  }
}

function nullWord(type: number, value: unknown): number | undefined {
  const holdsNull = type !== FIELD.STRING && type !== FIELD.REFERENCE;
  return value === null && holdsNull ? 0 : undefined;
}

function setEntry(editor: Editor, address: Address, key: string, value: unknown): void {
  const { region } = editor;
  // What cannot be shared is refused before anything moves.
  const reference = typeof value === "object" && value !== null ? editor.address(value) : 0;
  const scratch = editor.allocate(SLOT.WORDS);
  if (reference === 0) editor.writeSlot(scratch, value);
  const dictionary = asDictionary(editor, address);
  const entry = findEntry(region, dictionary, key) || addEntry(editor, dictionary, key);
  region.touch(entry, SLOT.WORDS);
  const { words } = region;
  words[entry + SLOT.LOW] = reference === 0 ? (words[scratch + SLOT.LOW] as number) : reference;
  words[entry + SLOT.HIGH] =
    reference === 0 ? (words[scratch + SLOT.HIGH] as number) : TAG.REFERENCE;
  editor.discard(SLOT.WORDS);
}

function addEntry(editor: Editor, dictionary: Address, key: string): Address {
  const { region } = editor;
  if (
    region.words[dictionary + DICTIONARY.USED] === region.words[dictionary + DICTIONARY.CAPACITY]
  ) {
    rebuild(editor, dictionary);
  }
  return appendEntry(editor, dictionary, editor.text(key), hashText(key));
}

/** Adds an entry whose value is undefined; there is room. */
function appendEntry(editor: Editor, dictionary: Address, key: number, hash: number): Address {
  const { words } = editor.region;
  const used = words[dictionary + DICTIONARY.USED] as number;
  const entry = (words[dictionary + DICTIONARY.ENTRIES] as number) + used * ENTRY.WORDS;
  editor.region.touch(entry, ENTRY.WORDS);
  words[entry + ENTRY.KEY] = key;
  words[entry + ENTRY.HASH] = hash;
  words[entry + ENTRY.VALUE + SLOT.HIGH] = TAG.UNDEFINED;
  const first = words[dictionary + DICTIONARY.BUCKETS] as number;
  const mask = words[dictionary + DICTIONARY.BUCKET_MASK] as number;
  editor.enterBucket({ first, mask }, hash, used);
  editor.region.touch(dictionary + DICTIONARY.USED, 2);
  words[dictionary + DICTIONARY.USED] = used + 1;
  words[dictionary + DICTIONARY.LIVE] = (words[dictionary + DICTIONARY.LIVE] as number) + 1;
  return entry;
}

/** Gives a dictionary blocks with room for more, without the entries that were deleted. */
function rebuild(editor: Editor, dictionary: Address): void {
  const { region } = editor;
  const live = region.words[dictionary + DICTIONARY.LIVE] as number;
  const entries = [...entriesOf(region, dictionary)];
  editor.discard((region.words[dictionary + DICTIONARY.CAPACITY] as number) * (ENTRY.WORDS + 2));
  giveBlocks(editor, dictionary, Math.max(8, live * 2));
  for (const entry of entries) {
    const { words } = region;
    const key = words[entry + ENTRY.KEY] as number;
    const fresh = appendEntry(editor, dictionary, key, words[entry + ENTRY.HASH] as number);
    words[fresh + SLOT.LOW] = words[entry + SLOT.LOW] as number;
    words[fresh + SLOT.HIGH] = words[entry + SLOT.HIGH] as number;
  }
}

function giveBlocks(editor: Editor, dictionary: Address, capacity: number): void {
  const buckets = bucketCount(capacity);
  const block = editor.allocate(capacity * ENTRY.WORDS + evenWords(buckets));
  editor.region.touch(dictionary, DICTIONARY.WORDS);
  const { words } = editor.region;
  words[dictionary + DICTIONARY.ENTRIES] = block;
  words[dictionary + DICTIONARY.BUCKETS] = block + capacity * ENTRY.WORDS;
  words[dictionary + DICTIONARY.CAPACITY] = capacity;
  words[dictionary + DICTIONARY.BUCKET_MASK] = buckets - 1;
  words[dictionary + DICTIONARY.USED] = 0;
  words[dictionary + DICTIONARY.LIVE] = 0;
}

/** The object at `address` as a dictionary: itself, or what it becomes. */
function asDictionary(editor: Editor, address: Address): Address {
  const { region } = editor;
  const head = region.words[address + OBJECT.HEAD] as number;
  if ((head & KIND_MASK) === KIND.DICTIONARY) return address;
  const shape = region.shape(head >>> SHAPE_SHIFT);
  const dictionary = editor.allocate(DICTIONARY.WORDS);
  giveBlocks(editor, dictionary, Math.max(8, shape.keys.length * 2));
  const bare = shape.nullPrototype ? FLAG.NULL_PROTOTYPE : 0;
  region.words[dictionary + OBJECT.HEAD] = KIND.DICTIONARY | (head & FLAG.SHARED) | bare;
  region.words[dictionary + OBJECT.ORDINAL] = region.words[address + OBJECT.ORDINAL] as number;
  shape.keys.forEach((key, index) => {
    const entry = appendEntry(editor, dictionary, editor.text(key), hashText(key));
    copyField(editor, shape, { address, index }, entry + ENTRY.VALUE);
  });
  region.touch(address, FORWARD.TARGET + 1);
  region.words[address + FORWARD.TARGET] = dictionary;
  region.words[address + OBJECT.HEAD] = KIND.FORWARD | (head & FLAG.SHARED);
  editor.shuffle();
  editor.discard(shape.words);
  return dictionary;
}

/** Copies a typed field into a value slot. */
function copyField(editor: Editor, shape: Shape, place: Place, slot: Address): void {
  const { words, numbers } = editor.region;
  const field = place.address + (shape.offsets[place.index] as number);
  const word = words[field] as number;
  switch (shape.types[place.index]) {
    case FIELD.INTEGER:
      numbers[slot >> 1] = word;
      return;
    case FIELD.NUMBER:
      editor.writeSlot(slot, numbers[field >> 1]);
      return;
    case FIELD.BOOLEAN:
      editor.writeSlot(slot, isTrue(word, field - place.address));
      return;
    case FIELD.ANY:
      words[slot + SLOT.LOW] = words[field + SLOT.LOW] as number;
      words[slot + SLOT.HIGH] = words[field + SLOT.HIGH] as number;
      return;
    case FIELD.STRING:
    case FIELD.STRING_OR_NULL:
      words[slot + SLOT.LOW] = word;
      words[slot + SLOT.HIGH] = word === 0 ? TAG.NULL : TAG.STRING;
      return;
    default:
      words[slot + SLOT.LOW] = word;
      words[slot + SLOT.HIGH] = word === 0 ? TAG.NULL : TAG.REFERENCE;
  }
}
