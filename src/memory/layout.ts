/**
 * The dictionary of everything that a region keeps in shared memory. Nothing else in quipe knows a
 * number that means a word, a bit or a kind of a region.
 *
 *   ┌────────────┬───────────────────────────────────┬──────────────┬ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ┐
 *   │ header     │ objects, in the order of placing  │ text pages   │ what the owner added later
 *   │ 64 words   │ and the shapes they use           │ 32 KB each   │ (objects and text pages)
 *   └────────────┴───────────────────────────────────┴──────────────┴ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ┘
 *
 * An *address* is an index of a 4-byte word counted from the start of the region, so a region may
 * lie anywhere and its bytes may be stored and opened elsewhere. Objects start at even addresses
 * because 8-byte fields are read through a Float64Array. A *text reference* counts words from the
 * first text page. Address 0 and text reference 0 mean "none".
 *
 * Who writes: while a region is owned, its owner alone, every word but the pins. While it is frozen,
 * nobody, but the pins and the state word. The words of the header that several threads touch at
 * once (state, owner, epoch, pins) are only touched through runtime/atomics.ts.
 */

/** An index of a word of a region. */
export type Address = number;

/** Words of the header. */
export const HEADER = {
  /** `MAGIC`; never changes. */
  MAGIC: 0,
  /** `VERSION`; never changes. */
  VERSION: 1,
  /** The number under which threads know this region; written before the region is shown. */
  ID: 2,
  /** One of `STATE`. Written by the owner; read by whoever opens. */
  STATE: 3,
  /**
   * The task that owns the region, as its slot and generation; written by whoever takes it over, and by the
   * reaper, for the heir of a dead owner.
   */
  OWNER: 4,
  /** How often the region has been thawed, moved or released; views made before are stale. */
  EPOCH: 5,
  /** Bits of `EDITS`; written by the owner. */
  EDITS: 6,
  /** One value slot of two words: the root. Even, as all value slots are. */
  ROOT: 8,
  /** The first free word. */
  TOP: 10,
  /** How many ordinals were given out. */
  ORDINALS: 11,
  /** How many shapes there are, the address of their table and how many it has room for. */
  SHAPES: 12,
  SHAPE_TABLE: 13,
  SHAPE_CAPACITY: 14,
  /** The address of the first text page. */
  TEXT: 15,
  /** The first free word of the last text page and the end of that page, as text references. */
  TEXT_TOP: 16,
  TEXT_END: 17,
  /** An estimate of the words that nothing refers to any more. */
  GARBAGE: 18,
  /** With more words than this the owner compacts the region; 0 until it was edited. Written by the owner. */
  LIMIT: 19,
  /** How often it was entered in the directory, for threads that were sent an older entry; written by who enters it. */
  EDITION: 20,
  /** The bit set of the task slots that read this region, `PIN_WORDS` words. */
  PINS: 32,
} as const;

/** "qupe" as little-endian bytes. */
export const MAGIC = 0x65707571;

/** Raised whenever a structure of this file changes its meaning. */
export const VERSION = 2;

/** 1,024 task slots, one bit each. */
export const PIN_WORDS = 32;

/** The first word after the header. */
export const HEAP_START = 64;

/** The most words a region may have: 4 GB, where addresses still are small integers in every engine. */
export const MAXIMUM_WORDS: number = 2 ** 30;

/** Values of the state word. */
export const STATE = {
  OWNED: 1,
  FROZEN: 2,
  FROZEN_FOR_EVER: 3,
  THAWING: 4,
  IN_FLIGHT: 5,
  GUARDED: 6,
  ABANDONED: 7,
  RELEASED: 8,
  /** Its owner needed more room and went on in another buffer. */
  OUTGROWN: 9,
} as const;

/** Bits of the word that says what editing has spoilt. */
export const EDITS = {
  /** Records may have been replaced: rows are no longer known to lie side by side, nor subtrees closed. */
  SHUFFLED: 1,
} as const;

