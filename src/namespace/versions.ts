/**
 * How names change: a whole table is written where nobody looks, and then one word says that it counts.
 *
 *   writer   seen = VERSION · a version of its own · table into an area of its own · VERSION: seen → its version
 *   reader   seen = VERSION · copies the table of that version · VERSION is seen still? else again
 *
 * There is no lock, so there is nobody to wait for and nothing to repair. A writer that dies leaves the old table or
 * the new one, since one compare-and-set decides; a version is given out once, so VERSION never comes back to a
 * value that it had, and who compares it with what it saw cannot be fooled. A table is overwritten only by its task
 * and only after VERSION has left it. A reader that copies it just then gets nonsense, and notices: its second look at
 * VERSION is a read-modify-write, before which all reads of the copy are done.
 *
 * That a reader who looks at VERSION without any atomic operation sees the newest: if the change happened before the
 * look, by a message or any other synchronisation, then so did the compare-and-set, and a plain read of that word
 * sees it or a later one. Without synchronisation there is no "before" to speak of.
 */
import { QuipeError } from "../errors.ts";
import { add, compareExchange, load, or, store } from "../runtime/atomics.ts";
import type { TaskId } from "../sync/board.ts";
import { ownerWordOf } from "../memory/titles.ts";
import { clearSlot, setSlot, slotsSet } from "../sync/seats.ts";
import {
  AREA,
  LEAST_CAPACITY,
  NAMES,
  NAMES_MAGIC,
  NOBODY,
  NO_VERSION,
  ORPHANED,
  TABLE,
} from "./names-layout.ts";

/** The memory of a namespace, as one thread sees it. */
export interface NamesMemory {
  readonly buffer: SharedArrayBuffer;
  /** All words. New ones after the memory grew. */
  words: Int32Array;
}

/** A table, and the version that says that it counts. */
export interface Published {
  /** The value of VERSION, with its bit. */
  readonly version: number;
  readonly table: Int32Array;
}

/** Whether a shared buffer is that of a namespace. */
export function isNamespace(words: Int32Array): boolean {
  return words[NAMES.MAGIC] === NAMES_MAGIC;
}

/** The words of a namespace that is in `buffer`. */
export function openMemory(buffer: SharedArrayBuffer): NamesMemory {
  return { buffer, words: new Int32Array(buffer, 0, buffer.byteLength >> 2) };
}

/** Whether everything is locked because the creator is dead. */
export function isOrphaned(version: number): boolean {
  return (version & ORPHANED) !== 0;
}

/** The table that counts; `most` words of it at most. */
export function readPublished(memory: NamesMemory, most: number = Infinity): Published {
  for (;;) {
    const version = load(memory.words, NAMES.VERSION);
    const table = copyOf(memory, version & ~ORPHANED, most);
    // A read-modify-write: behind a plain load, reads of the copy could still be under way.
    if (table !== undefined && add(memory.words, NAMES.VERSION, 0) === version) {
      return { version, table };
    }
  }
}

/**
 * Makes `table` count if what counts is still `seen`, for the task in `slot`. Returns its version; undefined, and
 * nothing has changed, if somebody was faster. Throws `out-of-memory`.
 */
export function tryPublish(
  memory: NamesMemory,
  slot: number,
  seen: number,
  table: Int32Array,
): number | undefined {
  if (load(memory.words, NAMES.VERSION) !== seen) return undefined;
  const area = areaFor(memory, slot, seen & ~ORPHANED, table.length);
  const { words } = memory;
  const version = add(words, NAMES.NEXT, 2);
  words[area + AREA.VERSION] = version;
  words[area + AREA.LENGTH] = table.length;
  words.set(table, area + AREA.TABLE);
  return compareExchange(words, NAMES.VERSION, seen, version) === seen ? version : undefined;
}

/**
 * Hands the namespace of a dead creator to its heir. Everything is locked first, in the one word that every change
 * compares, so no change by others can come after that. Can be repeated.
 */
export function orphan(words: Int32Array, dead: TaskId, heir: TaskId): void {
  const title = ownerWordOf(dead);
  if (load(words, NAMES.OWNER) !== title) return;
  or(words, NAMES.VERSION, ORPHANED);
  compareExchange(words, NAMES.OWNER, title, ownerWordOf(heir));
}

/** A task is dead: others may take its areas, and nobody need wake it. Can be repeated. */
export function forgetTask(memory: NamesMemory, slot: number): void {
  const { words } = whole(memory);
  for (const area of areasOf(words)) {
    if (load(words, area + AREA.OWNER) === slot) store(words, area + AREA.OWNER, NOBODY);
  }
  unwatchNames(words, slot);
}

