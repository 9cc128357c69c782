/**
 * Regions that come to a task without a message: what a dead owner left to it, and what it moved and nobody
 * received. Who takes over has a view from before it lost the region, else it could not name it.
 *
 *   ABANDONED, OWNER is this task                                    ▶ OWNED
 *   IN_FLIGHT, OWNER is this task, carried by no message             ▶ OWNED
 *   FROZEN, OWNER is this task, read by nobody, carried by no message ▶ OWNED
 *
 * Only the owner leaves either state in this way, and a message that the reaper does not find will not be
 * received any more: its receiver would hold the region by then, or is gone.
 */
import { QuipeError } from "../errors.ts";
import { load } from "../runtime/atomics.ts";
import { goneError } from "../sync/supplied.ts";
import { thisThread } from "../sync/thread.ts";
import { checkRegion } from "./check.ts";
import { holdRegion, leaveRegion, withdrawRegion } from "./holding.ts";
import { HEADER, STATE } from "./layout.ts";
import { lossOf } from "./loss.ts";
import { holdersOf, refuseReaders } from "./ownership.ts";
import { knownRegion, rememberRegion } from "./region-table.ts";
import { type Region, fetchRegion, openRegion } from "./region.ts";
import { ownerWordOf, resumeTitle } from "./titles.ts";

/** Makes a region that this task has lost its own again. Throws `moved`, `released` or `stale`, and changes nothing then. */
export function takeOver(lost: Region): Region {
  const known = knownRegion(lost.id);
  if (known?.isOwned === true) return known;
  if (known !== undefined || lost.loss !== "moved") throw lossOf(lost);
  const buffer = fetchRegion(lost.id);
  const from = stateFor(new Int32Array(buffer), lost);
  const region = openRegion(buffer);
  holdRegion(region); // first, so that it is in the directory when this task dies as its owner
  try {
    if (from !== STATE.IN_FLIGHT) checkWhole(region);
    if (!resumeTitle(region.words, thisThread().task, from)) throw lossOf(lost);
  } catch (error) {
    leaveRegion(region);
    region.lose("moved");
    rememberRegion(lost); // while there is a view of it, this task may try again
    throw error;
  }
  withdrawRegion(region);
  region.setOwned();
  return region;
}

/** The state from which this task may take the region over; throws if it may not. */
function stateFor(words: Int32Array, lost: Region): number {
  const state = load(words, HEADER.STATE);
  // In a browser this thread may not have heard of it yet. Released memory may hold another region by now.
  if (state === STATE.RELEASED || words[HEADER.ID] !== lost.id) throw goneError(lost.id);
  if (load(words, HEADER.OWNER) !== ownerWordOf(thisThread().task)) throw lossOf(lost);
  if (state === STATE.ABANDONED) return state;
  if (state !== STATE.IN_FLIGHT && state !== STATE.FROZEN) throw lossOf(lost);
  const holders = holdersOf(lost.id);
  const { tasks, inMessages } = holders;
  if (state === STATE.FROZEN) {
    refuseReaders(lost, holders);
    return state;
  }
  if (inMessages || tasks.length > 0) {
    throw new QuipeError(
      "moved",
      `Region ${lost.id} is on its way to another task. It comes back if that task ends without receiving it.`,
    );
  }
  return state;
}

/** A task that is killed in the middle of a change may leave half of it. */
function checkWhole(region: Region): void {
  try {
    checkRegion(region);
  } catch (error) {
    throw new QuipeError(
      "killed",
      `Region ${region.id} was left half changed when its owner was killed, so it cannot be used any more. ` +
        "Data that must survive that belongs into a guard.",
      { cause: error },
    );
  }
}
