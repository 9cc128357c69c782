/**
 * Moves lists into a compact image: their elements behind their heads, and value slots whose values have
 * one type again as a list of that type.
 *
 * A list that has grown gets a block with room for more if the image is to have room, so that a program
 * that goes on adding to it does not copy it each time.
 */
import type { TextMover } from "./compact-text.ts";
import type { Draft } from "./draft.ts";
import { CONTENT, listKindFor } from "./encode-list.ts";
import {
  type Address,
  BLOCK,
  evenWords,
  FLAG,
  KIND,
  KIND_MASK,
  LIST,
  SLOT,
  TAG,
} from "./layout.ts";
import type { Region } from "./region.ts";
import { isInteger } from "./shapes.ts";

/** What moving lists needs from the rest of the copier. */
export interface ListParts {
  readonly text: TextMover;
  /** Copies a value slot. */
  moveSlot(from: Address, to: Address): void;
  /** Places or finds an element that is a record; 0 for any other, whose address is written to `word` later. */
  placeElement(old: Address, word: Address): Address;
}

/** Copies of so many words are left to the platform. */
const LONG = 32;

/** Moves the lists of one region. */
export class ListMover {
  /** Words that are room for more. */
  roomWords = 0;
  readonly #from: Int32Array;
  readonly #fromNumbers: Float64Array;
  readonly #draft: Draft;
  readonly #keepsRoom: boolean;
  readonly #parts: ListParts;

  constructor(region: Region, draft: Draft, keepsRoom: boolean, parts: ListParts) {
    this.#from = region.words;
    this.#fromNumbers = region.numbers;
    this.#draft = draft;
    this.#keepsRoom = keepsRoom;
    this.#parts = parts;
  }

  /** Moves the list of `kind` at `old`. */
  move(old: Address, kind: number): Address {
    const draft = this.#draft;
    const length = this.#from[old + LIST.LENGTH] as number;
    const newKind = kind === KIND.LIST_VALUES ? this.#kindOfValues(old, length) : kind;
    const isWide = newKind === KIND.LIST_NUMBERS || newKind === KIND.LIST_VALUES;
    const capacity = this.#capacityOf(old, length);
    const block = capacity > length ? BLOCK.WORDS : 0;
    const size = LIST.WORDS + block + evenWords(capacity * (isWide ? 2 : 1));
    const head = block === 0 ? newKind : newKind | FLAG.RELOCATED;
    const address = draft.place(head, size);
    const data = address + LIST.WORDS + block;
    draft.words[address + LIST.LENGTH] = length;
    draft.words[address + LIST.DATA] = data;
    if (block !== 0) draft.words[data - BLOCK.WORDS + BLOCK.CAPACITY] = capacity;
    this.roomWords += block + (capacity - length) * (isWide ? 2 : 1);
    const { holder } = draft;
    draft.holder = draft.ordinals - 1;
    if (newKind === KIND.LIST_REFERENCES) this.#elementObjects(old, address, length);
    else if (newKind === kind) this.#sameElements(old, { kind, length }, data);
    else this.#narrowElements(old, { kind: newKind, length }, data);
    draft.holder = holder;
    return address;
  }

  /** How many elements the list at `old` shall have room for. */
  #capacityOf(old: Address, length: number): number {
    const hasGrown = ((this.#from[old] as number) & FLAG.RELOCATED) !== 0;
    return this.#keepsRoom && hasGrown ? roomFor(length) : length;
  }

  /** The narrowest kind of list for the value slots of the list at `old`. */
  #kindOfValues(old: Address, length: number): number {
    const from = this.#from;
    const end = (from[old + LIST.DATA] as number) + length * SLOT.WORDS;
    let content = 0;
    for (let slot = end - length * SLOT.WORDS; slot < end; slot += SLOT.WORDS) {
      content |= this.#contentOf(slot);
      if (content > CONTENT.OBJECT) break;
    }
    return listKindFor(content);
  }

