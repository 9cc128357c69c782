/**
 * The dictionary of the message format: what each tag byte announces and what follows it.
 *
 * Integers are LEB128 varints (zigzag where signed), doubles are 8 bytes little endian, a string is its
 * length and then latin1 bytes or UTF-16 code units, never UTF-8, so lone surrogates survive. Objects,
 * arrays and everything else with identity are numbered in the order in which they begin; `again`
 * refers to one by that number, which carries cycles and shared references.
 */

/** The tag bytes. */
export const Tag = {
  undefined: 0,
  null: 1,
  true: 2,
  false: 3,
  /** zigzag varint */
  integer: 4,
  /** 8 bytes */
  double: 5,
  /** length, bytes */
  latin1: 6,
  /** length in code units, 2 bytes each */
  utf16: 7,
  /** sign (0, 1), length in bytes, magnitude, most significant byte first */
  bigint: 8,
  /** number of an object that began earlier */
  again: 9,
  /** length, then as many values; or fewer, and `rest` */
  array: 10,
  /** instead of an element: a list of keys and as many values, for all that is left of an array */
  rest: 11,
  /** a list of keys (key-lists.ts), then as many values */
  object: 12,
  /** the same, without a prototype */
  bareObject: 13,
  /** 8 bytes, milliseconds */
  date: 14,
  /** source, flags */
  regexp: 15,
  /** size, then key and value each */
  map: 16,
  /** size, then values */
  set: 17,
  /** length in bytes, bytes from the next multiple of 8 on */
  arrayBuffer: 18,
  /** kind, offset, length, then the buffer as a value */
  view: 19,
  /** built-in class, registered class or "", message, name, then an object of its fields (error-fields.ts) */
  error: 20,
  /** region id, address: a frozen object, by reference */
  region: 21,
  /** buffer id: a SharedArrayBuffer, by reference */
  sharedBuffer: 22,
  /** the primitive inside */
  boxed: 23,
  /** length, then like `rest`: an array with holes, or with properties besides its elements */
  looseArray: 24,
  /** region id, address: an object that the message moves; numbered like what is copied */
  moved: 25,
  /** number of a guard, by reference */
  guard: 26,
  /** name of a registered class, a list of keys, then as many values */
  instance: 27,
  /** kind of a handle (memory/references.ts), how many numbers name it, and each */
  handle: 28,
} as const;
