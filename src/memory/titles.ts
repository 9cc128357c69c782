/**
 * Titles to regions: who owns one, as its words alone tell. The reaper knows nothing else of a
 * region, and hands the title of a dead owner to its heir.
 */
import { compareExchange, load, store } from "../runtime/atomics.ts";
import { type Board, type TaskId, ring } from "../sync/board.ts";
import { HEADER, STATE } from "./layout.ts";

const SLOT_BITS = 10;

/** The owner word of a task. */
export function ownerWordOf({ slot, generation }: TaskId): number {
  return (generation << SLOT_BITS) | slot;
}

/** The slot in an owner word. */
export function slotOfOwner(word: number): number {
  return word & ((1 << SLOT_BITS) - 1);
}

/** Wakes the owner of a region that waits for its readers; to be called after a pin was cleared. */
export function tellThawingOwner(words: Int32Array, board: Board): void {
  if (load(words, HEADER.STATE) === STATE.THAWING)
    ring(board, slotOfOwner(load(words, HEADER.OWNER)));
}

/**
 * Hands the region of a dead owner to its heir. Readers of a frozen one notice nothing; a thaw that the dead
 * one waited for is given up; one that only the dead could read is abandoned. Can be repeated.
 */
export function bequeath(words: Int32Array, dead: TaskId, heir: TaskId): void {
  if (load(words, HEADER.OWNER) !== ownerWordOf(dead)) return;
  compareExchange(words, HEADER.STATE, STATE.THAWING, STATE.FROZEN);
  compareExchange(words, HEADER.STATE, STATE.OWNED, STATE.ABANDONED);
  store(words, HEADER.OWNER, ownerWordOf(heir));
}
