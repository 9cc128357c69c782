/**
 * What the reaper does for the guards of a dead task: its open update has happened, or it has not; then its lock is
 * let go of, its seat and its bits are cleared.
 *
 *   LOG_USED of the leader = COMMITTED   ▶ finish        anything else ▶ undo
 *
 * An update of several guards is decided by one word, that of its leader, which is therefore finished last. Every step
 * can be repeated from the start.
 */
import { load, store } from "../runtime/atomics.ts";
import type { Board } from "../sync/board.ts";
import { COMMITTED, GUARD, GUARD_MAGIC } from "./guard-layout.ts";
import { holderOf, releaseDead } from "./guard-lock.ts";
import { undo } from "./undo-log.ts";

/** The words of a shared buffer by its number, with everything that it has grown to. */
export type WordsOf = (id: number) => Int32Array | undefined;

/** Whether a shared buffer is that of a guard. */
export function isGuard(words: Int32Array): boolean {
  return words[GUARD.MAGIC] === GUARD_MAGIC;
}

/** Settles the open update of the task in the slot `dead`, then frees what it held. `guards` are all that there are. */
export function repairGuards(
  guards: readonly Int32Array[],
  wordsOf: WordsOf,
  board: Board,
  dead: number,
): void {
  const held = guards.filter((guard) => holderOf(guard) === dead);
  const led = held.filter((guard) => leaderOf(guard) !== undefined);
  for (const guard of led) settle(guard, wordsOf);
  for (const guard of held) settle(guard, wordsOf);
  for (const guard of guards) releaseDead(guard, board, dead);
}

/** The number of another guard that decides over the open update. */
function leaderOf(guard: Int32Array): number | undefined {
  const leader = guard[GUARD.LEADER] as number;
  return leader === 0 || leader === guard[GUARD.ID] ? undefined : leader;
}

function settle(guard: Int32Array, wordsOf: WordsOf): void {
  const leader = leaderOf(guard);
  const deciding = leader === undefined ? guard : wordsOf(leader);
  if (deciding !== undefined && load(deciding, GUARD.LOG_USED) === COMMITTED) finish(guard);
  else undoOpen(guard, wordsOf);
}

/** Makes the outcome of a committed update visible in one of its guards. Can be repeated. */
export function finish(guard: Int32Array): void {
  const next = guard[GUARD.NEXT_REGION] as number;
  if (next !== 0) store(guard, GUARD.REGION, next);
  store(guard, GUARD.NEXT_REGION, 0);
  store(guard, GUARD.LOG_USED, 0);
}

function undoOpen(guard: Int32Array, wordsOf: WordsOf): void {
  const region = wordsOf(guard[GUARD.REGION] as number);
  if (region !== undefined) undo(guard, region);
  store(guard, GUARD.NEXT_REGION, 0);
  store(guard, GUARD.LOG_USED, 0);
}
