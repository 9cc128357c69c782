/**
 * What the two halves of a lane do for an end, whichever variant the lane is.
 *
 *   one task on this side          alone-lane.ts
 *   several tasks on this side     shared-lane.ts
 *   senders drop the oldest item   shared-lane.ts, whose receivers make way for them
 *   capacity 0                     rendezvous.ts
 *
 * No half ever waits. An attempt that fails has announced this task to the other side, and in a shared variant
 * has sat down in the queue of its own side, so the doorbell rings when it is worth trying again; who does not
 * want to any more has to give up.
 */
import type { Board } from "../sync/board.ts";
import { AloneReceiver, AloneSender } from "./alone-lane.ts";
import { ENDS, Overflow } from "./ends-layout.ts";
import { isShared } from "./handles.ts";
import type { Lane } from "./lane-memory.ts";
import type { Cargo, Peeked } from "./lane.ts";
import { type QuipeMemory, type Side, otherSide } from "./quipe-memory.ts";
import { RendezvousReceiver, RendezvousSender } from "./rendezvous.ts";
import { RobbedReceiver, SharedReceiver, SharedSender } from "./shared-lane.ts";

/** The sending half. */
export interface SendingHalf {
  readonly lane: Lane;
  /** Puts an item into the lane if that is possible now. `quietly`: a receiver that sleeps may sleep on. */
  tryPublish(cargo: Cargo, quietly?: boolean): boolean;
  /** The same of an int32. */
  tryInteger(value: number): boolean;
  /** The same, in turn: to be called after each ring until it says true, or {@link giveUp}. */
  attempt(cargo: Cargo): boolean;
  /** The same for one of several things that may happen: an attempt in vain leaves nothing that could happen later. */
  attemptOnce(cargo: Cargo): boolean;
  /** Waits no longer. False if what was attempted has happened all the same. */
  giveUp(): boolean;
  /** Whether it is worth waking up for: there is room for more than one item. */
  readonly isRoomy: boolean;
}

/** What is done with an item while it is still in the lane. */
export type UseItem = (item: Peeked) => void;

/** The receiving half. */
export interface ReceivingHalf {
  readonly lane: Lane;
  /** Takes the oldest item, after `use` of it, if there is one and nobody else is to have it. */
  tryTake(use: UseItem): boolean;
  /** Takes the oldest item if it is one of those integers that a side with one task can take by itself. */
  takeShort(): number | undefined;
  /** The same as {@link tryTake}, in turn: to be called after each ring until it says true, or {@link giveUp}. */
  attempt(use: UseItem): boolean;
  /** The same for one of several things that may happen: an attempt in vain promises nobody to take what comes. */
  attemptOnce(use: UseItem): boolean;
  /** Waits no longer. False if an item is on its way that this task has to take after all: attempt again. */
  giveUp(): boolean;
  /** Whether something may be there: a look that costs little. */
  readonly hasItem: boolean;
  /** How many there are, as far as the last look has shown; 0 where that says little. */
  readonly itemsSeen: number;
  /** Whether something may be there; and if nothing is, this task's doorbell rings as soon as something is. For a side with one task. */
  listen(): boolean;
}

/** The task that uses a half. */
export interface User {
  readonly board: Board;
  readonly slot: number;
}

/** The sending half that `side` needs now. */
export function sendingHalf(memory: QuipeMemory, side: Side, user: User): SendingHalf {
  const lane = memory.laneFrom(side);
  if (lane.capacity === 0) return new RendezvousSender(lane, user);
  return isShared(memory, side) ? new SharedSender(lane, user) : new AloneSender(lane, user);
}

/** The receiving half that `side` needs now. */
export function receivingHalf(memory: QuipeMemory, side: Side, user: User): ReceivingHalf {
  const lane = memory.laneFrom(otherSide(side));
  if (lane.capacity === 0) return new RendezvousReceiver(lane, user);
  if (memory.words[ENDS.OVERFLOW] === Overflow["drop-oldest"])
    return new RobbedReceiver(lane, user);
  return isShared(memory, side) ? new SharedReceiver(lane, user) : new AloneReceiver(lane, user);
}
