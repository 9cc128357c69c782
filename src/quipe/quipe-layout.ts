/**
 * The first words of the shared memory of a quipe, before its lanes: what anybody may know of the life of the
 * task that the quipe leads to. Handles of the task in other threads read it here.
 *
 *   ┌──────────┬──────┬──────────┬────────────┬─────────────┐
 *   │ header   │ pins │ watchers │ first lane │ second lane │
 *   │ 32 words │ 32   │ 32       │            │             │
 *   └──────────┴──────┴──────────┴────────────┴─────────────┘
 *
 * The first words mean what they mean in a region (memory/layout.ts), so whoever keeps regions alive keeps a
 * task's memory alive for those who have its handle.
 *
 * | word                   | written by                                     | before it is written
 * | SENT                   | the spawner, when it first sends the handle; the reaper seals it at the death
 * | MAGIC, SLOT, GENERATION| the spawner, before anybody else knows the memory
 * | ABOUT                  | the spawner, before SENT                       | the parcel is published
 * | OUTCOME                | the reaper; the spawner if SENT was sealed     | the parcel is published
 * | PROGRESS               | the task; the spawner if SENT was sealed       | the parcel is published
 * | THREAD, BEGAN_AFTER    | the task, once its phase is `running`          | THREAD before BEGAN_AFTER
 * | SPAWNED_AT             | the spawner, at birth                          |
 * | ENDED_AT               | the reaper, before it tells of the death       |
 * | pins, watchers         | each bit by its task; pins by the reaper for a dead one
 *
 * A watcher's bit of a dead task is left behind; who sits in that slot next is woken in vain at times.
 */

/** Words of the header. Doubles have even words. */
export const QUIPE = {
  MAGIC: 0,
  /** The number under which handles that were sent know this memory; 0 if none was; `SEALED`. */
  SENT: 2,
  /** Never written: looked at as a region, it has no state in which anybody owns it. */
  STATE: 3,
  OWNER: 4,
  SLOT: 5,
  GENERATION: 6,
  /** Numbers of parcels; 0 if there is none. */
  ABOUT: 7,
  OUTCOME: 8,
  PROGRESS: 9,
  THREAD: 10,
  /** Milliseconds from SPAWNED_AT until the task began, plus one; 0 until then. */
  BEGAN_AFTER: 11,
  /** Doubles: milliseconds since 1970. */
  SPAWNED_AT: 12,
  ENDED_AT: 14,
  PINS: 32,
  WATCHERS: 64,
} as const;

/** "qupt" as little-endian bytes. */
export const QUIPE_MAGIC = 0x74707571;

/** SENT of a task that is dead and of which no handle was sent before. */
export const SEALED = -1;

/** How many words hold the bits of all watchers. */
export const WATCHER_WORDS = 32;

/** Where the lanes begin. */
export const QUIPE_HEADER_BYTES: number = 96 * 4;
