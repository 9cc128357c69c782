/** What the programs about namespaces share: one namespace, and tables whose content is easily judged. */
import assert from "node:assert/strict";
import { Binding, decodeTable, encodeTable } from "../../src/namespace/bindings.ts";
import { AREA, NAMES, ORPHANED } from "../../src/namespace/names-layout.ts";
import { prepareNames } from "../../src/namespace/names-block.ts";
import { openMemory, readPublished, tryPublish } from "../../src/namespace/versions.ts";
import { load } from "../../src/runtime/atomics.ts";
import type { Memory } from "./program.ts";
import { FIRST } from "./stage.ts";

/** The number of the namespace. */
export const NAMES_ID = 5;
/** Room for a header and six areas. */
export const NAMES_BYTES = (NAMES.FIRST_AREA + 6 * (AREA.TABLE + 64)) * 4;

/** What the tables of these programs hold: a lock, two values that always change together, and what they keep alive. */
export interface Content {
  readonly locked: boolean;
  readonly one: number;
  readonly two: number;
  readonly ids: readonly number[];
}

/** What it has at first. */
export const START: Content = { locked: false, one: 0, two: 0, ids: [] };

/** The words of a table with that. */
export function tableOf({ locked, one, two, ids }: Content): Int32Array {
  const bindings = new Map<string, Binding>();
  const bind = (name: string, value: number, id: number): void => {
    const bytes = Uint8Array.of(value);
    bindings.set(name, new Binding(name, locked, { bytes, id, keep: undefined }));
  };
  bind("one", one, 0);
  bind("two", two, 0);
  for (const id of ids) bind(`kept ${id}`, 0, id);
  return encodeTable({ bindings, isSealed: false });
}

/** What is in a table. */
export function contentOf(table: Int32Array): Content {
  const [one, two, ...others] = decodeTable(table).bindings.values();
  return {
    locked: one?.isLocked === true,
    one: one?.bytes[0] ?? NaN,
    two: two?.bytes[0] ?? NaN,
    ids: others.map(({ id }) => id),
  };
}

/** Makes a namespace of the first task. */
export function setNames(memory: Memory<"names">, content: Content = START): void {
  prepareNames(memory.names, NAMES_ID, { owner: FIRST, parent: 0 });
  const names = openMemory(memory.names);
  tryPublish(names, FIRST.slot, load(names.words, NAMES.VERSION), tableOf(content));
}

/** Changes the names until that has worked once; false if they are locked. */
export function change(
  memory: Memory<"names">,
  slot: number,
  edit: (content: Content) => Content,
): boolean {
  const names = openMemory(memory.names);
  for (;;) {
    const { version, table } = readPublished(names);
    const content = contentOf(table);
    if (content.locked || (version & ORPHANED) !== 0) return false;
    if (tryPublish(names, slot, version, tableOf(edit(content))) !== undefined) return true;
  }
}

/** Changes both values. */
export const increment = (content: Content): Content => ({
  ...content,
  one: content.one + 1,
  two: content.two + 1,
});
/** Locks every name. */
export const locking = (content: Content): Content => ({ ...content, locked: true });

/** What counts now, read without a step. */
export function nowIn(buffer: SharedArrayBuffer): Content & { readonly version: number } {
  const words = new Int32Array(buffer);
  const version = words[NAMES.VERSION] as number;
  for (let area = words[NAMES.AREAS] as number; area !== 0; area = words[area + AREA.LINK] ?? 0) {
    if (words[area + AREA.VERSION] !== (version & ~ORPHANED)) continue;
    return { ...contentOf(words.slice(area + AREA.TABLE, area + AREA.TABLE + 64)), version };
  }
  throw new Error("no area has the version that counts");
}

/** What a task reads that reads now. */
export function countIn({ names }: Memory<"names">): number {
  return contentOf(readPublished(openMemory(names)).table).one;
}

/** Throws if half an update counts. */
export function assertWhole({ names }: Memory<"names">): void {
  const { one, two } = nowIn(names);
  assert.equal(one, two, "half an update counts");
}
