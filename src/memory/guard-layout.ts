/**
 * The dictionary of everything that a guard keeps in shared memory, besides the region that it guards.
 *
 *   ┌──────────┬──────┬─────────┬──────────┬───────┬─────────┬───────────────────────────────┐
 *   │ header   │ pins │ readers │ watchers │ queue │ tickets │ undo log, which grows         │
 *   │ 32 words │ 32   │ 32      │ 32       │ 32    │ 1,024   │ old words │ address, count │ … │
 *   └──────────┴──────┴─────────┴──────────┴───────┴─────────┴───────────────────────────────┘
 *
 * The first words mean what they mean in a region (layout.ts), so whoever keeps regions alive keeps guards alive.
 *
 * | word            | written by
 * | LOCK            | who takes and lets go of the lock; waiters set one bit; the reaper for a dead holder
 * | TICKETS         | whoever sits down to wait, by atomic add
 * | …_GROUPS        | whoever sets a bit of that kind for the first time; never cleared
 * | REGION … LOG    | the holder of the lock; the reaper for a dead holder
 * | readers, …      | each bit and ticket by its task; by the reaper after that task is proven dead
 */
/** Words of the header. */
export const GUARD = {
  MAGIC: 0,
  ID: 2,
  STATE: 3,
  OWNER: 4,
  /** Who holds the lock alone, and whether others wait: see `LOCK`. */
  LOCK: 5,
  /** The next ticket of the queue. */
  TICKETS: 6,
  /** Which groups of 32 tasks ever had a bit in the queue, among the readers, or among the watchers. */
  QUEUE_GROUPS: 7,
  READER_GROUPS: 8,
  WATCHER_GROUPS: 9,
  /** The number of the region that is guarded. */
  REGION: 10,
  /** How many updates have changed anything. */
  CHANGES: 11,
  /** How many words the undo log has, or `COMMITTED`. */
  LOG_USED: 12,
  /** The region that takes over when the open update commits; 0 if it stays the same. */
  NEXT_REGION: 13,
  /** The guard whose `LOG_USED` decides over the open update; 0 if it is this one. */
  LEADER: 14,
  PINS: 32,
  READERS: 64,
  WATCHERS: 96,
  QUEUE: 128,
  SEATS: 160,
  LOG: 1184,
} as const;

/** "qupg" as little-endian bytes. */
export const GUARD_MAGIC = 0x67707571;

/** The value of `LOG_USED` from which on the update counts as done. */
export const COMMITTED = -1;

/**
 * Bits of the lock word: the slot of the holder plus one; whether anybody may be waiting; whether a task that could not
 * be stopped when it was killed is inside; whether anybody ever read or watched.
 */
export const LOCK = {
  HOLDER_MASK: 0x7ff,
  CONTENDED: 0x800,
  STUCK: 0x1000,
  VISITED: 0x2000,
} as const;

/** How a task that waits in the queue (sync/seats.ts) wants the lock. */
export const MODE = { SHARED: 1, EXCLUSIVE: 2 } as const;

/** Words that follow the old words of an entry of the undo log. */
export const LOG_ENTRY = { ADDRESS: 0, COUNT: 1, WORDS: 2 } as const;

/** The words of a new guard, with room for a short log. */
export const GUARD_WORDS: number = GUARD.LOG + 840;
