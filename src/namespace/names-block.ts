/**
 * A namespace as one thread sees it: its words, and the table that it read last.
 *
 *   NamesBlock ─ words ─▶ VERSION, areas (names-layout.ts, versions.ts)
 *              ├ table ─▶ the names of version `seen`; read again whenever VERSION is another
 *              └ parent ─▶ where names are looked for that this one has not
 *
 * While no other task can know of it, which is until it is sent, the directory does not either: what it names is kept
 * alive by this object, and what its locked names hold in place is known here only (memory/name-locks.ts).
 */
import { checkSharedMemory } from "../runtime/host.ts";
import { QuipeError } from "../errors.ts";
import { load } from "../runtime/atomics.ts";
import type { TaskId } from "../sync/board.ts";
import { isSameTask, ring } from "../sync/board.ts";
import { fetchBuffer, nextBufferId, publishBuffer } from "../sync/buffers.ts";
import { tellReaper, thisThread } from "../sync/thread.ts";
import { countSmall } from "../memory/ballast.ts";
import { type Pinned, holdRegion, isPublished, publishRegion } from "../memory/holding.ts";
import { HEADER, STATE } from "../memory/layout.ts";
import { type NameLocks, noteNameLocks } from "../memory/name-locks.ts";
import { Region } from "../memory/region.ts";
import { knownOther, rememberOther } from "../memory/region-table.ts";
import { ownerWordOf } from "../memory/titles.ts";
import { decodeBound } from "./bindable.ts";
import {
  type Binding,
  type Keeper,
  type NamesTable,
  decodeTable,
  encodeTable,
  noteHot,
} from "./bindings.ts";
import {
  NAMES,
  NAMES_MAGIC,
  NAMES_WORDS,
  NO_VERSION,
  RESERVED_BYTES,
  WEIGHT_BYTES,
} from "./names-layout.ts";
import { type NamesMemory, isOrphaned, readPublished, tryPublish, watchersOf } from "./versions.ts";

const EMPTY: NamesTable = { bindings: new Map(), isSealed: false };

/** One namespace in one thread. */
export class NamesBlock implements Pinned, NamesMemory, NameLocks, Keeper {
  /** The number under which every thread knows it. */
  readonly id: number;
  readonly buffer: SharedArrayBuffer;
  words: Int32Array;
  heldIn = 0;
  isEntered = false;
  /** The version whose names `table` has. */
  seen: number = NO_VERSION;
  table: NamesTable = EMPTY;
  readonly parent: NamesBlock | undefined;
  /** The task that this object belongs to: what it holds is not the next one's on this thread. */
  readonly #task: TaskId = { ...thisThread().task };

  constructor(buffer: SharedArrayBuffer, parent: NamesBlock | undefined) {
    this.buffer = buffer;
    this.words = new Int32Array(buffer, 0, buffer.byteLength >> 2);
    this.id = this.words[NAMES.ID] as number;
    this.parent = parent;
  }

  /** What has to be in the directory when this is. Of a namespace that is there already, the names have entered it. */
  get neighbours(): readonly Pinned[] {
    const kept = keptBy(this.table);
    return this.parent === undefined ? kept : [this.parent, ...kept];
  }

  /** Whether this task made it, or is the heir to whom it was left. */
  get isMine(): boolean {
    return load(this.words, NAMES.OWNER) === ownerWordOf(thisThread().task);
  }

  /** Whether nothing may be changed until an heir has adopted it. To be asked after {@link look}. */
  get isOrphaned(): boolean {
    return isOrphaned(this.seen);
  }

  /** Whether other tasks can know of it. */
  get isPublished(): boolean {
    return isPublished(this);
  }

  /** Reads the table if it is another than before. */
  look(): void {
    if (load(this.words, NAMES.VERSION) === this.seen) return;
    this.assertHere();
    const { version, table } = readPublished(this);
    this.table = decodeTable(table, this.table.bindings);
    this.seen = version;
  }

  /** Whether the table is still the one that counts. */
  get isCurrent(): boolean {
    return load(this.words, NAMES.VERSION) === this.seen;
  }

  /** The binding of a name, here or in a parent; undefined if there is none. */
  find(name: string): { readonly binding: Binding; readonly block: NamesBlock } | undefined {
    this.look();
    const binding = this.table.bindings.get(name);
    return binding === undefined ? this.parent?.find(name) : { binding, block: this };
  }

