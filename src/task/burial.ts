/**
 * What the reaper does for every task that has ended, in whatever way, once its end is decided and its
 * thread has stopped (or is given up): repair, then publish. One piece of code for a return, a throw, a
 * cancel, a kill and a crash.
 *
 *    1 decide ─▶ 2 fence ─▶ 3 undo its open update, 4 release its guards
 *   (reaper.ts)  (staff.ts)  5 give back half-done items, 7 close its ends
 *                            8 hand what it owned to its heir
 *                            6 take its pins away
 *                            9 wake everybody ─▶ 10 publish the death ─▶ the slot is free
 *
 * Nobody can see the death before all is repaired. Steps 3 to 9 can be repeated from the start without
 * harm. The pins (6) go after the inheritance (8): a region must not be without holder and heir for a moment.
 *
 * A thread that could not be stopped may go on reading and writing: what it owned stays its own, its pins
 * and its slot stay taken, and whoever waits for a guard that it is inside of is told.
 */
import { slotsPinned } from "../memory/pins.ts";
import { type Board, Phase, advance, endClaimsOf, ring } from "../sync/board.ts";
import type { EndKind, Parcel, Start } from "../sync/messages.ts";
import { type Directory, REAPER } from "./directory.ts";
import { buryEnds } from "./ends-burial.ts";
import type { Legacies } from "./legacies.ts";
import {
  type Life,
  lastReport,
  leaveOutcome,
  noteEnded,
  openLife,
  sealSent,
  wakeWatchers,
} from "./life.ts";
import { type Ended, isFailure, leftParcel } from "./outcome.ts";
import type { Living, Roster } from "./roster.ts";
import type { Unheard } from "./unheard.ts";

/** How a task ended, and whether its thread is proven to have stopped. */
export interface Ending {
  readonly how: EndKind;
  readonly parcel: Parcel;
  readonly stopped: boolean;
  /** Who killed it, in words. */
  readonly by?: string;
}

/** What there is to bury of a task. */
export type Dead = Pick<Living, "start" | "parcels">;

/** Everything that a burial changes. */
export interface Estate {
  readonly board: Board;
  readonly directory: Directory;
  readonly legacies: Legacies;
  readonly roster: Roster;
  readonly unheard: Unheard;
}

/** Repairs what a dead task leaves behind, then publishes its death. */
export function bury(dead: Dead, ending: Ending, estate: Estate): void {
  const { directory, roster, legacies, board, unheard } = estate;
  const { start } = dead;
  const { task } = start;
  if (!ending.stopped) directory.markStuck(task.slot);
  else directory.repairGuards(task.slot);
  buryEnds(start, ending, estate);
  const report = lastWords(start, directory);
  legacies.leave(start, [...ending.parcel.carries, ...(report?.carries ?? [])]);
  roster.strike(task);
  directory.noLongerCarried(start.arguments.carries); // if it has them, it has them no more
  for (const id of dead.parcels) directory.unused(id, REAPER);
  if (ending.stopped) settleEstate(start, estate);
  directory.noLongerCarried(legacies.settle(roster));
  roster.ringEverybody();
  unheard.listenerDied(task); // before anybody hears of this death, so that the failure comes first
  tellOfDeath(start, ending, report, estate);
  if (ending.stopped) advance(board, task, Phase.dying, Phase.free);
}

/** The thread of a task that was given up has ended after all: what could not be repaired before is now. */
export function buryLate(start: Start, estate: Estate): void {
  const { board, directory, roster } = estate;
  directory.repairGuards(start.task.slot);
  settleEstate(start, estate);
  advance(board, start.task, Phase.dying, Phase.free);
  roster.ringEverybody();
}

function settleEstate({ task, spawner }: Start, { board, directory, roster }: Estate): void {
  endClaimsOf(board, task.slot);
  directory.inherit(task, roster.heirOf(spawner));
  directory.taskDied(task.slot);
}

/** The report that the dead task made last, to be told with its outcome. */
function lastWords({ quipe }: Start, directory: Directory): Parcel | undefined {
  const id = lastReport(openLife(quipe));
  return id === 0 ? undefined : directory.parcel(id);
}

/**
 * Step 10. The spawner is told by message; then SENT is sealed, and if a handle was ever sent the outcome is left for
 * whoever has it (sent-handle.ts); a failure that nobody can hear of is raised in the root task (unheard.ts).
 */
function tellOfDeath(
  start: Start,
  ending: Ending,
  report: Parcel | undefined,
  estate: Estate,
): void {
  const { task, spawner } = start;
  const { how, parcel, stopped, by = "" } = ending;
  const life = openLife(start.quipe);
  noteEnded(life);
  const ended: Ended = { how, parcel, stopped, by };
  estate.roster.tell(spawner.slot, { kind: "outcome", task, ...ended, report }, spawner.generation);
  const sentAs = sealSent(life);
  // A failure in a scope is heard by the scope; if that is gone, so is whoever wanted the task at all.
  if (isFailure(how) && start.scope === undefined) estate.unheard.add(start, parcel, sentAs);
  if (sentAs !== 0) leave(life, sentAs, ended, estate);
  estate.unheard.settle(task);
}

/** Leaves the outcome, and the last report, to those who have the handle or get it yet. */
function leave(life: Life, sentAs: number, ended: Ended, { directory, board }: Estate): void {
  const id = directory.publishParcel(leftParcel(ended));
  directory.carryAlso(sentAs, [id, lastReport(life)]);
  directory.unused(id, REAPER); // it lives by the handle alone
  leaveOutcome(life, id);
  for (const slot of slotsPinned(life.words)) ring(board, slot);
  wakeWatchers(life, board);
}
