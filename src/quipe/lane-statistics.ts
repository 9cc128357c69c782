/** What went through a lane, in numbers, and who waits at it. */
import { load } from "../runtime/atomics.ts";
import { type Handle, countHandles } from "./handles.ts";
import {
  BYTES_SENT,
  BYTES_TAKEN,
  MOST_BY_RECEIVER,
  MOST_BY_SENDER,
  RECEIVER_WAITING,
  SENDER_WAITING,
  turnstilesOf,
} from "./lane-layout.ts";
import { countItems } from "./lane-contents.ts";
import type { Lane } from "./lane-memory.ts";
import { type QuipeMemory, type Side, otherSide } from "./quipe-memory.ts";
import { Turnstile } from "../sync/turnstile.ts";

/** What went through one direction of a quipe, as {@link End} tells it. */
export interface LaneStatistics {
  /** Items accepted so far. */
  readonly sent: number;
  /** Items that were taken out. */
  readonly taken: number;
  /** Items that wait: `sent - taken`. */
  readonly buffered: number;
  /** How many items may wait. */
  readonly capacity: number;
  /** The most items that a sender or a receiver has seen waiting. They look when they have to, not each time. */
  readonly highWater: number;
  /** Bytes accepted so far, as encoded; what lies apart because of its size counts with a few. */
  readonly bytesSent: number;
  /** Bytes taken out. */
  readonly bytesTaken: number;
  /** Open handles that send into the lane. */
  readonly senders: number;
  /** Open handles that receive from it. */
  readonly receivers: number;
  /** Tasks that wait for room. */
  readonly waitingSenders: number;
  /** Tasks that wait for an item. */
  readonly waitingReceivers: number;
}

/**
 * The numbers of the lane into which `side` sends; exact for the tasks at its ends if each side has one, and for
 * everybody once all is at rest.
 */
export function statisticsOf(memory: QuipeMemory, side: Side): LaneStatistics {
  const lane = memory.laneFrom(side);
  const { words, doubles, capacity } = lane;
  const { sent, taken } = countItems(lane);
  const buffered = (sent - taken) >>> 0;
  const most = Math.max(
    words[MOST_BY_SENDER] as number,
    words[MOST_BY_RECEIVER] as number,
    buffered,
  );
  return {
    sent,
    taken,
    buffered,
    capacity,
    highWater: most,
    bytesSent: doubles[BYTES_SENT / 2] as number,
    bytesTaken: doubles[BYTES_TAKEN / 2] as number,
    senders: countHandles(memory, side).senders,
    receivers: countHandles(memory, otherSide(side)).receivers,
    waitingSenders: waitingAt(lane, "sender"),
    waitingReceivers: waitingAt(lane, "receiver"),
  };
}

/** The numbers of both lanes, as the side of a handle sees them. */
export function statisticsAt({ memory, side }: Handle): {
  readonly out: LaneStatistics;
  readonly in: LaneStatistics;
} {
  return { out: statisticsOf(memory, side), in: statisticsOf(memory, otherSide(side)) };
}

/** The one that waits in front is named by a word of its own, the others sit in the queue; or all do. */
function waitingAt({ words, ringWords }: Lane, half: "sender" | "receiver"): number {
  const front = load(words, half === "sender" ? SENDER_WAITING : RECEIVER_WAITING) - 1;
  const { waiting } = new Turnstile(words, turnstilesOf(ringWords)[half]);
  return waiting.length + (front < 0 || waiting.includes(front) ? 0 : 1);
}
