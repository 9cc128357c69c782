/**
 * What all threads may know of one task's life, in the shared words before its lanes (quipe/quipe-layout.ts).
 *
 *   task ── begun, progress ──▶ words ◀── spawned ── spawner
 *                                 ▲  └──▶ handles, wherever they are
 *                          ended ─┘ reaper
 *
 * Each word is written once or by one thread; the dead task's words stay as they are.
 */
import { QUIPE, QUIPE_MAGIC, SEALED, WATCHER_WORDS } from "../quipe/quipe-layout.ts";
import { lanesOf } from "../quipe/quipe-memory.ts";
import { countItems } from "../quipe/lane-contents.ts";
import { and, compareExchange, load, or, store } from "../runtime/atomics.ts";
import { type Board, type TaskId, ring } from "../sync/board.ts";

/** What fits into a word. */
const LONGEST_MS = 0x7fff_fffe;

/** The shared words of one task's life, as one thread sees them. */
export interface Life {
  readonly buffer: SharedArrayBuffer;
  readonly words: Int32Array;
  readonly times: Float64Array;
}

/** The words in the memory of a quipe. */
export function openLife(quipe: SharedArrayBuffer): Life {
  return { buffer: quipe, words: new Int32Array(quipe), times: new Float64Array(quipe) };
}

/** Whether a shared buffer is the memory of a task's quipe. */
export function isLife(words: Int32Array): boolean {
  return words[QUIPE.MAGIC] === QUIPE_MAGIC;
}

/** Writes down whose life it is. By the spawner, before anybody else knows of it. */
export function beginLife(quipe: SharedArrayBuffer, { slot, generation }: TaskId): Life {
  const life = openLife(quipe);
  const { words, times } = life;
  words[QUIPE.MAGIC] = QUIPE_MAGIC;
  words[QUIPE.SLOT] = slot;
  words[QUIPE.GENERATION] = generation;
  times[QUIPE.SPAWNED_AT / 2] = Date.now();
  return life;
}

/** Whose life it is. */
export function taskOf({ words }: Pick<Life, "words">): TaskId {
  return { slot: words[QUIPE.SLOT] as number, generation: words[QUIPE.GENERATION] as number };
}

/** The task has begun, on this thread. */
export function noteBegun({ words, times }: Life, threadId: number): void {
  const afterMs = Date.now() - (times[QUIPE.SPAWNED_AT / 2] as number);
  words[QUIPE.THREAD] = threadId;
  store(words, QUIPE.BEGAN_AFTER, 1 + Math.min(Math.max(0, afterMs), LONGEST_MS));
}

/** The task is dead. By the reaper, before anybody is told. */
export function noteEnded({ times }: Life): void {
  times[QUIPE.ENDED_AT / 2] = Date.now();
}

/** When the task was spawned, in milliseconds since 1970. */
export function spawnedAt({ times }: Life): number {
  return times[QUIPE.SPAWNED_AT / 2] as number;
}

/** When the task began; undefined if it has not. */
export function beganAt(life: Life): number | undefined {
  const after = load(life.words, QUIPE.BEGAN_AFTER);
  return after === 0 ? undefined : spawnedAt(life) + after - 1;
}

/** When the task ended, once that is known. */
export function endedAt({ times }: Life): number {
  return times[QUIPE.ENDED_AT / 2] as number;
}

/** The number of the thread on which the task began, as `node:worker_threads` counts them. */
export function threadOf({ words }: Life): number {
  return words[QUIPE.THREAD] as number;
}

/** The number of the parcel with the outcome, for handles that were sent; 0 while there is none. */
export function outcomeLeft({ words }: Life): number {
  return load(words, QUIPE.OUTCOME);
}

/** The number of the parcel with what the task reported last; 0 if it has reported nothing. */
export function lastReport({ words }: Life): number {
  return load(words, QUIPE.PROGRESS);
}

/** Makes a parcel what the task has reported last, and wakes whoever watches. Returns the number of the one before. */
export function showReport(life: Life, parcelId: number, board: Board): number {
  const before = lastReport(life);
  store(life.words, QUIPE.PROGRESS, parcelId);
  wakeWatchers(life, board);
  return before;
}

/** Leaves the outcome to the handles that were sent. */
export function leaveOutcome({ words }: Life, parcelId: number): void {
  store(words, QUIPE.OUTCOME, parcelId);
}

/**
 * Says that the handle is about to be sent for the first time. True if the reaper will know that when the task
 * dies; false if the task is dead, and its outcome lies in the spawner's inbox.
 */
export function announceSent({ words }: Life, id: number): boolean {
  if (compareExchange(words, QUIPE.SENT, 0, id) === 0) return true;
  store(words, QUIPE.SENT, id);
  return false;
}

/** Asks, after the spawner was told of the death, whether a handle was sent: its number, or 0. Nobody is missed. */
export function sealSent({ words }: Life): number {
  const id = compareExchange(words, QUIPE.SENT, 0, SEALED);
  return id === SEALED ? 0 : id;
}

/** Says that the task in `slot` wants to hear of what is new; to be called before the look that finds nothing new. */
export function watchLife({ words }: Life, slot: number): void {
  or(words, QUIPE.WATCHERS + (slot >> 5), 1 << (slot & 31));
}

/** Takes that back. */
export function unwatchLife({ words }: Life, slot: number): void {
  and(words, QUIPE.WATCHERS + (slot >> 5), ~(1 << (slot & 31)));
}

/** Wakes whoever wants to hear of what is new. */
export function wakeWatchers({ words }: Life, board: Board): void {
  for (let group = 0; group < WATCHER_WORDS; group++) {
    let bits = load(words, QUIPE.WATCHERS + group);
    for (; bits !== 0; bits &= bits - 1) ring(board, group * 32 + 31 - Math.clz32(bits & -bits));
  }
}

/** How many items the task has sent to its spawner, and how many it has received from it. */
export function itemsOf({ buffer }: Life): { readonly sent: number; readonly received: number } {
  const [toTask, fromTask] = lanesOf(buffer);
  return { sent: countItems(fromTask).sent, received: countItems(toTask).taken };
}
