/**
 * Reads a list in place, element by element: what big frozen lists and lists being edited have in common.
 */
import type { Page, ViewSet } from "./identity.ts";
import { type Address, FLAG, IDENTITY, KIND, KIND_MASK, LIST, OBJECT } from "./layout.ts";
import { isHole, readSlot } from "./slots.ts";

/** A list in shared memory, ready to be read by index. */
export class ListReader {
  readonly length: number;
  readonly #page: Page;
  readonly #set: ViewSet;
  readonly #kind: number;
  readonly #data: Address;
  /** The ordinal of the first element if those of the others follow it, else -1. */
  readonly #firstOrdinal: number;

  constructor(page: Page, address: Address) {
    const { words, isShuffled } = page.set.region;
    this.#page = page;
    this.#set = page.set;
    this.#kind = (words[address + OBJECT.HEAD] as number) & KIND_MASK;
    this.length = words[address + LIST.LENGTH] as number;
    this.#data = words[address + LIST.DATA] as number;
    const isSequence = ((words[address + OBJECT.HEAD] as number) & FLAG.SEQUENCE) !== 0;
    const first = words[this.#data] as Address;
    this.#firstOrdinal = isSequence && !isShuffled ? (words[first + OBJECT.ORDINAL] as number) : -1;
  }

  /** The element at `index`, which must be in range; a hole reads as undefined. */
  at(index: number): unknown {
    const set = this.#set;
    // oxlint-disable-next-line typescript/no-unnecessary-boolean-literal-compare -- 1 ns cheaper on V8
    if (set.live !== true) set.stale();
    if (this.#firstOrdinal < 0) return this.#inPlace(index);
    // A sequence: the page and the place of an element are known without reading shared memory.
    const ordinal = this.#firstOrdinal + index;
    const known = set.page(ordinal >> IDENTITY.SHIFT)[ordinal & IDENTITY.MASK];
    return known === undefined ? this.#reference(index) : known;
  }

  #reference(index: number): unknown {
    return this.#page.view(this.#set.words[this.#data + index] as Address);
  }

  #inPlace(index: number): unknown {
    const { region } = this.#set;
    switch (this.#kind) {
      case KIND.LIST_INTEGERS:
        return region.words[this.#data + index];
      case KIND.LIST_NUMBERS:
        return region.numbers[(this.#data >> 1) + index];
      case KIND.LIST_STRINGS:
        return region.text.read(region.words[this.#data + index] as number);
      case KIND.LIST_REFERENCES:
        return this.#reference(index);
      default:
        return readSlot(region, this.#data + index * 2, this.#page);
    }
  }

  /** Whether there is an element at `index`, which may be any number. */
  has(index: number): boolean {
    if (!this.#page.set.live) this.#page.set.stale();
    if (!(index >= 0 && index < this.length)) return false;
    return this.#kind !== KIND.LIST_VALUES || !isHole(this.#set.region, this.#data + index * 2);
  }

  /** The elements one after the other. */
  elements(): Iterator<unknown> & Iterable<unknown> {
    return this.#firstOrdinal < 0
      ? new Elements(this)
      : new Sequence(this, this.#set, this.#firstOrdinal);
  }
}

/**
 * Walks any list. Written by hand, since a generator costs three times as much for each element; and with one
 * literal for both kinds of results, since only then does V8 see that it need not be made.
 */
class Elements implements Iterator<unknown> {
  readonly #reader: ListReader;
  #next = 0;

  constructor(reader: ListReader) {
    this.#reader = reader;
  }

  next(): IteratorResult<unknown> {
    const index = this.#next;
    const done = index >= this.#reader.length;
    let value: unknown;
    if (!done) {
      this.#next = index + 1;
      value = this.#reader.at(index);
    }
    return { done, value };
  }

  [Symbol.iterator](): this {
    return this;
  }
}

/**
 * Walks a sequence, whose ordinals follow each other: it looks a page up once for its 64 views. Only a view that
 * is not there yet is asked of the list.
 */
class Sequence implements Iterator<unknown> {
  readonly #reader: ListReader;
  readonly #set: ViewSet;
  readonly #end: number;
  #next: number;
  #page: Page;

  constructor(reader: ListReader, set: ViewSet, first: number) {
    this.#reader = reader;
    this.#set = set;
    this.#next = first;
    this.#end = first + reader.length;
    this.#page = set.page(first >> IDENTITY.SHIFT);
  }

  next(): IteratorResult<unknown> {
    const ordinal = this.#next;
    const done = ordinal >= this.#end;
    let value: unknown;
    if (!done) {
      // oxlint-disable-next-line typescript/no-unnecessary-boolean-literal-compare -- 1 ns cheaper on V8
      if (this.#set.live !== true) this.#set.stale();
      const place = ordinal & IDENTITY.MASK;
      if (place === 0) this.#page = this.#set.page(ordinal >> IDENTITY.SHIFT);
      this.#next = ordinal + 1;
      value = this.#page[place];
      if (value === undefined) value = this.#make(ordinal);
    }
    return { done, value };
  }

  #make(ordinal: number): unknown {
    const value = this.#reader.at(this.#reader.length - (this.#end - ordinal));
    this.#page = this.#set.page(ordinal >> IDENTITY.SHIFT);
    return value;
  }

  [Symbol.iterator](): this {
    return this;
  }
}
