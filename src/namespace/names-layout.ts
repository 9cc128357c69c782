/**
 * The dictionary of everything that a namespace keeps in shared memory.
 *
 *   ┌──────────┬──────┬──────────┬──────────────────────────────────────────┐
 *   │ header   │ pins │ watchers │ areas, one after the other, as it grows  │
 *   │ 32 words │ 32   │ 32       │ LINK VERSION OWNER CAPACITY LENGTH table │
 *   └──────────┴──────┴──────────┴──────────────────────────────────────────┘
 *
 * The first words mean what they mean in a region (memory/layout.ts), so whoever keeps regions alive keeps namespaces
 * alive, and the title of the creator goes to an heir like that of an owner.
 *
 * An *area* is room for a table of all names, and belongs to one task: nobody else writes into it. A *table* never
 * changes while it counts. The one that counts is that in the area whose VERSION is VERSION of the header.
 *
 * | word           | written by
 * | OWNER          | nobody but the reaper, for the heir of a dead creator
 * | VERSION        | whoever changes the names, by compare-and-set, after the table; the reaper sets ORPHANED
 * | NEXT           | whoever is about to, by atomic add: each version is given out once
 * | TOP            | whoever takes room for an area, by atomic add
 * | AREAS          | whoever has made an area, by compare-and-set; never taken away
 * | an area's OWNER| the task whose it is, before AREAS; the reaper, when that is dead; who takes it then, by compare-and-set
 * | the rest of it | the task whose it is, while it does not count
 * | watchers       | each bit by its task; by the reaper after that task is proven dead
 */

/** Words of the header. */
export const NAMES = {
  MAGIC: 0,
  ID: 2,
  STATE: 3,
  OWNER: 4,
  /** Which table counts. Even; plus `ORPHANED`. */
  VERSION: 5,
  /** The next version to be given out. */
  NEXT: 6,
  /** The area that was made last, as the number of its first word. */
  AREAS: 7,
  /** The first word that belongs to nothing yet. */
  TOP: 8,
  /** The number of the namespace that this one reads through to; 0 for none. */
  PARENT: 9,
  /** Which groups of 32 tasks ever waited for a change. */
  WATCHER_GROUPS: 10,
  PINS: 32,
  WATCHERS: 64,
  FIRST_AREA: 96,
} as const;

/** "qupn" as little-endian bytes. */
export const NAMES_MAGIC = 0x6e707571;

/** The bit of VERSION that says that the creator is dead and everything is locked. */
export const ORPHANED = 1;

/** What an area has for a version before it ever got one: no version is odd. */
export const NO_VERSION = 1;

/** Words of an area. */
export const AREA = {
  /** The area that was made before it; 0 for none. */
  LINK: 0,
  VERSION: 1,
  /** The slot of the task that may write here, or `NOBODY`. */
  OWNER: 2,
  /** How many words the table may have, and how many it has. */
  CAPACITY: 3,
  LENGTH: 4,
  TABLE: 5,
} as const;

/** The owner of an area that anybody may take. */
export const NOBODY = -1;

/** Words of a table; behind `LIST` the numbers of what is bound, those that locked names hold first; then the bytes. */
export const TABLE = { FLAGS: 0, BYTES: 1, LOCKED_COUNT: 2, COUNT: 3, LIST: 4 } as const;

/** Bits of the flags of a table. */
export const TABLE_FLAG = { SEALED: 1 } as const;

/** Bits of the flags of one name in a table. */
export const NAME_FLAG = { LOCKED: 1 } as const;

/** The words of a new namespace, with room for two small tables. */
export const NAMES_WORDS: number = NAMES.FIRST_AREA + 160;

/** The least room for a table, in words. */
export const LEAST_CAPACITY = 64;

/** All that a namespace may ever need, in bytes of address space. */
export const RESERVED_BYTES: number = 2 ** 26;

/**
 * What a namespace weighs for a collector, in bytes: memory that can grow is a mapping of its own, and a process has some
 * 60,000 of them, so those of namespaces that were dropped must be found after a few thousand.
 */
export const WEIGHT_BYTES: number = 2 ** 17;
