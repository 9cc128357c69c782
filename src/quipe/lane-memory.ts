/**
 * A lane as it lies in shared memory, and the words of it that both halves, and others in their place, use. What they
 * mean: lane-layout.ts.
 */
import { QuipeBug } from "../errors.ts";
import { compareExchange, load, or, store } from "../runtime/atomics.ts";
import { type Board, ring } from "../sync/board.ts";
import {
  CAPACITY,
  HEAD,
  HEADER_WORDS,
  RECEIVER_WAITING,
  RING_UNITS,
  SENDER_WAITING,
  TAIL,
  UNIT_BYTES,
  UNIT_WORDS,
  WAITED,
  laneBytes,
} from "./lane-layout.ts";

const WORD_BYTES = 4;

/** The shared words and bytes of one lane. */
export interface Lane {
  readonly words: Int32Array;
  readonly bytes: Uint8Array;
  readonly doubles: Float64Array;
  /** A power of two. */
  readonly ringWords: number;
  /** How many items may wait; 0 in a rendezvous, where one may lie there until it is taken. */
  readonly capacity: number;
}

/** Makes a lane at `byteOffset` of fresh, zeroed shared memory. */
export function createLane(
  buffer: SharedArrayBuffer,
  byteOffset: number,
  { capacity, ringUnits }: { readonly capacity: number; readonly ringUnits: number },
): Lane {
  const words = new Int32Array(buffer, byteOffset, HEADER_WORDS);
  words[CAPACITY] = capacity;
  words[RING_UNITS] = ringUnits;
  return openLane(buffer, byteOffset);
}

/** The lane that another thread made at `byteOffset`. */
export function openLane(buffer: SharedArrayBuffer, byteOffset: number): Lane {
  const header = new Int32Array(buffer, byteOffset, HEADER_WORDS);
  const ringUnits = at(header, RING_UNITS);
  const bytes = laneBytes(ringUnits);
  return {
    words: new Int32Array(buffer, byteOffset, bytes / WORD_BYTES),
    bytes: new Uint8Array(buffer, byteOffset, bytes),
    doubles: new Float64Array(buffer, byteOffset, HEADER_WORDS / 2),
    ringWords: ringUnits * UNIT_WORDS,
    capacity: at(header, CAPACITY),
  };
}

/** The largest payload that goes through the ring itself. */
export function inlineBytesOf({ ringWords }: Lane): number {
  return (ringWords / 2 / UNIT_WORDS - 2) * UNIT_BYTES;
}

/** HEAD or TAIL, without what it says besides. */
export function positionIn({ words }: Lane, word: typeof HEAD | typeof TAIL): number {
  return load(words, word) & ~WAITED;
}

/** Sets TAIL for the sender inside, or in the place of a dead one; whoever waits for it to change still does. */
export function setTail({ words }: Lane, position: number): void {
  for (;;) {
    const before = load(words, TAIL);
    const after = position | (before & WAITED);
    if (compareExchange(words, TAIL, before, after) === before) return;
  }
}

/** The number of the item that begins, or will begin, at a position of HEAD or TAIL. */
export function sequenceAt({ words, ringWords }: Lane, position: number): number {
  return at(words, HEADER_WORDS + (position & (ringWords - 1)) + 1);
}

/** Says that the task in `slot` waits for room; to be called before the look that finds none. */
export function announceSender({ words }: Lane, slot: number): void {
  store(words, SENDER_WAITING, slot + 1);
  or(words, HEAD, WAITED);
}

/** Says that the task in `slot` waits for an item; to be called before the look that finds none. */
export function announceReceiver({ words }: Lane, slot: number): void {
  store(words, RECEIVER_WAITING, slot + 1);
  or(words, TAIL, WAITED);
}

/** Wakes the receiver that waits at a lane. */
export function wakeReceiver(board: Board, { words }: Lane): void {
  wake(board, words, RECEIVER_WAITING);
}

/** Wakes the sender that waits at a lane. */
export function wakeSender(board: Board, { words }: Lane): void {
  wake(board, words, SENDER_WAITING);
}

/** Rings whoever waits as the word `waiting` of a lane says, and nobody twice. */
export function wake(board: Board, words: Int32Array, waiting: number): void {
  const waiter = load(words, waiting);
  if (waiter === 0) return;
  // If another task has announced itself since, it looked after that, and saw what is told here. Its word must stay.
  compareExchange(words, waiting, waiter, 0);
  ring(board, waiter - 1);
}

/** A word that is there. */
export function at(words: Int32Array, index: number): number {
  const value = words[index];
  if (value === undefined) throw new QuipeBug(`word ${index} lies outside of its structure`);
  return value;
}