/** The numbers of what the names are bound to, and of these what locked names hold in place. */
export function idsBound(memory: NamesMemory): {
  readonly all: readonly number[];
  readonly locked: readonly number[];
} {
  let most = 64;
  for (;;) {
    const { version, table } = readPublished(memory, most);
    const end = TABLE.LIST + (table[TABLE.COUNT] as number);
    most = end;
    if (end > table.length) continue;
    const all = [...table.subarray(TABLE.LIST, end)];
    const locked = isOrphaned(version) ? all : all.slice(0, table[TABLE.LOCKED_COUNT]);
    return { all, locked };
  }
}

/** Says that the task in `slot` wants to hear of every change. */
export function watchNames(words: Int32Array, slot: number): void {
  setSlot(words, NAMES.WATCHER_GROUPS, NAMES.WATCHERS, slot);
}

/** Ends that. */
export function unwatchNames(words: Int32Array, slot: number): void {
  clearSlot(words, NAMES.WATCHERS, slot);
}

/** The slots of the tasks that want to hear of a change; to be asked after it. */
export function watchersOf(words: Int32Array): number[] {
  if (load(words, NAMES.WATCHER_GROUPS) === 0) return [];
  return slotsSet(words, NAMES.WATCHER_GROUPS, NAMES.WATCHERS);
}

/** The areas, the newest first. */
export function* areasOf(words: Int32Array): Generator<number> {
  for (let area = load(words, NAMES.AREAS); area !== 0; area = words[area + AREA.LINK] as number) {
    yield area;
    if (area + AREA.TABLE > words.length) return; // made since these words were looked at
  }
}

/** What lies in the area of that version, which may be changing by now; undefined if there is none any more. */
function copyOf(memory: NamesMemory, version: number, most: number): Int32Array | undefined {
  const { words } = whole(memory);
  for (const area of areasOf(words)) {
    if (words[area + AREA.VERSION] !== version) continue;
    const length = words[area + AREA.LENGTH] as number;
    return words.slice(area + AREA.TABLE, area + AREA.TABLE + Math.min(length, most));
  }
  return undefined;
}

/** Room for a table that does not count: an area of this task's, one that a dead task has left, or a new one. */
function areaFor(memory: NamesMemory, slot: number, counting: number, length: number): number {
  const { words } = whole(memory);
  for (const area of areasOf(words)) {
    // What is this task's and does not count now will only ever count by a new table of this task.
    if (words[area + AREA.VERSION] === counting) continue;
    if ((words[area + AREA.CAPACITY] as number) < length) continue;
    const owner = load(words, area + AREA.OWNER);
    if (owner === slot) return area;
    if (owner !== NOBODY) continue;
    if (compareExchange(words, area + AREA.OWNER, NOBODY, slot) !== NOBODY) continue;
    // The dead task may have published it after the look at VERSION above; now nobody but this one can any more.
    const now = load(words, NAMES.VERSION) & ~ORPHANED;
    if (words[area + AREA.VERSION] !== now) return area;
  }
  return newArea(memory, slot, length);
}

function newArea(memory: NamesMemory, slot: number, length: number): number {
  const capacity = Math.max(LEAST_CAPACITY, 2 ** Math.ceil(Math.log2(length)));
  const area = add(memory.words, NAMES.TOP, AREA.TABLE + capacity);
  growTo(memory, area + AREA.TABLE + capacity);
  const { words } = memory;
  words[area + AREA.VERSION] = NO_VERSION;
  words[area + AREA.CAPACITY] = capacity;
  words[area + AREA.OWNER] = slot;
  for (;;) {
    const newest = load(words, NAMES.AREAS);
    words[area + AREA.LINK] = newest;
    if (compareExchange(words, NAMES.AREAS, newest, area) === newest) return area;
  }
}

/** Makes the memory at least so many words large, whoever else does that at the same time. */
function growTo(memory: NamesMemory, count: number): void {
  const { buffer } = memory;
  const bytes = count * 4;
  if (bytes > buffer.byteLength && bytes > buffer.maxByteLength) throw namesOverflow(memory);
  while (bytes > buffer.byteLength) {
    try {
      buffer.grow(Math.min(Math.max(bytes, buffer.byteLength * 2), buffer.maxByteLength));
    } catch (error) {
      if (bytes <= buffer.byteLength) break; // another task has made it larger than this one wanted
      throw namesOverflow(memory, error);
    }
  }
  whole(memory);
}

/** The memory with words up to where it has grown by now. */
function whole(memory: NamesMemory): NamesMemory {
  const { buffer, words } = memory;
  if (buffer.byteLength >> 2 > words.length) memory.words = openMemory(buffer).words;
  return memory;
}

function namesOverflow({ words }: NamesMemory, cause?: unknown): QuipeError {
  return new QuipeError(
    "out-of-memory",
    `Namespace ${words[NAMES.ID]} has no room for that many names, or texts that long. Nothing has changed; bind frozen data that holds them.`,
    { cause },
  );
}
