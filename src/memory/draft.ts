/**
 * A region that is being written: words of ordinary memory that grow, and what is only needed until
 * they are complete.
 *
 *   pending  ─ values that were met but not placed, each with the word that will hold its address
 *   ordinals ─ for each object its address, the object that holds it, and the words of its subtree
 *
 * The pending values are a stack, so a graph of any depth takes no depth of calls.
 */
import { QuipeError } from "../errors.ts";
import {
  type Address,
  EAGER_WORDS,
  FLAG,
  HEAP_START,
  MAXIMUM_WORDS,
  NAN_HIGH,
  OBJECT,
  SLOT,
  TAG,
} from "./layout.ts";
import { Refusal, reasonAgainst } from "./refusals.ts";
import { grownWords, releaseWords } from "./scratch-words.ts";
import { type TextUse, TextWriter } from "./text-writer.ts";

/** No object holds the root. */
const NOBODY = -1;

/** The words of a region to be. Written by the encoding thread alone. */
export class Draft {
  words: Int32Array = new Int32Array(1 << 10);
  numbers: Float64Array = new Float64Array(this.words.buffer);
  /** The next free word; always even. */
  top: Address = HEAP_START;
  readonly text: TextWriter;
  /** How many objects were placed. */
  ordinals = 0;
  /** The ordinal of the object whose content is being written. */
  holder: number = NOBODY;
  /** The word that waits for the address of the value taken last. */
  word: Address = 0;
  readonly #pendingValues: unknown[] = [];
  #pendingWords: Int32Array = new Int32Array(1 << 8);
  #pendingHolders: Int32Array = new Int32Array(1 << 8);
  #addresses: Int32Array = new Int32Array(1 << 8);
  #holders: Int32Array = new Int32Array(1 << 8);
  #sizes: Int32Array = new Int32Array(1 << 8);
  #open = new Uint8Array(1 << 8);

  constructor(text: TextWriter = new TextWriter()) {
    this.text = text;
  }

  /** Makes sure that `count` words after the top exist. */
  reserve(count: number): void {
    const needed = this.top + count;
    if (needed <= this.words.length) return;
    if (needed > MAXIMUM_WORDS) {
      throw new QuipeError(
        "out-of-memory",
        "The graph takes more than 4 GB, the most a region can have.",
      );
    }
    this.words = grownWords(this.words, needed);
    this.numbers = new Float64Array(this.words.buffer, 0, this.words.length >> 1);
  }

