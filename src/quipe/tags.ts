/**
 * The dictionary of the message format: what each tag announces and what follows it.
 *
 *   head word [ count, 24 bits · tag, 8 bits ]   more words …        every value begins at a whole word
 *
 * A count that does not fit is SMALL_COUNT, and a double with the count follows the head. Doubles are 8 bytes
 * little endian. A string is latin1 bytes or UTF-16 code units, never UTF-8, so lone surrogates survive. What
 * is counted in bytes is filled up with zeros to a whole word. Keys and the like lie in a run of bytes: varints
 * (LEB128), each key its length times two, plus one if it is UTF-16, and its units. Objects, arrays and everything
 * else with identity are numbered in the order in which they begin; `again` refers to one by that number, which
 * carries cycles and shared references.
 */

/** How many bits of a head are the tag. */
export const TAG_BITS = 8;
/** Those bits. */
export const TAG_MASK = 255;
/** Counts below it lie in the head. */
export const SMALL_COUNT = 0xff_ffff;

/** The tags. `count` is what the rest of the head holds. */
export const Tag = {
  undefined: 0,
  null: 1,
  true: 2,
  false: 3,
  /** the integer itself, where the count would be, with its sign */
  integer: 4,
  /** 8 bytes */
  double: 5,
  /** count of code units; bytes */
  latin1: 6,
  /** count of code units; 2 bytes each */
  utf16: 7,
  /** in bytes: sign (0, 1), length, magnitude, most significant byte first */
  bigint: 8,
  /** number of an object that began earlier, as the count */
  again: 9,
  /** count; then as many values, or fewer, and `rest` */
  array: 10,
  /** instead of an element: a list of keys and as many values, for all that is left of an array */
  rest: 11,
  /** a list of keys, whose mark is the count (key-lists.ts); then as many values */
  object: 12,
  /** the same, without a prototype */
  bareObject: 13,
  /** 8 bytes, milliseconds */
  date: 14,
  /** source, flags */
  regexp: 15,
  /** count; then key and value each */
  map: 16,
  /** count; then values */
  set: 17,
  /** count of bytes; bytes from the next multiple of 8 on */
  arrayBuffer: 18,
  /** kind as the count; offset and length as doubles, the length -1 if it follows the buffer's; the buffer */
  view: 19,
  /** in bytes: built-in class, registered class or ""; message, name, an object of its fields (error-fields.ts) */
  error: 20,
  /** region id, address: a frozen object, by reference */
  region: 21,
  /** buffer id: a SharedArrayBuffer, by reference */
  sharedBuffer: 22,
  /** the primitive inside */
  boxed: 23,
  /** count, then like `rest`: an array with holes, or with properties besides its elements */
  looseArray: 24,
  /** region id, address: an object that the message moves; numbered like what is copied */
  moved: 25,
  /** number of a guard, by reference */
  guard: 26,
  /** in bytes: name of a registered class and a list of keys; then as many values */
  instance: 27,
  /** kind of a handle (memory/references.ts), how many numbers name it, and each */
  handle: 28,
  /** one word: an integer that does not fit into its head */
  word: 29,
  /** count of bytes, the most that there may be as a double; bytes from the next multiple of 8 on */
  resizable: 30,
} as const;