  /** What a name stands for. Throws `unbound-name`, and what {@link decodeBound} throws. */
  read(name: string): unknown {
    for (;;) {
      const found = this.find(name);
      if (found === undefined) throw this.unbound(name);
      const { binding, block } = found;
      const value = block.valueOf(binding);
      if (value !== OUTDATED) return value;
    }
  }

  /**
   * The value of a binding of `table`; `OUTDATED` if the table no longer counts, and what the binding named is gone. It is
   * held by this task first, and then VERSION is looked at: a name keeps alive what it is bound to, so what it is
   * bound to by then could not go before it was held. If it is bound otherwise by then, the directory is asked once
   * more: what is there now stays there. So a name that is rebound without a pause can still be read.
   */
  valueOf(binding: Binding): unknown {
    if (binding.liveness.live) return binding.value;
    const { value, liveness } = this.#decode(binding);
    if (binding.id !== 0 && !this.isCurrent && !isThere(binding.id)) return OUTDATED;
    if (liveness !== undefined) binding.remember(value, liveness);
    return value;
  }

  /** Whether nobody may bind the name otherwise now. */
  isLocked(binding: Binding): boolean {
    return binding.isLocked || this.isOrphaned;
  }

  /**
   * Makes `table` the names if they are still those that were seen. False, and nothing has changed, if somebody was
   * faster. What it names must be in the directory if this is: {@link enter}.
   */
  publish(table: NamesTable): boolean {
    const { board, task } = thisThread();
    const version = tryPublish(this, task.slot, this.seen, encodeTable(table));
    if (version === undefined) return false;
    const gone = this.isPublished ? idsOnlyIn(this.table, table) : NOTHING;
    this.table = table;
    this.seen = version;
    for (const slot of watchersOf(this.words)) ring(board, slot);
    if (gone.length > 0) tellReaper({ kind: "refused", ids: gone });
    return true;
  }

  /**
   * Enters what a table names in the directory, before anybody can read its number there. This itself, too, if that is
   * data of another task: its owner must hear what holds it in place, and not have to wait for what does not.
   */
  enter(table: NamesTable): void {
    const kept = keptBy(table);
    if (kept.some((it) => !isOwn(it))) this.publishAll();
    if (!this.isPublished || kept.length === 0) return;
    for (const it of kept) publishRegion(it);
    noteHot(this);
  }

  /** Lets other tasks come by it. */
  publishAll(): void {
    if (this.isPublished) return;
    this.look();
    rememberOther(this.id, this);
    publishRegion(this);
    for (const { keep } of this.table.bindings.values())
      if (keep instanceof Region) enterGone(keep);
    noteHot(this);
  }

  /** What the directory keeps alive need not be kept here. */
  forget(): void {
    if (this.isPublished)
      for (const binding of this.table.bindings.values()) binding.keep = undefined;
  }

