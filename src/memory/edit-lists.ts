/**
 * Edits of lists. A list keeps its kind while values fit it; the first that does not turns it into a list
 * of value slots, which holds anything, holes too.
 */
import { QuipeError } from "../errors.ts";
import type { Editor } from "./editor.ts";
import {
  type Address,
  BLOCK,
  evenWords,
  FLAG,
  KIND,
  KIND_MASK,
  LIST,
  OBJECT,
  SLOT,
  TAG,
} from "./layout.ts";
import { isInteger } from "./shapes.ts";

/** Elements that a program may add at once by writing far behind the end. */
const MAXIMUM_LENGTH = 2 ** 28;

/** How many elements the list at `address` has. */
export function listLength(editor: Editor, address: Address): number {
  return editor.region.words[address + LIST.LENGTH] as number;
}

/** Writes `value` at `index` of the list at `address`, which grows if need be. */
export function setElement(editor: Editor, address: Address, index: number, value: unknown): void {
  const length = listLength(editor, address);
  const isGap = index > length;
  if (isGap || !fits(kindOf(editor, address), value)) widenToSlots(editor, address);
  const kind = kindOf(editor, address);
  // The value is made part of the region before the list shows that it is there.
  const word = prepare(editor, kind, value);
  if (index >= length) makeRoom(editor, address, index + 1);
  const { region } = editor;
  const data = region.words[address + LIST.DATA] as number;
  if (kind === KIND.LIST_VALUES) writeHoles(editor, data, length, index);
  else region.touch(data + index * (isWide(kind) ? 2 : 1), isWide(kind) ? 2 : 1);
  if (kind === KIND.LIST_NUMBERS) region.numbers[(data >> 1) + index] = value as number;
  else if (kind !== KIND.LIST_VALUES) region.words[data + index] = word;
  else if (typeof value === "object" && value !== null)
    writeReference(editor, data + index * 2, word);
  else editor.writeSlot(data + index * 2, value);
  if (kind === KIND.LIST_REFERENCES) spoilRows(editor, address);
  if (index >= length) writeLength(editor, address, index + 1);
}

function prepare(editor: Editor, kind: number, value: unknown): number {
  if (typeof value === "object" && value !== null) return editor.address(value);
  if (kind === KIND.LIST_STRINGS) return editor.text(value as string);
  return kind === KIND.LIST_INTEGERS ? (value as number) : 0;
}

function writeLength(editor: Editor, address: Address, length: number): void {
  editor.region.touch(address + LIST.LENGTH, 1);
  editor.region.words[address + LIST.LENGTH] = length;
}

function writeReference(editor: Editor, slot: Address, target: Address): void {
  editor.region.touch(slot, SLOT.WORDS);
  const { words } = editor.region;
  words[slot + SLOT.LOW] = target;
  words[slot + SLOT.HIGH] = TAG.REFERENCE;
}

function writeHoles(editor: Editor, data: Address, from: number, to: number): void {
  for (let i = from; i < to; i++) editor.writeHole(data + i * 2);
}

/** Makes the element at `index` a hole. */
export function deleteElement(editor: Editor, address: Address, index: number): void {
  if (index >= listLength(editor, address)) return;
  widenToSlots(editor, address);
  editor.writeHole((editor.region.words[address + LIST.DATA] as number) + index * 2);
}

/** Cuts the list at `address` off, or fills it up with holes. */
export function setLength(editor: Editor, address: Address, length: number): void {
  const before = listLength(editor, address);
  if (length > before) {
    widenToSlots(editor, address);
    makeRoom(editor, address, length);
    writeHoles(editor, editor.region.words[address + LIST.DATA] as number, before, length);
  }
  writeLength(editor, address, length);
  spoilRows(editor, address);
}

function kindOf(editor: Editor, address: Address): number {
  return (editor.region.words[address + OBJECT.HEAD] as number) & KIND_MASK;
}

function fits(kind: number, value: unknown): boolean {
  switch (kind) {
    case KIND.LIST_INTEGERS:
      return typeof value === "number" && isInteger(value);
    case KIND.LIST_NUMBERS:
      return typeof value === "number";
    case KIND.LIST_STRINGS:
      return typeof value === "string";
    case KIND.LIST_REFERENCES:
      return typeof value === "object" && value !== null;
    default:
      return true;
  }
}

function isWide(kind: number): boolean {
  return kind === KIND.LIST_NUMBERS || kind === KIND.LIST_VALUES;
}

function spoilRows(editor: Editor, address: Address): void {
  editor.region.touch(address, 1);
  const { words } = editor.region;
  words[address] = (words[address] as number) & ~(FLAG.ROWS | FLAG.SEQUENCE);
}

/** Elements for which the list at `address` has room. */
function capacityOf(editor: Editor, address: Address): number {
  const { words } = editor.region;
  if (((words[address] as number) & FLAG.RELOCATED) === 0)
    return words[address + LIST.LENGTH] as number;
  const block = (words[address + LIST.DATA] as number) - BLOCK.WORDS;
  return words[block + BLOCK.CAPACITY] as number;
}

function makeRoom(editor: Editor, address: Address, length: number): void {
  if (length > MAXIMUM_LENGTH) {
    throw new QuipeError(
      "out-of-memory",
      `A list of ${length} elements does not fit into a region.`,
    );
  }
  if (length <= capacityOf(editor, address)) return;
  const wide = isWide(kindOf(editor, address)) ? 2 : 1;
  const capacity = Math.max(length, Math.ceil(listLength(editor, address) * 1.5), 4);
  const data = newBlock(editor, capacity, wide);
  const { words } = editor.region;
  const old = words[address + LIST.DATA] as number;
  words.copyWithin(data, old, old + listLength(editor, address) * wide);
  moveTo(editor, address, data);
}

function newBlock(editor: Editor, capacity: number, wide: number): Address {
  const block = editor.allocate(BLOCK.WORDS + evenWords(capacity * wide));
  editor.region.words[block + BLOCK.CAPACITY] = capacity;
  return block + BLOCK.WORDS;
}

function moveTo(editor: Editor, address: Address, data: Address): void {
  const { words } = editor.region;
  editor.discard(capacityOf(editor, address) * (isWide(kindOf(editor, address)) ? 2 : 1));
  editor.region.touch(address, LIST.WORDS);
  words[address + LIST.DATA] = data;
  words[address] = (words[address] as number) | FLAG.RELOCATED;
}

/** Turns the list at `address` into one of value slots. */
function widenToSlots(editor: Editor, address: Address): void {
  const kind = kindOf(editor, address);
  if (kind === KIND.LIST_VALUES) return;
  const length = listLength(editor, address);
  const data = newBlock(editor, Math.max(length, 4), SLOT.WORDS);
  const { words, numbers } = editor.region;
  const old = words[address + LIST.DATA] as number;
  for (let i = 0; i < length; i++) {
    const slot = data + i * SLOT.WORDS;
    if (kind === KIND.LIST_INTEGERS) numbers[slot >> 1] = words[old + i] as number;
    else if (kind === KIND.LIST_NUMBERS) editor.writeSlot(slot, numbers[(old >> 1) + i]);
    else {
      words[slot + SLOT.LOW] = words[old + i] as number;
      words[slot + SLOT.HIGH] = kind === KIND.LIST_STRINGS ? TAG.STRING : TAG.REFERENCE;
    }
  }
  moveTo(editor, address, data);
  words[address] = ((words[address] as number) & ~KIND_MASK) | KIND.LIST_VALUES;
  spoilRows(editor, address);
}
