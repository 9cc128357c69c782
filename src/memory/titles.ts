/**
 * Titles to regions: who owns one, as its words alone tell. The reaper knows nothing else of a
 * region, and hands the title of a dead owner to its heir.
 */
import { compareExchange, load, store } from "../runtime/atomics.ts";
import { type Board, type TaskId, ring } from "../sync/board.ts";
import { HEADER, STATE } from "./layout.ts";
import { unpinWords } from "./pins.ts";

const SLOT_BITS = 10;

/** The owner word of a task. */
export function ownerWordOf({ slot, generation }: TaskId): number {
  return (generation << SLOT_BITS) | slot;
}

/** The slot in an owner word. */
function slotOfOwner(word: number): number {
  return word & ((1 << SLOT_BITS) - 1);
}

/** The slot of the task that owns the region with these words. */
export function ownerSlot(words: Int32Array): number {
  return slotOfOwner(load(words, HEADER.OWNER));
}

/** Whether the region waits for somebody to take it: it is in flight, or abandoned. */
export function isUnclaimed(words: Int32Array): boolean {
  const state = load(words, HEADER.STATE);
  return state === STATE.IN_FLIGHT || state === STATE.ABANDONED;
}

/** Wakes the owner of a region that waits for its readers; to be called after a pin was cleared. */
export function tellThawingOwner(words: Int32Array, board: Board): void {
  if (load(words, HEADER.STATE) === STATE.THAWING)
    ring(board, slotOfOwner(load(words, HEADER.OWNER)));
}

/**
 * Hands the region of a dead owner to its heir. Readers of a frozen one notice nothing; a thaw that the dead
 * one waited for is given up; one that only the dead could use is abandoned. One that is in flight stays so:
 * it may be received at this very moment, so its title changes hands by compare-and-set. Can be repeated.
 */
export function bequeath(words: Int32Array, dead: TaskId, heir: TaskId): void {
  const state = load(words, HEADER.STATE);
  const title = ownerWordOf(dead);
  // Nobody becomes the owner after death: who still is now was so at the look at the state, which is then its own.
  if (load(words, HEADER.OWNER) !== title) return;
  if (state === STATE.THAWING) store(words, HEADER.STATE, STATE.FROZEN);
  if (state === STATE.OWNED) store(words, HEADER.STATE, STATE.ABANDONED);
  compareExchange(words, HEADER.OWNER, title, ownerWordOf(heir));
}

/** Puts a region of this task into flight. False if it was not in its owner's hands. */
export function launchTitle(words: Int32Array): boolean {
  return compareExchange(words, HEADER.STATE, STATE.OWNED, STATE.IN_FLIGHT) === STATE.OWNED;
}

/** Ends a flight before its message was sent. False if this task has lost the region otherwise. */
export function recallTitle(words: Int32Array): boolean {
  return compareExchange(words, HEADER.STATE, STATE.IN_FLIGHT, STATE.OWNED) === STATE.IN_FLIGHT;
}

/**
 * Takes the title of a region that was moved to this task, whose pin it holds already. The sender, if it has
 * just died, is succeeded by its heir: whoever stands there gives the title up. False if it is not in flight.
 * A task that is killed between the two stores owns a region in flight, and its heir may take that back.
 */
export function receiveTitle(words: Int32Array, receiver: TaskId): boolean {
  for (;;) {
    const owner = load(words, HEADER.OWNER);
    if (load(words, HEADER.STATE) !== STATE.IN_FLIGHT) return false;
    const title = ownerWordOf(receiver);
    if (compareExchange(words, HEADER.OWNER, owner, title) !== owner) continue;
    // What the sender has read is void; it may still be about to take its pin away itself.
    if (owner !== title) unpinWords(words, slotOfOwner(owner));
    open(words);
    return true;
  }
}

/**
 * Takes over what a dead task left to this one, or, from flight, takes back what nobody will receive: the
 * caller knows that no message carries it. False if the region is not this task's, or in another state.
 */
export function resumeTitle(words: Int32Array, owner: TaskId, from: number): boolean {
  if (load(words, HEADER.OWNER) !== ownerWordOf(owner)) return false;
  if (load(words, HEADER.STATE) !== from) return false; // and nobody else changes it, since it is this task's
  open(words);
  return true;
}

/** By the reaper: the task that took a title out of a message died before it had acknowledged that. Can be repeated. */
export function giveBackTitle(words: Int32Array, dead: TaskId): void {
  if (load(words, HEADER.OWNER) !== ownerWordOf(dead)) return;
  compareExchange(words, HEADER.STATE, STATE.OWNED, STATE.IN_FLIGHT);
}

/** From here on the owner may write, and views made before are stale. */
function open(words: Int32Array): void {
  words[HEADER.EPOCH] = ((words[HEADER.EPOCH] as number) + 1) | 0;
  store(words, HEADER.STATE, STATE.OWNED);
}
