/**
 * A guard as one thread sees it: its words, the region that it guards, and what this thread has going on there.
 *
 *   GuardBlock ─ words ─▶ lock, queue, undo log (guard-layout.ts)
 *              ├ region ─▶ the guarded graph; looked up again whenever another task has changed it
 *              └ claim ─▶ the request of this thread that waits at the lock; the others wait behind it
 *
 * Views of a guarded region are live only while this thread is inside; who keeps one and uses it later is told so.
 */
import { fetchBuffer, nextBufferId } from "../sync/buffers.ts";
import { beforeAll } from "../sync/on-its-way.ts";
import { forgetEditor } from "./editors.ts";
import { GUARD, GUARD_MAGIC, GUARD_WORDS } from "./guard-layout.ts";
import { type Compacted, compacted, isTimeToCompact } from "./settling.ts";
import { holdRegion, isPublished, publishRegion, publishAgain } from "./holding.ts";
import { HEADER, HEAP_START, STATE } from "./layout.ts";
import { lossOf } from "./loss.ts";
import { Region, sharedRegion } from "./region.ts";
import { knownGuard, rememberGuard, rememberRegion } from "./region-table.ts";
import { type LogMemory, UndoLog, logOverflow, outOfMemory, undo } from "./undo-log.ts";
import type { Visit } from "./update.ts";
import { editableRoot } from "./views.ts";

/** The least that is reserved for the undo log, in bytes of address space. */
const LEAST_RESERVED_BYTES = 1 << 28;

/** Something that waits for the lock of a guard. */
export interface Claim {
  /** Whether it blocks the thread, so that those that do not cannot go on before it. */
  readonly goesFirst: boolean;
  /** Gives back what it has got so far, so that another can go first. Says whether it had anything. */
  stepBack(): boolean;
}

/** One guard in one thread. */
export class GuardBlock implements LogMemory {
  /** The number under which every thread knows it. */
  readonly id: number;
  readonly buffer: SharedArrayBuffer;
  /** All words. New ones after the log grew. */
  words: Int32Array;
  readonly log: UndoLog = new UndoLog(this);
  /** What this thread is doing while it updates this guard alone. */
  readonly updating: Visit = { blocks: [this], isUpdate: true, failure: undefined };
  readonly reading: Visit = { blocks: [this], isUpdate: false, failure: undefined };
  /** The request of this thread that has a seat, or has the lock and waits for something else. */
  claim: Claim | undefined = undefined;
  heldIn = 0;
  isEntered = false;
  /** How many waits of this thread want to hear of changes. */
  watches = 0;
  #region: Region;
  #root: unknown = undefined;
  /** What the region's header said when this thread was inside last. */
  #top = 0;
  #textTop = 0;
  #buffer: SharedArrayBuffer;
  #neighbourCount = 0;
  /** What takes the place of the region when the open update commits. */
  #next: Region | undefined = undefined;

  constructor(buffer: SharedArrayBuffer, region: Region) {
    this.buffer = buffer;
    this.words = new Int32Array(buffer, 0, buffer.byteLength >> 2);
    this.id = this.words[GUARD.ID] as number;
    this.#region = region;
    this.#buffer = region.buffer;
    this.#meet(region);
  }

  /** The region, as this thread saw it last. */
  get region(): Region {
    return this.#region;
  }

  /** The view of the region's root; live while this thread is inside. */
  get root(): unknown {
    this.#root ??= editableRoot(this.#region);
    return this.#root;
  }

  /** What stays alive with the guard. */
  get neighbours(): readonly Region[] {
    return this.#next === undefined ? [this.#region] : [this.#region, this.#next];
  }