  /** Makes room for what is known of `count` objects, so that it need not grow step by step. */
  expectObjects(count: number): void {
    if (count <= this.#addresses.length) return;
    this.#addresses = new Int32Array(count);
    this.#holders = new Int32Array(count);
    this.#sizes = new Int32Array(count);
    this.#open = new Uint8Array(count);
  }

  /** Takes `words` words (an even number) for an object and writes its head. */
  place(head: number, words: number): Address {
    this.reserve(words);
    const address = this.top;
    this.top += words;
    this.words[address + OBJECT.HEAD] = head;
    this.words[address + OBJECT.ORDINAL] = this.ordinals;
    this.noteObject(address, words);
    return address;
  }

  /** Gives the memory back, once the words were copied to where they belong. */
  release(): void {
    releaseWords(this.words, this.top);
    this.text.release();
    for (const words of [this.#addresses, this.#holders, this.#sizes]) {
      releaseWords(words, this.ordinals);
    }
    for (const words of [this.#pendingWords, this.#pendingHolders]) {
      releaseWords(words, words.length);
    }
  }

  /** Takes back the object placed last, which did not fit. If text was placed behind it, its words stay unused. */
  unplace(address: Address, words: number): void {
    if (this.top !== address + words) return;
    this.top = address;
    this.ordinals--;
  }

  /** Gives the object at `address` the next ordinal. */
  protected noteObject(address: Address, words: number): void {
    const ordinal = this.ordinals++;
    if (ordinal === this.#addresses.length) this.#growOrdinals();
    this.#addresses[ordinal] = address;
    this.#holders[ordinal] = this.holder;
    this.#sizes[ordinal] = words;
  }

  #growOrdinals(): void {
    this.#addresses = doubled(this.#addresses);
    this.#holders = doubled(this.#holders);
    this.#sizes = doubled(this.#sizes);
    const open = new Uint8Array(this.#open.length * 2);
    open.set(this.#open);
    this.#open = open;
  }

  /** Puts `value` on the stack; its address will be written to `word`. */
  pend(value: unknown, word: Address): void {
    const index = this.#pendingValues.push(value) - 1;
    if (index >= this.#pendingWords.length) {
      this.#pendingWords = doubled(this.#pendingWords);
      this.#pendingHolders = doubled(this.#pendingHolders);
    }
    this.#pendingWords[index] = word;
    this.#pendingHolders[index] = this.holder;
  }

  /** How many values are pending: a mark to go back to. */
  get pending(): number {
    return this.#pendingValues.length;
  }

  /** Forgets what was pended after `mark`. */
  forgetPending(mark: number): void {
    this.#pendingValues.length = mark;
  }

  /** Turns round what was pended after `mark`, so that it is taken in the order of pending. */
  turnPending(mark: number): void {
    const last = this.#pendingValues.length - 1;
    if (last <= mark) return;
    for (let low = mark, high = last; low < high; low++, high--) {
      const value = this.#pendingValues[low];
      this.#pendingValues[low] = this.#pendingValues[high];
      this.#pendingValues[high] = value;
    }
    this.#pendingWords.subarray(mark, last + 1).reverse();
    this.#pendingHolders.subarray(mark, last + 1).reverse();
  }

  /** Takes the last pending value off the stack; `word` and `holder` then say where it belongs. */
  takePending(): unknown {
    const index = this.#pendingValues.length - 1;
    this.holder = this.#pendingHolders[index] as number;
    this.word = this.#pendingWords[index] as number;
    return this.#pendingValues.pop();
  }

  /** Writes the address of an object that was met before: now two references lead to it. */
  linkAgain(word: Address, address: Address): void {
    this.words[word] = this.shareAgain(address);
  }

  /** Notes that one more reference, from the present holder, leads to the object at `address`. */
  shareAgain(address: Address): Address {
    this.words[address] = (this.words[address] as number) | FLAG.SHARED;
    if (this.holder !== NOBODY) this.#open[this.holder] = 1;
    return address;
  }

  /** Adds to the size of the object placed last. */
  enlarge(words: number): void {
    this.#sizes[this.ordinals - 1] = (this.#sizes[this.ordinals - 1] as number) + words;
  }

  /** Writes any value into the slot at `slot`; objects and bigints are pended. */
  writeSlot(slot: Address, value: unknown, use: TextUse): void {
    switch (typeof value) {
      case "number":
        this.writeNumber(slot, value);
        return;
      case "string":
        this.writeTag(slot, TAG.STRING, this.text.intern(value, use));
        return;
      case "boolean":
        this.writeTag(slot, value ? TAG.TRUE : TAG.FALSE, 0);
        return;
      case "undefined":
        this.writeTag(slot, TAG.UNDEFINED, 0);
        return;
      case "object":
        if (value === null) {
          this.writeTag(slot, TAG.NULL, 0);
          return;
        }
        break;
      case "bigint":
        break;
      default:
        throw new Refusal(value, reasonAgainst(value));
    }
    this.writeTag(slot, TAG.REFERENCE, 0);
    this.pend(value, slot + SLOT.LOW);
  }

  /** Writes the reference of `text` to `word`. */
  writeText(word: Address, text: string, use: TextUse): void {
    // Storing text may replace the words, so they are looked up after it.
    const reference = this.text.intern(text, use);
    this.words[word] = reference;
  }

  /** Writes a number into a slot; every NaN becomes the one that is no tag. */
  writeNumber(slot: Address, value: number): void {
    if (value === value) this.numbers[slot >> 1] = value;
    else this.writeTag(slot, NAN_HIGH, 0);
  }

  /** Writes the two words of a slot. */
  writeTag(slot: Address, high: number, low: number): void {
    this.words[slot + SLOT.LOW] = low;
    this.words[slot + SLOT.HIGH] = high;
  }

  /**
   * Marks the objects that readers build together with their holder. One pass from the last object to
   * the first suffices: an object that only one reference leads to was placed after its holder.
   */
  markEager(): void {
    for (let ordinal = this.ordinals - 1; ordinal >= 0; ordinal--) {
      const address = this.#addresses[ordinal] as number;
      const head = this.words[address] as number;
      const size = this.#sizes[ordinal] as number;
      const holder = this.#holders[ordinal] as number;
      const isClosed =
        this.#open[ordinal] === 0 && (head & FLAG.SHARED) === 0 && size <= EAGER_WORDS;
      if (isClosed) this.words[address] = head | FLAG.EAGER;
      if (holder === NOBODY) continue;
      if (isClosed) this.#sizes[holder] = (this.#sizes[holder] as number) + size;
      else this.#open[holder] = 1;
    }
  }
}

function doubled(words: Int32Array): Int32Array {
  return grownWords(words, words.length * 2);
}
