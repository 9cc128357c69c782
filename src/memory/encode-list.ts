/**
 * Writes arrays, by what their elements are: integers, numbers, strings, references or anything.
 *
 *   head │ ordinal │ length │ data ─▶ element, element, …
 *
 * The elements of a list of fresh plain records are placed one after the other. Their ordinals then
 * follow each other, and with one shape they lie at equal distances: cursors step through such rows.
 */
import type { Draft } from "./draft.ts";
import {
  type Address,
  evenWords,
  FLAG,
  KIND,
  KIND_MASK,
  LIST,
  SHAPE_SHIFT,
  TAG,
} from "./layout.ts";
import { Refusal } from "./refusals.ts";
import { isInteger } from "./shapes.ts";
import { TextUse } from "./text-writer.ts";

/** Which kinds of elements a list has: these bits, added up. */
export const CONTENT = { INTEGER: 1, NUMBER: 2, STRING: 4, OBJECT: 8, OTHER: 16 } as const;

type ListKind =
  | typeof KIND.LIST_INTEGERS
  | typeof KIND.LIST_NUMBERS
  | typeof KIND.LIST_STRINGS
  | typeof KIND.LIST_REFERENCES
  | typeof KIND.LIST_VALUES;

/** Lists up to this length are looked through for properties besides their elements. */
const INSPECTED_LENGTH = 32;

/** Places a plain record, or finds where it was placed before; undefined for anything else. */
export type PlaceFresh = (value: object) => Address | undefined;

/** Places `list`. Records among its elements are placed by `placeFresh`, the other objects are pended. */
export function placeList(draft: Draft, list: readonly unknown[], placeFresh: PlaceFresh): Address {
  refuseExtraKeys(list);
  const kind = kindOf(list);
  const wide = kind === KIND.LIST_NUMBERS || kind === KIND.LIST_VALUES;
  const size = LIST.WORDS + evenWords(list.length * (wide ? 2 : 1));
  const address = draft.place(kind, size);
  draft.holder = draft.ordinals - 1;
  const data = address + LIST.WORDS;
  draft.words[address + LIST.LENGTH] = list.length;
  draft.words[address + LIST.DATA] = data;
  if (!wide && list.length % 2 === 1) draft.words[data + list.length] = 0;
  writeElements(draft, { list, kind, address }, placeFresh);
  return address;
}

interface PlacedList {
  readonly list: readonly unknown[];
  readonly kind: ListKind;
  readonly address: Address;
}

function writeElements(draft: Draft, placed: PlacedList, placeFresh: PlaceFresh): void {
  const { list, kind } = placed;
  const data = placed.address + LIST.WORDS;
  const use = new TextUse();
  switch (kind) {
    case KIND.LIST_INTEGERS:
      for (let i = 0; i < list.length; i++) draft.words[data + i] = list[i] as number;
      return;
    case KIND.LIST_NUMBERS:
      for (let i = 0; i < list.length; i++) draft.numbers[(data >> 1) + i] = list[i] as number;
      return;
    case KIND.LIST_STRINGS:
      for (let i = 0; i < list.length; i++) {
        draft.writeText(data + i, list[i] as string, use);
      }
      return;
    case KIND.LIST_REFERENCES:
      writeReferences(draft, placed, placeFresh);
      return;
    case KIND.LIST_VALUES:
      for (let i = 0; i < list.length; i++) {
        if (i in list) draft.writeSlot(data + i * 2, list[i], use);
        else draft.writeTag(data + i * 2, TAG.HOLE, 0);
      }
  }
}

function writeReferences(draft: Draft, placed: PlacedList, placeFresh: PlaceFresh): void {
  const { list, address } = placed;
  const data = address + LIST.WORDS;
  const firstOrdinal = draft.ordinals;
  let rowHead = 0;
  let isRows = true;
  for (let i = 0; i < list.length; i++) {
    const element = list[i] as object;
    const fresh = placeFresh(element);
    if (fresh === undefined) {
      draft.words[data + i] = 0;
      draft.pend(element, data + i);
      continue;
    }
    draft.words[data + i] = fresh;
    const head = draft.words[fresh] as number;
    if (i === 0) rowHead = head;
    isRows &&= ((head ^ rowHead) & ~FLAG.TRUE) === 0;
  }
  if (list.length === 0 || draft.ordinals - firstOrdinal !== list.length) return;
  const rows = isRows && (rowHead & KIND_MASK) === KIND.RECORD ? FLAG.ROWS : 0;
  draft.words[address] = (draft.words[address] as number) | FLAG.SEQUENCE | rows;
}

/** The narrowest kind of list that holds all elements of `list`. */
function kindOf(list: readonly unknown[]): ListKind {
  let content = 0;
  for (let i = 0; i < list.length; i++) {
    content |= contentOf(list[i]);
    if (content > CONTENT.OBJECT) return KIND.LIST_VALUES;
  }
  return listKindFor(content);
}

/** The narrowest kind of list for elements of the kinds in `content`. */
export function listKindFor(content: number): ListKind {
  switch (content) {
    case CONTENT.INTEGER:
      return KIND.LIST_INTEGERS;
    case CONTENT.NUMBER:
    case CONTENT.NUMBER | CONTENT.INTEGER:
      return KIND.LIST_NUMBERS;
    case CONTENT.STRING:
      return KIND.LIST_STRINGS;
    case CONTENT.OBJECT:
      return KIND.LIST_REFERENCES;
    default:
      return KIND.LIST_VALUES;
  }
}

function contentOf(value: unknown): number {
  switch (typeof value) {
    case "number":
      return isInteger(value) ? CONTENT.INTEGER : CONTENT.NUMBER;
    case "string":
      return CONTENT.STRING;
    case "object":
      return value === null ? CONTENT.OTHER : CONTENT.OBJECT;
    default:
      return CONTENT.OTHER;
  }
}

/** Named properties of an array would be lost, so they are refused where looking is cheap. */
function refuseExtraKeys(list: readonly unknown[]): void {
  if (list.length > INSPECTED_LENGTH) return;
  const keys = Object.keys(list);
  const last = keys[keys.length - 1];
  if (last === undefined || String(Number(last) >>> 0) === last) return;
  throw new Refusal(list, "it is a named property of an array", last);
}

/** The shape number in the head of a record. */
export function shapeNumber(head: number): number {
  return head >>> SHAPE_SHIFT;
}