  /** Throws if the task that had it has ended on this thread: what the slot holds of the guard is the next task's. */
  assertHere(): void {
    if (this.#region.loss !== undefined) throw lossOf(this.#region);
  }

  reserve(count: number): void {
    const bytes = count * 4;
    if (bytes > this.buffer.byteLength) {
      if (bytes > this.buffer.maxByteLength) throw logOverflow(this.id);
      this.buffer.grow(Math.min(bytes * 2, this.buffer.maxByteLength));
    }
    this.words = new Int32Array(this.buffer, 0, this.buffer.byteLength >> 2);
  }

  /** Opens the region for reading. This thread is among the readers, or alone. */
  beginReading(): unknown {
    const { edited } = this.#follow();
    edited.live = true;
    return this.root;
  }

  /** Opens the region for an update whose outcome the guard with number `leader` decides, or this one if that is 0. */
  beginUpdate(leader: number): unknown {
    const { edited, words } = this.#follow();
    this.words[GUARD.LEADER] = leader;
    this.log.begin(words);
    edited.log = this.log;
    edited.live = true;
    return this.root;
  }

  /** Makes the views useless until this thread is inside again. */
  end(): void {
    const { edited } = this.#region;
    edited.live = false;
    edited.log = undefined;
  }

  /** Makes the region what it was before the open update. */
  undo(): void {
    if (this.log.isEmpty) return;
    this.log.end();
    undo(this.words, new Int32Array(this.#buffer, 0, this.#buffer.byteLength >> 2));
    this.words[GUARD.NEXT_REGION] = 0;
    this.#next = undefined;
    this.#region.goBackTo(this.#buffer, this.#neighbourCount);
    this.#meet(this.#region);
  }

  /**
   * Does what must be done before the update can be seen: whatever it refers to can be found by all. Says whether
   * another region takes over. May throw, and then the update can still be undone.
   */
  prepare(): boolean {
    const region = this.#region;
    const isOutgrown = region.buffer !== this.#buffer;
    const moved = isOutgrown || isTimeToCompact(region) ? compacted(region) : undefined;
    if (moved !== undefined) this.#moveTo(moved);
    else if (isOutgrown) throw outOfMemory(this.id);
    else if (region.neighbourCount > this.#neighbourCount && isPublished(region)) {
      publishAgain(region);
    }
    this.words[GUARD.CHANGES] = ((this.words[GUARD.CHANGES] as number) + 1) | 0;
    return moved !== undefined;
  }

  /** Notes what the region is like, now that the update is done. */
  settle(): void {
    this.log.end();
    if (this.#next === undefined) return this.#noteEnd();
    this.end(); // the views of the region that is left behind are dead, too
    this.#region = this.#next;
    this.#next = undefined;
    this.#meet(this.#region);
    if (isPublished(this)) publishAgain(this); // the old region can go
  }

  /** The region needs other memory: that takes over, under another number, when the update commits. */
  #moveTo({ buffer, references }: Compacted): void {
    const words = new Int32Array(buffer, 0, HEAP_START);
    const id = nextBufferId();
    words[HEADER.ID] = id;
    const next = rememberRegion(new Region(buffer));
    for (const other of references) next.refersTo(sharedRegion(other));
    next.becomeGuarded();
    this.#next = next;
    if (isPublished(this)) {
      publishRegion(next);
      publishAgain(this);
    }
    this.words[GUARD.NEXT_REGION] = id;
  }

  #noteEnd(): void {
    const { words, buffer, neighbourCount } = this.#region;
    this.#top = words[HEADER.TOP] as number;
    this.#textTop = words[HEADER.TEXT_TOP] as number;
    this.#buffer = buffer;
    this.#neighbourCount = neighbourCount;
  }

  #meet(region: Region): void {
    region.becomeGuarded();
    forgetEditor(region);
    this.#root = undefined;
    this.#noteEnd();
  }

  /** Finds out what other tasks have changed. */
  #follow(): Region {
    const id = this.words[GUARD.REGION] as number;
    if (id !== this.#region.id) {
      this.#region = beforeAll(() => sharedRegion(id));
      this.#meet(this.#region);
      return this.#region;
    }
    const { words } = this.#region;
    if (words[HEADER.TOP] !== this.#top || words[HEADER.TEXT_TOP] !== this.#textTop) {
      this.#region.catchUp(this.#textTop);
      forgetEditor(this.#region);
      this.#noteEnd();
    }
    return this.#region;
  }
}

/** Makes a guard of a region that this task owns and nobody else knows. */
export function createGuard(region: Region, id: number): GuardBlock {
  const bytes = GUARD_WORDS * 4;
  const reserved = bytes + Math.ceil(region.buffer.maxByteLength * 1.1);
  const buffer = new SharedArrayBuffer(bytes, {
    maxByteLength: Math.max(reserved, LEAST_RESERVED_BYTES),
  });
  const words = new Int32Array(buffer, 0, bytes >> 2);
  words[GUARD.MAGIC] = GUARD_MAGIC;
  words[GUARD.ID] = id;
  words[GUARD.STATE] = STATE.GUARDED;
  words[GUARD.OWNER] = region.words[HEADER.OWNER] as number;
  words[GUARD.TICKETS] = 1;
  words[GUARD.REGION] = region.id;
  return rememberGuard(new GuardBlock(buffer, region));
}

/** The guard with number `id`, held for this task. Blocks for an exchange or two with the reaper if it is new to the task. */
export function openGuard(id: number): GuardBlock {
  const known = knownGuard(id);
  if (known !== undefined) return known;
  const buffer = fetchBuffer(id);
  const region = new Int32Array(buffer, 0, GUARD_WORDS)[GUARD.REGION] as number;
  const block = rememberGuard(new GuardBlock(buffer, sharedRegion(region)));
  holdRegion(block);
  return block;
}
