/**
 * Lists of keys that come again and again: what the sender remembers of them.
 *
 *   { id, x, name } ──▶ root ─ "id" ▶ ○ ─ "x" ▶ ○ ─ "name" ▶ ○ ──▶ words [ mark · 3 · id · x · name ]
 *
 * The keys of a record go before its values, so the sender copies the words that it made the first time, and
 * the receiver compares them with those that it read the last time (record-maker.ts). Nothing is agreed between
 * the two: every message holds all that is needed to read it, whatever became of the ones before.
 */
import { Writer } from "./writer.ts";

/** Records with more keys than this are dictionaries, whose keys seldom come again in the same order. */
const MAX_KEYS = 32;
/** When the tree has this many nodes it is given up, and the next records begin a new one. */
const MAX_NODES = 4096;

/** The keys of a record, and what stands for them in a message once they have been written. */
export interface KeyList {
  readonly keys: readonly string[];
  words: Int32Array | undefined;
}

class KeyNode {
  readonly list: KeyList;
  #onlyKey: string | undefined;
  #onlyChild: KeyNode | undefined;
  #children: Map<string, KeyNode> | undefined;

  constructor(keys: readonly string[]) {
    this.list = { keys, words: undefined };
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

  /** The list of the enumerable own keys of `record`, which has no others; undefined if it has too many. */
  of(record: object): KeyList | undefined {
    let node = this.#root;
    let count = 0;
    for (const key in record) {
      if (++count > MAX_KEYS) return undefined;
      node = node.child(key) ?? this.#add(node, key);
    }
    return node.list;
  }

  #add(node: KeyNode, key: string): KeyNode {
    this.#nodes += 1;
    return node.add(key);
  }

  /** Begins anew when there are too many; to be called between records. */
  trim(): void {
    if (this.#nodes <= MAX_NODES) return;
    this.#root = new KeyNode([]);
    this.#nodes = 1;
  }
}

/** Writes a list of keys that is not worth remembering. */
export function writeKeys(writer: Writer, keys: readonly string[]): void {
  writer.varint(0);
  writer.varint(keys.length);
  for (const key of keys) writer.key(key);
}

/** Writes a list of keys that may come again. */
export function writeKeyList(writer: Writer, list: KeyList): void {
  list.words ??= wordsOf(list.keys);
  writer.wholeWords(list.words);
}

function wordsOf(keys: readonly string[]): Int32Array {
  const writer = new Writer();
  writer.byte(0);
  writer.byte(0);
  writer.varint(keys.length);
  for (const key of keys) writer.key(key);
  while (writer.length % 4 > 0) writer.byte(0);
  const words = new Int32Array(writer.copy().buffer);
  words[0] = (words[0] ?? 0) | markOf(words);
  return words;
}

/** Two bytes, the first of them not 0, that depend on everything else. */
function markOf(words: Int32Array): number {
  let hash = words.length;
  for (const word of words) hash = Math.imul(hash ^ (word >>> 15) ^ word, 0x5bd1_e995);
  return ((hash >>> 16) & 0xffff) | 1;
}

const NO_KEYS = {};

/** Whether somebody has given all objects a property that `for in` shows although it is not theirs. */
export function haveForeignKeys(): boolean {
  for (const _key in NO_KEYS) return true;
  return false;
}