  /** The locked names that hold region `id` in place, if only this task can know that. */
  lockedNamesOf(id: number): readonly string[] {
    if (this.#isLeft) return [];
    const bound = [...this.table.bindings.values()].filter((it) => it.id === id && it.isLocked);
    return bound.map(({ name }) => labelOf(this.id, name));
  }

  /** Throws if the task that had it has ended on this thread. */
  assertHere(): void {
    if (!this.#isLeft) return;
    throw new QuipeError(
      "stale",
      `Namespace ${this.id} belonged to a task that has ended on this thread. Nothing of it can be read here any more.`,
    );
  }

  /** The error for a name that is not there. */
  unbound(name: string): QuipeError {
    const bound = allNames(this);
    const others = bound.length === 0 ? "Nothing is bound there" : `Bound are ${bound.join(", ")}`;
    return new QuipeError(
      "unbound-name",
      `"${name}" is not bound in namespace ${this.id}. ${others}. Ask with "${name}" in names, or wait with whenBound(names, "${name}").`,
    );
  }

  get #isLeft(): boolean {
    return !isSameTask(thisThread().task, this.#task);
  }

  #decode(binding: Binding): ReturnType<typeof decodeBound> {
    this.assertHere();
    try {
      return decodeBound(binding, `names.${binding.name}`);
    } catch (error) {
      if (this.isCurrent) throw error;
      return { value: OUTDATED, liveness: undefined }; // it was let go of meanwhile
    }
  }
}

/** Stands for the value of a name that is bound otherwise by now. */
export const OUTDATED: unique symbol = Symbol("outdated");

const NOTHING: readonly number[] = [];

/** Makes a namespace of this task without names. */
export function createNames(parent: NamesBlock | undefined): NamesBlock {
  checkSharedMemory();
  const bytes = NAMES_WORDS * 4;
  const buffer = new SharedArrayBuffer(bytes, { maxByteLength: RESERVED_BYTES });
  countSmall(WEIGHT_BYTES);
  prepareNames(buffer, nextBufferId(), { owner: thisThread().task, parent: parent?.id ?? 0 });
  const block = new NamesBlock(buffer, parent);
  block.publish(EMPTY);
  noteNameLocks(block);
  return block;
}

/** Writes the header of a namespace that has no table yet. */
export function prepareNames(
  buffer: SharedArrayBuffer,
  id: number,
  { owner, parent }: { readonly owner: TaskId; readonly parent: number },
): void {
  const words = new Int32Array(buffer, 0, NAMES.FIRST_AREA);
  words[NAMES.MAGIC] = NAMES_MAGIC;
  words[NAMES.ID] = id;
  words[NAMES.STATE] = STATE.GUARDED; // neither waits for somebody to take it, nor for readers to leave
  words[NAMES.OWNER] = ownerWordOf(owner);
  words[NAMES.VERSION] = NO_VERSION;
  words[NAMES.NEXT] = 2;
  words[NAMES.TOP] = NAMES.FIRST_AREA;
  words[NAMES.PARENT] = parent;
}

/** The namespace with number `id`, held for this task. Blocks for an exchange or two with the reaper if it is new to the task. */
export function openNames(id: number): NamesBlock {
  const known = knownOther(id);
  if (known instanceof NamesBlock) return known;
  const buffer = fetchBuffer(id);
  const parent = new Int32Array(buffer, 0, NAMES.FIRST_AREA)[NAMES.PARENT] as number;
  const block = new NamesBlock(buffer, parent === 0 ? undefined : openNames(parent));
  rememberOther(id, block);
  holdRegion(block);
  return block;
}

/** A namespace and those that its names are looked for in when it has not got them, in that order. */
export function chainOf(block: NamesBlock): NamesBlock[] {
  return block.parent === undefined ? [block] : [block, ...chainOf(block.parent)];
}

/** All names that can be read, a parent's first, in the order in which they were bound. */
export function allNames(block: NamesBlock): string[] {
  block.look();
  const above = block.parent === undefined ? [] : allNames(block.parent);
  return [...new Set([...above, ...block.table.bindings.keys()])];
}

/** A name and where it is, in words. */
export function labelOf(id: number, name: string): string {
  return `"${name}" of namespace ${id}`;
}

/** What only this namespace keeps, without what its task has moved away or released since. */
function keptBy({ bindings }: NamesTable): Pinned[] {
  const kept = [...bindings.values()].flatMap(({ keep }) => keep ?? []);
  return kept.filter((it) => !(it instanceof Region) || it.loss === undefined);
}

/** Whoever asks for what was released before the directory ever knew it would wait for it, unless it is told. */
function enterGone({ id, buffer, loss, isEntered }: Region): void {
  if (loss !== "released" || isEntered) return;
  publishBuffer({ id, buffer, holding: "pins", carries: [] });
  tellReaper({ kind: "released", id });
}

/** Guards and namespaces are in nobody's way, and of no interest here. */
function isOwn(kept: Pinned): boolean {
  if (!(kept instanceof Region)) return true;
  return load(kept.words, HEADER.OWNER) === ownerWordOf(thisThread().task);
}

function isThere(id: number): boolean {
  try {
    return fetchBuffer(id).byteLength > 0;
  } catch (error) {
    if (error instanceof QuipeError && error.code === "released") return false;
    throw error;
  }
}

function idsOnlyIn(before: NamesTable, after: NamesTable): readonly number[] {
  const left = new Set([...after.bindings.values()].map(({ id }) => id));
  const ids = [...before.bindings.values()].map(({ id }) => id);
  return [...new Set(ids)].filter((id) => id !== 0 && !left.has(id));
}
