/**
 * What the reaper reads of a namespace, and does for it: what its names keep alive, what they hold in place, and what
 * becomes of it when a task dies. It reads the words as any task does, so nothing is counted that a kill could leave
 * miscounted.
 */
import type { TaskId } from "../sync/board.ts";
import { decodeTable } from "./bindings.ts";
import { NAMES } from "./names-layout.ts";
import { labelOf } from "./names-block.ts";
import { forgetTask, idsBound, isOrphaned, openMemory, orphan, readPublished } from "./versions.ts";

/** The numbers of all that the namespace in `buffer` keeps alive: what is bound in it, and its parent. */
export function keptByNames(buffer: SharedArrayBuffer): readonly number[] {
  const memory = openMemory(buffer);
  const parent = memory.words[NAMES.PARENT] as number;
  const { all } = idsBound(memory);
  return parent === 0 ? all : [parent, ...all];
}

/** The locked names of the namespace in `buffer` that hold region `id` in place, in words. */
export function namesLocking(buffer: SharedArrayBuffer, id: number): readonly string[] {
  const memory = openMemory(buffer);
  if (!idsBound(memory).locked.includes(id)) return [];
  const { version, table } = readPublished(memory);
  const bound = [...decodeTable(table).bindings.values()].filter((it) => it.id === id);
  const locked = bound.filter(({ isLocked }) => isLocked || isOrphaned(version));
  return locked.map(({ name }) => labelOf(memory.words[NAMES.ID] as number, name));
}

/** The creator of some namespaces may be dead: they go to its heir, with everything locked. Can be repeated. */
export function bequeathNames(buffer: SharedArrayBuffer, dead: TaskId, heir: TaskId): void {
  orphan(openMemory(buffer).words, dead, heir);
}

/** A task is dead: what it used of the namespace is anybody's. Can be repeated. */
export function leaveNames(buffer: SharedArrayBuffer, dead: number): void {
  forgetTask(openMemory(buffer), dead);
}
