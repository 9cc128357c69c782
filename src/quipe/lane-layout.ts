/**
 * A lane in shared memory: one direction of a quipe. The dictionary of its words.
 *
 *   words 0–15    fixed at birth        CAPACITY · RING_UNITS
 *   words 16–31   the sender's line     TAIL
 *   words 32–47   the receiver's line   HEAD
 *   words 48–63   the waiters' line     SENDER_WAITING · RECEIVER_WAITING
 *   words 64–79   the ends' line        SENDER_STATE · CLOSE_PARCEL · RECEIVER_STATE; written once
 *   words 80–     the ring
 *
 * | word             | written by                   | before it is written
 * | TAIL             | the sender                   | the item, and the sequence number after it
 * | SENDER_STATE     | the sender, or the reaper    | the last TAIL, and CLOSE_PARCEL
 * | CLOSE_PARCEL     | the sender, or the reaper    | the parcel is published
 * | HEAD             | the receiver                 | the item is decoded
 * | RECEIVER_STATE   | the receiver, or the reaper  |
 * | SENDER_WAITING   | set by the sender before it looks at HEAD again, cleared by whoever rings it
 * | RECEIVER_WAITING | set by the receiver before it looks at TAIL again, cleared by whoever rings it
 *
 * HEAD and TAIL count units of 8 bytes and run on for ever, modulo 2^32; RING_UNITS is a power of two. An
 * item is one unit of header and its payload, in one piece: an item that does not fit before the end of the
 * ring is preceded by a `skip` that fills it up. A header is two words:
 *
 *   length of the payload in bytes, times 8, plus the form  ·  sequence number
 *
 * The sequence number at TAIL is written before TAIL itself, so it is there also when no item is: the
 * numbers at TAIL and HEAD are how many items were ever sent and taken. Two counters of their own could be
 * one ahead of TAIL and HEAD after a kill; these cannot. One unit of the ring stays free for it. The item
 * is a plain write: the atomic store of TAIL after it publishes it.
 */

/** How many items may be in the lane; fixed at birth. */
export const CAPACITY = 0;
/** Units of the ring; fixed at birth. */
export const RING_UNITS = 1;

export const TAIL = 16;

export const HEAD = 32;

/** 0, or the slot of the waiting task plus one. */
export const SENDER_WAITING = 48;
export const RECEIVER_WAITING = 49;

export const SENDER_STATE = 64;
export const CLOSE_PARCEL = 65;
export const RECEIVER_STATE = 66;

/** Words before the ring. */
export const HEADER_WORDS = 80;
/** The ring is counted in units of so many bytes. */
export const UNIT_BYTES = 8;
/** The same in words. */
export const UNIT_WORDS = 2;

/** Values of SENDER_STATE and RECEIVER_STATE. A sender's end says why; a receiver is only there or gone. */
export const EndState = { open: 0, clean: 1, failed: 2, killed: 3 } as const;

/** One of the values of {@link EndState}. */
export type EndStateValue = (typeof EndState)[keyof typeof EndState];

/** How many bits of a header hold the form. */
export const FORM_BITS = 3;
/** Those bits. */
export const FORM_MASK = 7;

/** What the lowest bits of an item's header say. */
export const Form = {
  /** The payload is the value. */
  inline: 0,
  /** The payload is one word: the id of a shared buffer that holds the value. */
  apart: 1,
  /** No item: the rest of the ring is unused in this round. */
  skip: 2,
  /** The value, padded to words; the ids of the shared buffers that it names; its bytes; how many ids. */
  carrying: 3,
  /** One word, which is the value: an integer. */
  integer: 4,
} as const;

/** How many bytes a lane takes in shared memory. */
export function laneBytes(ringUnits: number): number {
  return HEADER_WORDS * 4 + ringUnits * UNIT_BYTES;
}

/** How many units an item with so many bytes of payload takes. */
export function itemUnits(payloadBytes: number): number {
  return 1 + Math.ceil(payloadBytes / UNIT_BYTES);
}