  #contentOf(slot: Address): number {
    const high = this.#from[slot + SLOT.HIGH] as number;
    if (high < TAG.FIRST || high >= 0) {
      const value = this.#fromNumbers[slot >> 1] as number;
      return isInteger(value) ? CONTENT.INTEGER : CONTENT.NUMBER;
    }
    if (high === TAG.STRING) return CONTENT.STRING;
    if (high !== TAG.REFERENCE) return CONTENT.OTHER;
    const target = this.#from[slot + SLOT.LOW] as Address;
    const isBigint = ((this.#from[target] as number) & KIND_MASK) === KIND.BIGINT;
    return isBigint ? CONTENT.OTHER : CONTENT.OBJECT;
  }

  /** Copies the elements of a list that keeps its kind. */
  #sameElements(old: Address, { kind, length }: Elements, data: Address): void {
    const from = this.#from;
    const first = from[old + LIST.DATA] as Address;
    const { words } = this.#draft;
    switch (kind) {
      case KIND.LIST_STRINGS:
        for (let i = 0; i < length; i++)
          words[data + i] = this.#parts.text.move(from[first + i] as number);
        return;
      case KIND.LIST_VALUES:
        for (let i = 0; i < length * 2; i += SLOT.WORDS) this.#parts.moveSlot(first + i, data + i);
        return;
      default:
        copyWords(from, words, {
          first,
          to: data,
          count: kind === KIND.LIST_NUMBERS ? length * 2 : length,
        });
    }
  }

  /** Copies the elements of a list of value slots that becomes one of `kind`. */
  #narrowElements(old: Address, { kind, length }: Elements, data: Address): void {
    const from = this.#from;
    const first = from[old + LIST.DATA] as Address;
    const { words } = this.#draft;
    if (kind === KIND.LIST_NUMBERS) {
      copyWords(from, words, { first, to: data, count: length * 2 });
      return;
    }
    for (let i = 0; i < length; i++) {
      const slot = first + i * SLOT.WORDS;
      if (kind === KIND.LIST_STRINGS) words[data + i] = this.#parts.text.move(from[slot] as number);
      else words[data + i] = this.#fromNumbers[slot >> 1] as number;
    }
  }

  /** Copies the elements of a list of objects: new records follow each other, the rest is pended. */
  #elementObjects(old: Address, address: Address, length: number): void {
    const draft = this.#draft;
    const from = this.#from;
    const stride = ((from[old] as number) & KIND_MASK) === KIND.LIST_VALUES ? SLOT.WORDS : 1;
    const first = from[old + LIST.DATA] as Address;
    const data = draft.words[address + LIST.DATA] as Address;
    const firstOrdinal = draft.ordinals;
    let rowHead = 0;
    let isRows = true;
    for (let i = 0; i < length; i++) {
      const placed = this.#parts.placeElement(from[first + i * stride] as Address, data + i);
      if (placed === 0) continue;
      const { words } = draft;
      words[data + i] = placed;
      if (i === 0) rowHead = words[placed] as number;
      isRows &&= (((words[placed] as number) ^ rowHead) & ~FLAG.TRUE) === 0;
    }
    if (length === 0 || draft.ordinals - firstOrdinal !== length) return;
    const rows = isRows && (rowHead & KIND_MASK) === KIND.RECORD ? FLAG.ROWS : 0;
    draft.words[address] = (draft.words[address] as number) | FLAG.SEQUENCE | rows;
  }
}

interface Elements {
  readonly kind: number;
  readonly length: number;
}

/** Elements or entries that something which has grown to `count` gets room for: none if that are few. */
export function roomFor(count: number): number {
  return count + (count >> 2);
}

interface Stretch {
  readonly first: Address;
  readonly to: Address;
  readonly count: number;
}

/** Copies words from one place to another. */
export function copyWords(
  from: Int32Array,
  words: Int32Array,
  { first, to, count }: Stretch,
): void {
  if (count > LONG) words.set(from.subarray(first, first + count), to);
  else for (let i = 0; i < count; i++) words[to + i] = from[first + i] as number;
}
