/**
 * A queue of tasks in shared memory: first come, first served, and nothing that a death leaves undone.
 *
 *   TICKETS  the next ticket       GROUPS  which of the 32 words of bits were ever used
 *   bits     one for each task that sits in the queue       seats    one word for each slot: its ticket, and a mode
 *
 * | word    | written by
 * | TICKETS | whoever sits down, by atomic add
 * | GROUPS  | whoever sets a bit of that group for the first time; never cleared
 * | a bit, and a seat | its task; by the reaper after that task is proven dead
 *
 * Nobody is handed anything. Who waits sits down and tries by itself whenever its doorbell rings; whoever has
 * the lowest ticket may go on. So a task that dies or gives up just has to stand up.
 */
import { add, and, load, or, store } from "../runtime/atomics.ts";
import { MAX_TASKS } from "./board.ts";

/** Where the words of a queue lie. */
export interface Seats {
  readonly TICKETS: number;
  readonly GROUPS: number;
  readonly BITS: number;
  readonly SEATS: number;
}

/** What a seat holds besides its ticket: 0 is an empty one, so whoever sits has a mode that is not 0. */
export const SEAT = { EMPTY: 0, MODE_MASK: 3, TICKET_SHIFT: 2 } as const;

/** Words for the bits, and for the seats. */
export const BIT_WORDS = 32;
/** One for each slot of the board. */
export const SEAT_WORDS: number = MAX_TASKS;

/** Takes a place behind everybody who sits. */
export function sitDown(words: Int32Array, at: Seats, me: number, mode: number): void {
  const ticket = add(words, at.TICKETS, 1);
  store(words, at.SEATS + me, (ticket << SEAT.TICKET_SHIFT) | mode);
  setSlot(words, at.GROUPS, at.BITS, me);
}

/** Leaves the queue. Can be repeated. */
export function standUp(words: Int32Array, at: Seats, me: number): void {
  clearSlot(words, at.BITS, me);
  store(words, at.SEATS + me, SEAT.EMPTY);
}

/** Whether the task in slot `me` sits here. A plain read: nobody else writes it while that task lives. */
export function isSeated(words: Int32Array, at: Seats, me: number): boolean {
  return words[at.SEATS + me] !== SEAT.EMPTY;
}

/** The slots of the tasks that sit. */
export function seatedSlots(words: Int32Array, at: Seats): number[] {
  return slotsSet(words, at.GROUPS, at.BITS).filter(
    (slot) => load(words, at.SEATS + slot) !== SEAT.EMPTY,
  );
}

/** Whether nobody is in front; who shares a bit of `alike` with the one in question is not in its way. */
export function isFirst(words: Int32Array, at: Seats, me: number, alike: number): boolean {
  const mine = load(words, at.SEATS + me);
  return slotsSet(words, at.GROUPS, at.BITS).every((slot) => {
    const seat = load(words, at.SEATS + slot);
    const goTogether = (seat & mine & alike) !== 0;
    return slot === me || seat === SEAT.EMPTY || goTogether || isBefore(mine, seat);
  });
}

/** Sets a bit of a set of slots, whose groups are noted so that they need not all be looked at. */
export function setSlot(words: Int32Array, groups: number, bits: number, slot: number): void {
  const group = 1 << (slot >> 5);
  if ((load(words, groups) & group) === 0) or(words, groups, group);
  or(words, bits + (slot >> 5), 1 << (slot & 31));
}

/** Clears it. */
export function clearSlot(words: Int32Array, bits: number, slot: number): void {
  and(words, bits + (slot >> 5), ~(1 << (slot & 31)));
}

/** The slots in a set. */
export function slotsSet(words: Int32Array, groups: number, bits: number): number[] {
  const slots: number[] = [];
  const used = load(words, groups);
  for (let group = 0; group < BIT_WORDS; group++) {
    if ((used & (1 << group)) === 0) continue;
    const word = load(words, bits + group);
    for (let i = 0; i < 32; i++) if ((word & (1 << i)) !== 0) slots.push(group * 32 + i);
  }
  return slots;
}

/** Whether the ticket of one seat is lower than that of another; tickets wrap around. */
function isBefore(one: number, other: number): boolean {
  return (((one & ~SEAT.MODE_MASK) - (other & ~SEAT.MODE_MASK)) | 0) < 0;
}
