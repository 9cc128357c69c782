/**
 * What all threads know of the two ends of a quipe: the words before its lanes.
 *
 *   ┌──────────┬──────┬───────────────────┬───────────────────┬────────────┬─────────────┐
 *   │ header   │ pins │ handles of side 0 │ handles of side 1 │ first lane │ second lane │
 *   │ 32 words │ 32   │ 2,048             │ 2,048             │            │             │
 *   └──────────┴──────┴───────────────────┴───────────────────┴────────────┴─────────────┘
 *
 * The first words mean what they mean in a region (memory/layout.ts), so whoever keeps regions alive keeps quipes
 * alive. In the memory of a task's quipe the words about the task's life lie in front of all this (quipe-layout.ts).
 *
 * A handle is one End that some task holds, or that is on its way. Its entry is two words:
 *
 *   0, or the slot of its task plus one, and what it is for     ·     the token under which it travels
 *
 * | word          | written by
 * | MAGIC … OVERFLOW | who makes the quipe, before anybody else knows of it
 * | SHARED        | who makes a second handle of a side, which is the only one that has that side then
 * | ABORT         | the first that aborts, by compare-and-set; the parcel is published before
 * | HOME          | who makes the quipe; that task when all is over, and the reaper when it is dead
 * | HIGH          | who takes an entry beyond it, by compare-and-set; never lowered
 * | TAKEN         | who has taken an entry, by atomic add, before that task closes any
 * | an entry      | its task, for as long as that has it; who sends it lets go of it and who receives it takes it, by
 * |               | compare-and-set; the reaper for a dead task, and for one that no message carries
 * | a token       | who sends the handle, before the entry says that it is on its way
 *
 * A side ends for a direction when no entry of it is left for that: counted from the entries each time, so
 * a kill leaves nothing miscounted, and whoever sees that none is left may say so.
 */

/** Words of the header. */
export const ENDS = {
  MAGIC: 0,
  ID: 2,
  /** Never written: looked at as a region, it has no state in which anybody owns it. */
  STATE: 3,
  OWNER: 4,
  /** Bit 0 and bit 1: several tasks may use side 0, or side 1. */
  SHARED: 5,
  /** The number of the parcel with the reason of an abort; 0 if there was none. */
  ABORT: 6,
  /** How many entries of side 0 were ever used; then those of side 1. */
  HIGH: 7,
  /** What happens to an item for which there is no room: see {@link Overflow}. */
  OVERFLOW: 9,
  /** The task that wants to hear of items which nobody received: its slot plus one, and its generation; 0 if none. */
  HOME: 10,
  HOME_GENERATION: 11,
  /** How often a handle of either side was taken. */
  TAKEN: 12,
  PINS: 32,
  HANDLES: 64,
} as const;

/** "qupe" as little-endian bytes. */
export const ENDS_MAGIC = 0x65707571;

/** Values of OVERFLOW. */
export const Overflow = { wait: 0, "drop-oldest": 1, "drop-newest": 2 } as const;

/** How many handles one side may have at once. */
export const MAX_HANDLES = 1024;

/** Words of an entry. */
export const ENTRY = { STATE: 0, TOKEN: 1, WORDS: 2 } as const;

/** Bits of the first word of an entry. */
export const HANDLE = {
  /** The slot of the task that has it, or sent it, plus one; 0 once that is dead. */
  OWNER_MASK: 0x7ff,
  SENDS: 0x800,
  RECEIVES: 0x1000,
  /** The task is sending it, or has received it a moment ago: if it dies now, the message that carries it decides. */
  IN_TRANSIT: 0x4000,
  /** No task has it: a message carries it, which the owner has sent. */
  AWAY: 0x8000,
} as const;

/** Words before the lanes. */
export const ENDS_WORDS: number = ENDS.HANDLES + MAX_HANDLES * ENTRY.WORDS * 2;
