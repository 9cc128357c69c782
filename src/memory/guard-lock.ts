/**
 * The lock of a guard: one task alone, or many readers; first come, first served; nothing that a death
 * leaves undone.
 *
 *   LOCK     holder, or nobody     +CONTENDED ─ look at the queue when you let go     +VISITED ─ and at the bits
 *   readers  one bit for each task that reads
 *   queue    one bit for each task that waits, and its seat: a ticket, and how it wants in
 *
 * Nobody is handed the lock. Who waits sits down, then tries by itself whenever its doorbell rings, and only the
 * one with the lowest ticket gets in (a reader: when no lower ticket wants to be alone). So there is no
 * instant at which the lock belongs to somebody who does not know of it, a task that dies or gives up just has to
 * stand up, and every step of the reaper's repair can be repeated.
 *
 * | who                 | writes first            | then looks at | so that one of both sees the other
 * | a waiter            | its seat, CONTENDED     | the holder    | one that lets go clears the holder, then looks at the queue
 * | a reader            | its bit                 | the holder    | one that wants to be alone takes the lock, then looks at the bits
 * | a reader that ends  | clears its bit          | the holder    | the same
 *
 * A waiting writer is not overtaken by readers: it keeps them out from the moment its turn comes.
 */
import { QuipeError } from "../errors.ts";
import { and, compareExchange, load, or } from "../runtime/atomics.ts";
import { type Board, ring } from "../sync/board.ts";
import {
  type Seats,
  clearSlot,
  isFirst,
  isSeated,
  seatedSlots,
  setSlot,
  sitDown,
  slotsSet,
  standUp,
} from "../sync/seats.ts";
import { GUARD, LOCK, MODE } from "./guard-layout.ts";

const QUEUE: Seats = {
  TICKETS: GUARD.TICKETS,
  GROUPS: GUARD.QUEUE_GROUPS,
  BITS: GUARD.QUEUE,
  SEATS: GUARD.SEATS,
};

/** Tries once to get the lock alone, in its turn; to be called again after each ring until it says true, or `giveUp`. */
export function tryExclusive(words: Int32Array, me: number): boolean {
  if (!take(words, me) && !takeInTurn(words, me)) return false;
  const lock = words[GUARD.LOCK] as number;
  if ((lock & LOCK.VISITED) === 0 || nobodyReads(words)) return true;
  refuseStuck(words, lock);
  return false;
}

/** Lets go of the lock, or of the place in front of its readers. Says whether somebody may want to hear of it. */
export function endExclusive(words: Int32Array, board: Board): boolean {
  const lock = words[GUARD.LOCK] as number;
  const isVisited = (lock & LOCK.VISITED) !== 0;
  if ((lock & (LOCK.CONTENDED | LOCK.STUCK)) === 0) {
    const free = lock & ~LOCK.HOLDER_MASK;
    if (compareExchange(words, GUARD.LOCK, lock, free) === lock) return isVisited;
  }
  and(words, GUARD.LOCK, ~LOCK.HOLDER_MASK);
  wakeNext(words, board);
  return true;
}

/** Whether the task that has the lock was killed, and could not be stopped: nothing that it did may be seen. */
export function isStuck(words: Int32Array): boolean {
  return ((words[GUARD.LOCK] as number) & LOCK.STUCK) !== 0;
}

/** The task that could not be stopped leaves after all, and has undone what it did. To be called before it lets go. */
export function unstick(words: Int32Array): void {
  and(words, GUARD.LOCK, ~LOCK.STUCK);
}

/** Tries once to get in as one of many readers; to be called again as {@link tryExclusive} is. */
export function tryShared(words: Int32Array, board: Board, me: number): boolean {
  const hasSeat = isSeated(words, QUEUE, me);
  const isFree = !hasSeat && (load(words, GUARD.LOCK) & ~LOCK.VISITED) === 0;
  if (isFree && enter(words, board, me)) return true;
  if (!hasSeat) sitDown(words, QUEUE, me, MODE.SHARED);
  // Whoever lets go of the lock after this looks at the queue.
  const lock = or(words, GUARD.LOCK, LOCK.CONTENDED);
  if ((lock & LOCK.HOLDER_MASK) !== 0) {
    refuseStuck(words, lock);
    return false;
  }
  if (!isFirst(words, QUEUE, me, MODE.SHARED) || !enter(words, board, me)) return false;
  standUp(words, QUEUE, me);
  wakeNext(words, board);
  return true;
}

/** Stops reading. */
export function endShared(words: Int32Array, board: Board, me: number): void {
  clearSlot(words, GUARD.READERS, me);
  const holder = holderOf(words);
  if (holder !== NOBODY) ring(board, holder);
}

/** Stops waiting for the lock, however far this task has got with that. */
export function giveUp(words: Int32Array, board: Board, me: number): void {
  standUp(words, QUEUE, me);
  if (holderOf(words) === me) endExclusive(words, board);
  else wakeNext(words, board);
}

