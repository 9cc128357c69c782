/**
 * Lists of keys that come again and again: what the sender remembers of them.
 *
 *   { id, x, name } ──▶ root ─ "id" ▶ ○ ─ "x" ▶ ○ ─ "name" ▶ ○ ──▶ words [ mark · bytes: 3 · id · x · name ]
 *
 * The keys of a record go before its values, so the sender copies the words that it made the first time, and
 * the receiver compares them with those that it read the last time (record-maker.ts). Nothing is agreed between
 * the two: every message holds all that is needed to read it, whatever became of the ones before.
 */
import { TAG_BITS } from "./tags.ts";
import { Writer } from "./writer.ts";

/** Records with more keys than this are dictionaries, whose keys seldom come again in the same order. */
const MAX_KEYS = 32;
/** When the tree has this many nodes it is given up, and the next records begin a new one. */
const MAX_NODES = 4096;

/** The keys of a record, and what stands for them in a message once they have been written. */
export interface KeyList {
  readonly keys: readonly string[];
  words: Int32Array | undefined;
  /** The list that was found after this one, the last time. */
  next: KeyList | undefined;
}

class KeyNode {
  readonly list: KeyList;
  #onlyKey: string | undefined;
  #onlyChild: KeyNode | undefined;
  #children: Map<string, KeyNode> | undefined;

  constructor(keys: readonly string[]) {
    this.list = { keys, words: undefined, next: undefined };
  }

  /** The node after this one by `key`; undefined if nobody has come this way. Most nodes have one child. */
  child(key: string): KeyNode | undefined {
    return this.#onlyKey === key ? this.#onlyChild : this.#children?.get(key);
  }

  add(key: string): KeyNode {
    const child = new KeyNode([...this.list.keys, key]);
    if (this.#onlyChild === undefined) {
      this.#onlyKey = key;
      this.#onlyChild = child;
      return child;
    }
    this.#children ??= new Map();
    this.#children.set(key, child);
    return child;
  }
}

/** Finds the key lists of records. Each encoder has one. */
export class KeyLists {
  #root = new KeyNode([]);
  #nodes = 1;
  /** The list that was found last. */
  #last: KeyList = this.#root.list;

  /**
   * The list with these keys, which are all the enumerable ones of a record; undefined if they are too many. Records
   * come in a rhythm, so the first guess is the list that followed the last one the time before.
   */
  of(keys: readonly string[]): KeyList | undefined {
    const guess = this.#last.next;
    if (guess !== undefined && haveSameKeys(guess.keys, keys)) return (this.#last = guess);
    if (keys.length > MAX_KEYS) return undefined;
    let node = this.#root;
    for (const key of keys) node = node.child(key) ?? this.#add(node, key);
    this.#last.next = node.list;
    return (this.#last = node.list);
  }

  #add(node: KeyNode, key: string): KeyNode {
    this.#nodes += 1;
    return node.add(key);
  }

  /** Begins anew when there are too many; to be called between records. */
  trim(): void {
    if (this.#nodes <= MAX_NODES) return;
    this.#root = new KeyNode([]);
    this.#last = this.#root.list;
    this.#nodes = 1;
  }
}

function haveSameKeys(some: readonly string[], others: readonly string[]): boolean {
  const { length } = some;
  if (length !== others.length) return false;
  for (let i = 0; i < length; i++) if (some[i] !== others[i]) return false;
  return true;
}

/** Writes a list of keys, in bytes, that is not worth remembering, and goes on to a whole word. */
export function writeKeys(writer: Writer, keys: readonly string[]): void {
  writer.varint(keys.length);
  for (const key of keys) writer.key(key);
  writer.fill();
}

/** Writes a tag and a list of keys that may come again. */
export function writeKeyList(writer: Writer, tag: number, list: KeyList): void {
  list.words ??= wordsOf(list.keys);
  writer.taggedWords(tag, list.words);
}

function wordsOf(keys: readonly string[]): Int32Array {
  const writer = new Writer();
  writer.word(0);
  writeKeys(writer, keys);
  const words = new Int32Array(writer.copy().buffer);
  words[0] = markOf(words) << TAG_BITS;
  return words;
}

/** A number below 2^24 and above 0 that depends on everything else. */
function markOf(words: Int32Array): number {
  let hash = words.length;
  for (const word of words) hash = Math.imul(hash ^ (word >>> 15) ^ word, 0x5bd1_e995);
  return (hash >>> TAG_BITS) | 1;
}
