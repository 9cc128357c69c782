/**
 * Pins: which tasks read a region. One bit for each task slot, so that the reaper can take away the
 * pin of a task that died.
 *
 * Each bit is written by its task, or by the reaper after that task is proven dead. Who reads the pins to
 * decide something, a sweep or a thaw, asks the reaper; task/directory.ts argues why its answer is exact.
 */
import * as atomics from "../runtime/atomics.ts";
import { HEADER, PIN_WORDS } from "./layout.ts";
import type { Region } from "./region.ts";

/** Says that the task in `slot` reads `region`. */
export function pin({ words }: { readonly words: Int32Array }, slot: number): void {
  atomics.or(words, wordOf(slot), bitOf(slot));
}

/** Says that the task in `slot` no longer reads the region with these words. */
export function unpinWords(words: Int32Array, slot: number): void {
  atomics.and(words, wordOf(slot), ~bitOf(slot));
}

/** Whether any task reads `region`. */
export function pinned(region: Region): boolean {
  return pinnedWords(region.words);
}

/** The same, for those who have only the words of the region. */
export function pinnedWords(words: Int32Array): boolean {
  for (let word = 0; word < PIN_WORDS; word++) {
    if (atomics.load(words, HEADER.PINS + word) !== 0) return true;
  }
  return false;
}

/** The slots of the tasks that read the region with these words. */
export function slotsPinned(words: Int32Array): number[] {
  const slots: number[] = [];
  for (let word = 0; word < PIN_WORDS; word++) {
    const bits = atomics.load(words, HEADER.PINS + word);
    for (let bit = 0; bit < 32; bit++) if ((bits & (1 << bit)) !== 0) slots.push(word * 32 + bit);
  }
  return slots;
}

function wordOf(slot: number): number {
  if (slot < 0 || slot >= PIN_WORDS * 32) {
    throw new RangeError(`Expected \`slot\` to be from 0 to ${PIN_WORDS * 32 - 1}, got ${slot}.`);
  }
  return HEADER.PINS + (slot >> 5);
}

function bitOf(slot: number): number {
  return 1 << (slot & 31);
}
