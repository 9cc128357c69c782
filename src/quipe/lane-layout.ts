/**
 * A lane in shared memory: one direction of a quipe. The dictionary of its words.
 *
 *   words 0–15    fixed at birth          CAPACITY · RING_UNITS
 *   words 16–31   the senders' line       TAIL · BYTES_SENT · MOST_BY_SENDER
 *   words 32–47   the receivers' line     HEAD · BYTES_TAKEN · MOST_BY_RECEIVER
 *   words 48–63   the waiters' line       SENDER_WAITING · RECEIVER_WAITING
 *   words 64–79   the ends' line          SENDER_STATE · WORST · CLOSE_PARCEL · RECEIVER_STATE; written once
 *   words 80–95   the rendezvous' line    OFFER · WANTED
 *   words 96–111  the senders' turnstile, words 112–127 the receivers'
 *   words 128–    the ring, and behind it the seats of both turnstiles
 *
 * | word             | written by                   | before it is written
 * | TAIL             | the sender                   | the item, and the sequence number after it
 * | BYTES_SENT …     | the sender, the receiver; numbers for people, which a kill may leave one item behind
 * | SENDER_STATE     | who closes the last handle that sends, or the reaper | the last TAIL, WORST and CLOSE_PARCEL
 * | WORST            | who closes a handle that sends, or the reaper; only ever raised
 * | CLOSE_PARCEL     | the first that closes one with an error, by compare-and-set | the parcel is published
 * | HEAD             | the receiver                 | the item is decoded
 * | RECEIVER_STATE   | who closes the last handle that receives, or the reaper
 * | WAITED in TAIL   | set by the receiver, after RECEIVER_WAITING; cleared by the next item
 * | WAITED in HEAD   | set by the sender, after SENDER_WAITING; cleared by the next that is taken
 * | SENDER_WAITING   | set by the sender before it looks at HEAD again, cleared by whoever rings it, by
 * | RECEIVER_WAITING | set by the receiver before it looks at TAIL again, compare-and-set
 * | OFFER, WANTED    | rendezvous.ts
 *
 * Where several tasks send, or several receive, the one inside the turnstile of that side is "the sender" or "the
 * receiver" (shared-lane.ts); the reaper stands in for one that died there.
 *
 * HEAD and TAIL count words and run on for ever, modulo 2^32. Whole units of two words are used, so the lowest
 * bit of each is free: it is WAITED, which the other side sets, after its waiters' word, when it waits. Who moves
 * HEAD or TAIL on does it by an exchange, and so publishes and learns in one step whether to look at the waiters'
 * word. Who is killed between that exchange and the ring leaves it to the reaper, which rings everybody after every
 * death. RING_UNITS is a power of two. An item is one unit of header and its payload, in one piece: an item that
 * does not fit before the end of the ring is preceded by a `skip` that fills it up. A header is two words:
 *
 *   length of the payload in bytes, times 8, plus the form  ·  sequence number
 *   an integer of 29 bits, times 8, plus `short`            ·  sequence number      (that is all of the item)
 *
 * The sequence number at TAIL is written before TAIL itself, so it is there also when no item is: the
 * numbers at TAIL and HEAD are how many items were ever sent and taken. Two counters of their own could be
 * one ahead of TAIL and HEAD after a kill; these cannot. One unit of the ring stays free for it. The item
 * is a plain write: the atomic exchange of TAIL after it publishes it.
 */

import { BIT_WORDS, SEAT_WORDS } from "../sync/seats.ts";
import type { TurnstilePlace } from "../sync/turnstile.ts";

/** How many items may be in the lane, 0 for a rendezvous; fixed at birth. */
export const CAPACITY = 0;
/** Units of the ring; fixed at birth. */
export const RING_UNITS = 1;

export const TAIL = 16;
/** Doubles lie at even words. */
export const BYTES_SENT = 18;
/** The most items that the sender, or the receiver, has seen waiting. */
export const MOST_BY_SENDER = 20;

export const HEAD = 32;
export const BYTES_TAKEN = 34;
export const MOST_BY_RECEIVER = 36;

/** The bit of TAIL and HEAD that says that somebody waits for them to change. */
export const WAITED = 1;

/** 0, or the slot of the waiting task plus one. */
export const SENDER_WAITING = 48;
export const RECEIVER_WAITING = 49;

export const SENDER_STATE = 64;
export const CLOSE_PARCEL = 65;
export const RECEIVER_STATE = 66;
/** The worst way in which a handle that sent was closed so far. */
export const WORST = 67;

/** What stands in a rendezvous: see {@link Offer}. */
export const OFFER = 80;
/** Whether a receiver is sure to take what comes next: see {@link Want}. */
export const WANTED = 81;

/** The fixed words of the two turnstiles; the seats lie behind the ring. */
const SENDER_TURNSTILE = 96;
const RECEIVER_TURNSTILE = 112;

/** Words before the ring. */
export const HEADER_WORDS = 128;
/** The ring is counted in units of so many bytes. */
export const UNIT_BYTES = 8;
/** The same in words. */
export const UNIT_WORDS = 2;
/** A count of bytes, shifted so far, is one of units. */
const UNIT_SHIFT = 3;

/** Values of SENDER_STATE and RECEIVER_STATE, from good to bad. A sender's end says why; a receiver is there, gone, or aborted. */
export const EndState = { open: 0, clean: 1, failed: 2, killed: 3, aborted: 4 } as const;

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
  /** No payload: the header holds an integer where others have their length. */
  short: 5,
} as const;

/**
 * Values of OFFER besides the slot of who offers plus one: whoever takes that item turns it negative, and it can no
 * longer be withdrawn.
 */
export const Offer = { none: 0, given: 0x7fff } as const;

/** Values of WANTED: nobody is sure to take the next item; somebody is; and an item was promised to it. */
export const Want = { none: 0, wanted: 1, promised: 2 } as const;

const SEATS_OF_ONE = BIT_WORDS + SEAT_WORDS;

/** Where the two turnstiles of a lane lie. */
export function turnstilesOf(ringWords: number): {
  readonly sender: TurnstilePlace;
  readonly receiver: TurnstilePlace;
} {
  const behind = HEADER_WORDS + ringWords;
  return {
    sender: placeOf(SENDER_TURNSTILE, behind),
    receiver: placeOf(RECEIVER_TURNSTILE, behind + SEATS_OF_ONE),
  };
}

function placeOf(fixed: number, seats: number): TurnstilePlace {
  const [LOCK, TICKETS, GROUPS] = [fixed, fixed + 1, fixed + 2];
  return { LOCK, TICKETS, GROUPS, BITS: seats, SEATS: seats + BIT_WORDS };
}

/** How many bytes a lane takes in shared memory. */
export function laneBytes(ringUnits: number): number {
  return (HEADER_WORDS + ringUnits * UNIT_WORDS + SEATS_OF_ONE * 2) * 4;
}

/** How many words an item takes that has this header. */
export function itemWords(header: number): number {
  if ((header & FORM_MASK) === Form.short) return UNIT_WORDS;
  // Shifts, since this is asked of every item.
  return UNIT_WORDS + (((header >>> FORM_BITS) + UNIT_BYTES - 1) >>> UNIT_SHIFT) * UNIT_WORDS;
}
