/**
 * A lane in shared memory: one direction of a quipe. The dictionary of its words.
 *
 *   words 0–15    fixed at birth        CAPACITY · RING_UNITS
 *   words 16–31   the sender's line     TAIL · SENT · SENDER_STATE · CLOSE_PARCEL
 *   words 32–47   the receiver's line   HEAD · TAKEN · RECEIVER_STATE
 *   words 48–63   the waiters' line     SENDER_WAITING · RECEIVER_WAITING
 *   words 64–     the ring
 *
 * | word             | written by                   | before it is written
 * | TAIL             | the sender                   | the item's bytes and SENT
 * | SENT             | the sender, plainly          | the item's bytes
 * | SENDER_STATE     | the sender, or the reaper    | the last TAIL, and CLOSE_PARCEL
 * | CLOSE_PARCEL     | the sender, or the reaper    | the parcel is published
 * | HEAD             | the receiver                 | the item is decoded, TAKEN
 * | TAKEN            | the receiver, plainly        | the item is decoded
 * | RECEIVER_STATE   | the receiver, or the reaper  |
 * | SENDER_WAITING   | set by the sender before it looks at HEAD again, cleared by whoever rings it
 * | RECEIVER_WAITING | set by the receiver before it looks at TAIL again, cleared by whoever rings it
 *
 * HEAD and TAIL count units of 8 bytes and run on for ever, modulo 2^32; RING_UNITS is a power of two. Each
 * item is one unit of header (its length in bytes, its form) and its payload, in one piece: an item that
 * does not fit before the end of the ring is preceded by a `skip` that fills it up. Payload and counts
 * are plain writes: the atomic store of TAIL or HEAD after them publishes them.
 */
export const CAPACITY = 0;
export const RING_UNITS = 1;

export const TAIL = 16;
export const SENT = 17;
export const SENDER_STATE = 18;
export const CLOSE_PARCEL = 19;

export const HEAD = 32;
export const TAKEN = 33;
export const RECEIVER_STATE = 34;

/** 0, or the slot of the waiting task plus one. */
export const SENDER_WAITING = 48;
export const RECEIVER_WAITING = 49;

export const HEADER_WORDS = 64;
export const UNIT_BYTES = 8;
export const UNIT_WORDS = 2;

/** Values of SENDER_STATE and RECEIVER_STATE. A sender's end says why; a receiver is only there or gone. */
export const EndState = { open: 0, clean: 1, failed: 2, killed: 3 } as const;

/** One of the values of {@link EndState}. */
export type EndStateValue = (typeof EndState)[keyof typeof EndState];

/** What the second word of an item's header says. */
export const Form = {
  /** The payload is the value. */
  inline: 0,
  /** The payload is one word: the id of a shared buffer that holds the value. */
  apart: 1,
  /** No item: the rest of the ring is unused in this round. */
  skip: 2,
} as const;

/** How many bytes a lane takes in shared memory. */
export function laneBytes(ringUnits: number): number {
  return HEADER_WORDS * 4 + ringUnits * UNIT_BYTES;
}

/** How many units an item with so many bytes of payload takes. */
export function itemUnits(payloadBytes: number): number {
  return 1 + Math.ceil(payloadBytes / UNIT_BYTES);
}