/** The first two words of every object: kind, flags and shape; then its ordinal. */
export const OBJECT = { HEAD: 0, ORDINAL: 1, WORDS: 2 } as const;

/** The lowest 8 bits of the first word of an object. */
export const KIND_MASK = 0xff;

/** The kinds of objects. */
export const KIND = {
  /** Fields at the offsets that its shape gives. */
  RECORD: 1,
  /** Any keys, in order of insertion, with a hash table: see `DICTIONARY`. */
  DICTIONARY: 2,
  /** Arrays by what their elements are: see `LIST`. */
  LIST_INTEGERS: 3,
  LIST_NUMBERS: 4,
  LIST_STRINGS: 5,
  LIST_REFERENCES: 6,
  LIST_VALUES: 7,
  /** Where an object went that outgrew its place: word 2 is its new address. */
  FORWARD: 8,
  /** An object of another region: word 2 is the region's number, word 3 the address there. */
  FOREIGN: 9,
  BIGINT: 10,
  DATE: 11,
  REGEXP: 12,
  MAP: 13,
  SET: 14,
  ERROR: 15,
  BYTES: 16,
  INSTANCE: 17,
} as const;

/** Bits 8 to 15 of the first word of an object. */
export const FLAG = {
  /** Its subtree is closed, acyclic, reached by one path and small: it is built together with its parent. */
  EAGER: 0x100,
  /** More than one reference leads to it. */
  SHARED: 0x200,
  /** A list of references whose elements have consecutive ordinals. */
  SEQUENCE: 0x400,
  /** A sequence of records of one shape at equal distances. */
  ROWS: 0x800,
  /** Its data no longer follow it; two words before them give their capacity. */
  RELOCATED: 0x1000,
  /** A dictionary without a prototype. */
  NULL_PROTOTYPE: 0x2000,
  /** The value of the one boolean of a record that lies here, not in a word of its own: see shapes.ts. */
  TRUE: 0x4000,
} as const;

/** Where the shape number begins in the first word of a record. */
export const SHAPE_SHIFT = 16;

/** Shapes that a region may have; beyond, objects become dictionaries. */
export const MAXIMUM_SHAPES = 0xffff;

/** Records have room for a forwarding address. */
export const MINIMUM_RECORD_WORDS = 4;

/** Objects with more keys than this are dictionaries. */
export const MAXIMUM_RECORD_FIELDS = 64;

/** A subtree of more words than this is not built together with its parent. */
export const EAGER_WORDS = 512;

/** Words of a forwarding object after its head. */
export const FORWARD = { TARGET: 2 } as const;

/** Words of a reference to another region. */
export const FOREIGN = { REGION: 2, ADDRESS: 3, WORDS: 4 } as const;

/** Words of a list: its length and the address of its elements. */
export const LIST = { LENGTH: 2, DATA: 3, WORDS: 4 } as const;

/** Words of a block that was moved away from its list, before its first element. */
export const BLOCK = { CAPACITY: 0, WORDS: 2 } as const;

/** Words of a bigint: whether it is negative, how many words its magnitude has, and those, least first. */
export const BIGINT = { NEGATIVE: 2, COUNT: 3, MAGNITUDE: 4 } as const;

/** Words of a date: its time value as a number. */
export const DATE = { TIME: 2, WORDS: 4 } as const;

/** Words of a regular expression: text references of its source and its flags. */
export const REGEXP = { SOURCE: 2, FLAGS: 3, WORDS: 4 } as const;

/** Words of an error or an instance of a class: the name of the class, and its properties as an object. */
export const INSTANCE = { CLASS: 2, FIELDS: 3, WORDS: 4 } as const;

/** Words of bytes: which class shows them, how many bytes there are, and those. */
export const BYTES = { CLASS: 2, COUNT: 3, DATA: 4 } as const;

/** Words of an entry of a Map or Set: its key and value as slots, and the hash of its key. */
export const MAP_ENTRY = { KEY: 0, VALUE: 2, HASH: 4, WORDS: 6 } as const;

/** Maps and Sets up to so many entries become real ones; bigger ones are looked up in place. */
export const REAL_MAP_LIMIT = 1_024;