/** Frees what a dead task held, or waited for, of this guard. Its update has been repaired. Can be repeated. */
export function releaseDead(words: Int32Array, board: Board, dead: number): void {
  and(words, GUARD.LOCK, ~LOCK.STUCK);
  unwatchChanges(words, dead);
  endShared(words, board, dead);
  giveUp(words, board, dead);
}

/** A killed task could not be stopped: if it is inside, those who wait are told so, until it ends after all. */
export function markStuck(words: Int32Array, slot: number): void {
  const reads = (load(words, GUARD.READERS + (slot >> 5)) & (1 << (slot & 31))) !== 0;
  if (reads || holderOf(words) === slot) or(words, GUARD.LOCK, LOCK.STUCK);
}

/** The slot of the task that has the lock alone, or is about to; -1 if there is none. */
export function holderOf(words: Int32Array): number {
  return (load(words, GUARD.LOCK) & LOCK.HOLDER_MASK) - 1;
}

/** Says that this task wants to hear of every change. */
export function watchChanges(words: Int32Array, me: number): void {
  visit(words);
  setSlot(words, GUARD.WATCHER_GROUPS, GUARD.WATCHERS, me);
}

/** Ends that. */
export function unwatchChanges(words: Int32Array, me: number): void {
  clearSlot(words, GUARD.WATCHERS, me);
}

/** Wakes the tasks that want to hear of changes; to be called after the lock was let go of. */
export function wakeWatchers(words: Int32Array, board: Board): void {
  if (load(words, GUARD.WATCHER_GROUPS) === 0) return;
  for (const slot of slotsSet(words, GUARD.WATCHER_GROUPS, GUARD.WATCHERS)) ring(board, slot);
}

/** The slots of the tasks that read. */
export function readersOf(words: Int32Array): number[] {
  return slotsSet(words, GUARD.READER_GROUPS, GUARD.READERS);
}

/** The slots of the tasks that wait for their turn. */
export function waitersOf(words: Int32Array): number[] {
  return seatedSlots(words, QUEUE);
}

const NOBODY = -1;

/** Takes the lock if it is free and nobody waits; says also whether it is this task's already. */
function take(words: Int32Array, me: number): boolean {
  if (isSeated(words, QUEUE, me)) return false;
  const lock = words[GUARD.LOCK] as number;
  if ((lock & ~LOCK.VISITED) !== 0) return (lock & LOCK.HOLDER_MASK) === me + 1;
  return compareExchange(words, GUARD.LOCK, lock, lock | (me + 1)) === lock;
}

function takeInTurn(words: Int32Array, me: number): boolean {
  if (!isSeated(words, QUEUE, me)) sitDown(words, QUEUE, me, MODE.EXCLUSIVE);
  for (;;) {
    const lock = or(words, GUARD.LOCK, LOCK.CONTENDED);
    refuseStuck(words, lock);
    if ((lock & LOCK.HOLDER_MASK) !== 0 || !isFirst(words, QUEUE, me, MODE.SHARED)) return false;
    const free = lock | LOCK.CONTENDED;
    if (compareExchange(words, GUARD.LOCK, free, free | (me + 1)) !== free) continue;
    standUp(words, QUEUE, me);
    return true;
  }
}

function refuseStuck(words: Int32Array, lock: number): void {
  if ((lock & LOCK.STUCK) === 0) return;
  throw new QuipeError(
    "killed",
    `A task was killed inside guard ${words[GUARD.ID]} and this runtime could not stop its thread. The data is out of reach until that thread leaves it.`,
  );
}

/** Sets the reader's bit; takes it back if somebody has the lock, who then looks at the queue when it lets go. */
function enter(words: Int32Array, board: Board, me: number): boolean {
  visit(words);
  setSlot(words, GUARD.READER_GROUPS, GUARD.READERS, me);
  if (holderOf(words) === NOBODY) return true;
  endShared(words, board, me);
  return false;
}

/** Wakes those whose turn it may be: the first, and the readers in front of the first that wants to be alone. */
function wakeNext(words: Int32Array, board: Board): void {
  const waiting = waitersOf(words);
  if (waiting.length === 0) {
    // Whoever sits down from here on tries by itself: it finds that nobody holds the lock.
    const lock = load(words, GUARD.LOCK);
    if ((lock & LOCK.HOLDER_MASK) === 0) {
      compareExchange(words, GUARD.LOCK, lock, lock & ~LOCK.CONTENDED);
    }
    return;
  }
  for (const slot of waiting) if (isFirst(words, QUEUE, slot, MODE.SHARED)) ring(board, slot);
}

/** Says once that from here on there may be readers and watchers. */
function visit(words: Int32Array): void {
  if ((load(words, GUARD.LOCK) & LOCK.VISITED) === 0) or(words, GUARD.LOCK, LOCK.VISITED);
}

function nobodyReads(words: Int32Array): boolean {
  let groups = load(words, GUARD.READER_GROUPS);
  for (let group = 0; groups !== 0; group++, groups >>>= 1) {
    if ((groups & 1) === 1 && load(words, GUARD.READERS + group) !== 0) return false;
  }
  return true;
}
