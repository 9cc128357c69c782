/**
 * Frozen lists: real frozen arrays up to a limit, and above it Proxies (big-lists.ts).
 *
 * A real array holds its elements, so building it builds them (half-built.ts). Lists nested deeper than the
 * stack would like become Proxies whatever their length, which ends the descent.
 */
import { makeBigList } from "./big-lists.ts";
import { fillView, nesting } from "./half-built.ts";
import { type Page, Stamp } from "./identity.ts";
import { type Address, KIND, KIND_MASK, LIST, OBJECT, REAL_LIST_LIMIT } from "./layout.ts";
import type { Region } from "./region.ts";
import { isHole, readSlot } from "./slots.ts";

/** Real lists inside real lists, at most. */
const NESTED = 200;

/** Builds the frozen list at `address`. */
export function makeList(region: Region, address: Address, page: Page): object {
  const { words } = region;
  const kind = (words[address + OBJECT.HEAD] as number) & KIND_MASK;
  const length = words[address + LIST.LENGTH] as number;
  const isScalar = kind === KIND.LIST_INTEGERS || kind === KIND.LIST_NUMBERS;
  const limit = isScalar ? REAL_LIST_LIMIT.SCALARS : REAL_LIST_LIMIT.VALUES;
  if (length > limit || nesting() > NESTED) return makeBigList(region, address, page);
  const list: unknown[] = [];
  const elements = { region, data: words[address + LIST.DATA] as number, length, page };
  if (kind === KIND.LIST_REFERENCES || kind === KIND.LIST_VALUES) {
    fillView(list, page, address, () => fill(list, elements, kind));
  } else fill(list, elements, kind);
  new Stamp(list, page, address);
  return Object.freeze(list);
}

interface Elements {
  readonly region: Region;
  readonly data: Address;
  readonly length: number;
  readonly page: Page;
}

function fill(list: unknown[], elements: Elements, kind: number): void {
  const { region, data, length, page } = elements;
  const { words, numbers, text } = region;
  switch (kind) {
    case KIND.LIST_INTEGERS:
      for (let i = 0; i < length; i++) list.push(words[data + i]);
      return;
    case KIND.LIST_NUMBERS:
      for (let i = 0; i < length; i++) list.push(numbers[(data >> 1) + i]);
      return;
    case KIND.LIST_STRINGS:
      for (let i = 0; i < length; i++) list.push(text.read(words[data + i] as number));
      return;
    case KIND.LIST_REFERENCES:
      for (let i = 0; i < length; i++) list.push(page.view(words[data + i] as Address));
      return;
    default:
      fillValues(list, elements);
  }
}

function fillValues(list: unknown[], { region, data, length, page }: Elements): void {
  for (let i = 0; i < length; i++) {
    const slot = data + i * 2;
    if (isHole(region, slot)) list.length = i + 1;
    else list[i] = readSlot(region, slot, page);
  }
}
