/**
 * Reads a list in place, element by element: what big frozen lists and lists being edited have in common.
 */
import type { Page } from "./identity.ts";
import { type Address, FLAG, IDENTITY, KIND, KIND_MASK, LIST, OBJECT } from "./layout.ts";
import { isHole, readSlot } from "./slots.ts";

/** A list in shared memory, ready to be read by index. */
export class ListReader {
  readonly length: number;
  readonly #page: Page;
  readonly #kind: number;
  readonly #data: Address;
  /** The ordinal of the first element if those of the others follow it, else -1. */
  readonly #firstOrdinal: number;

  constructor(page: Page, address: Address) {
    const { words, isShuffled } = page.set.region;
    this.#page = page;
    this.#kind = (words[address + OBJECT.HEAD] as number) & KIND_MASK;
    this.length = words[address + LIST.LENGTH] as number;
    this.#data = words[address + LIST.DATA] as number;
    const isSequence = ((words[address + OBJECT.HEAD] as number) & FLAG.SEQUENCE) !== 0;
    const first = words[this.#data] as Address;
    this.#firstOrdinal = isSequence && !isShuffled ? (words[first + OBJECT.ORDINAL] as number) : -1;
  }

  /** The element at `index` of a sequence: its page and place are known without reading memory. */
  #inSequence(index: number): unknown {
    const ordinal = this.#firstOrdinal + index;
    const { set } = this.#page;
    const known = set.page(ordinal >> IDENTITY.SHIFT).slots[ordinal & IDENTITY.MASK];
    return known === undefined ? this.#reference(index) : known;
  }

  #reference(index: number): unknown {
    return this.#page.view(this.#page.set.region.words[this.#data + index] as Address);
  }

  /** The element at `index`, which must be in range; a hole reads as undefined. */
  at(index: number): unknown {
    if (!this.#page.set.live) this.#page.set.stale();
    if (this.#firstOrdinal >= 0) return this.#inSequence(index);
    const { region } = this.#page.set;
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
    if (!(index >= 0 && index < this.length)) return false;
    return (
      this.#kind !== KIND.LIST_VALUES || !isHole(this.#page.set.region, this.#data + index * 2)
    );
  }
}