/** Words of a dictionary, Map or Set: entries used (also deleted ones), live entries, both blocks and the bucket mask. */
export const DICTIONARY = {
  USED: 2,
  LIVE: 3,
  ENTRIES: 4,
  BUCKETS: 5,
  CAPACITY: 6,
  BUCKET_MASK: 7,
  WORDS: 8,
} as const;

/** Words of one entry of a dictionary: its value slot, its key and the hash of its key. */
export const ENTRY = { VALUE: 0, KEY: 2, HASH: 3, WORDS: 4 } as const;

/** A bucket holds the number of an entry plus one; nought ends a search. */
export const EMPTY_BUCKET = 0;

/** What a field of a record may hold, and hence how many words it takes. */
export const FIELD = {
  /** Always null so far. */
  NULL: 0,
  INTEGER: 1,
  NUMBER: 2,
  BOOLEAN: 3,
  STRING: 4,
  STRING_OR_NULL: 5,
  REFERENCE: 6,
  REFERENCE_OR_NULL: 7,
  /** A value slot. */
  ANY: 8,
} as const;

/** A type of a field. */
export type FieldType = (typeof FIELD)[keyof typeof FIELD];

/**
 * Words of a shape: how many fields, words of a record, bits, the name of the struct class as a text
 * reference or 0, then one entry for each field.
 */
export const SHAPE = { FIELDS: 0, RECORD_WORDS: 1, BITS: 2, STRUCT: 3, WORDS: 4 } as const;

/** Bits of a shape. */
export const SHAPE_BITS = { NULL_PROTOTYPE: 1 } as const;

/** Words of a field of a shape: its key, and its type and offset together. */
export const SHAPE_FIELD = { KEY: 0, TYPE_AND_OFFSET: 1, WORDS: 2, OFFSET_SHIFT: 8 } as const;

/**
 * Tags in the high word of a value slot. A slot whose high word is none of them is a number. They
 * lie among the negative NaNs, which no arithmetic gives; NaN itself is always stored as `NAN_HIGH`.
 */
export const TAG = {
  /** The lowest tag: a high word at least as great, as a signed number below 0, is a tag. */
  FIRST: -0x70000,
  UNDEFINED: -0x70000,
  NULL: -0x60000,
  FALSE: -0x50000,
  TRUE: -0x40000,
  HOLE: -0x30000,
  /** The low word is a text reference. */
  STRING: -0x20000,
  /** The low word is an address. */
  REFERENCE: -0x10000,
} as const;

/** The high word of the one NaN that slots hold. */
export const NAN_HIGH = 0x7ff80000;

/** Words of a value slot, and which of them is which (little endian). */
export const SLOT = { LOW: 0, HIGH: 1, WORDS: 2 } as const;

/** The word before a string: its length and two bits. */
export const TEXT = {
  HEAD_WORDS: 1,
  LENGTH_MASK: 0x3fffffff,
  /** The string is kept as UTF-16 code units, else as latin1 bytes. */
  WIDE: 0x40000000,
  /** The sign bit: the string was met more than once, so it is worth remembering. */
  REPEATED: -0x80000000,
  /** Text pages of 32 KB; no latin1 string that fits into one lies across two. */
  PAGE_SHIFT: 13,
  PAGE_WORDS: 0x2000,
  PAGE_MASK: 0x1fff,
} as const;

/** Ordinals of one page of the identity cache. */
export const IDENTITY = { SHIFT: 6, COUNT: 64, MASK: 63 } as const;

/** Lists up to so many elements become real arrays, by what they hold; longer ones are Proxies. */
export const REAL_LIST_LIMIT = { SCALARS: 65_536, VALUES: 1_024 } as const;

/** Dictionaries up to so many entries become real objects; bigger ones are Proxies. */
export const REAL_DICTIONARY_LIMIT = 1_024;

/** Rounds a count of words up to an even one. */
export function evenWords(words: number): number {
  return (words + 1) & ~1;
}
