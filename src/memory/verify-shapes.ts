/**
 * Checks the shapes of a region, and makes of each a list of those fields that need a check in a record.
 *
 *   objects │ shape 0 │ shape 1 │ … │ table of addresses │ text
 *
 * Shapes lie one after the other in the order of the table, so each is where the one before ends.
 */
import { fault } from "./image-fault.ts";
import {
  type Address,
  evenWords,
  FIELD,
  type FieldType,
  FLAG,
  HEADER,
  HEAP_START,
  MAXIMUM_SHAPES,
  OBJECT,
  SHAPE,
  SHAPE_BITS,
  SHAPE_FIELD,
} from "./layout.ts";
import { layOut } from "./shapes.ts";
import type { TextCheck } from "./verify-text.ts";

/** Objects have fewer fields, or they are dictionaries; struct classes may have so many in an image. */
const MOST_FIELDS = 256;

/** Flags that any object may have. */
export const COMMON_FLAGS: number = FLAG.EAGER | FLAG.SHARED;

/** All shapes of a region, flat. */
export interface ShapeTable {
  readonly count: number;
  /** Words of a record, by shape. */
  readonly recordWords: Int32Array;
  /** Flags that a record may have, by shape. */
  readonly flags: Int32Array;
  /** Where the checks of a shape begin in `checks`; those of the next one begin where they end. */
  readonly firstCheck: Int32Array;
  /** Type and offset of each field to check, in the form in which shapes hold them. */
  readonly checks: Int32Array;
}

// Engines know a constant of this module, but look up an imported one.
const OFFSET_SHIFT: number = SHAPE_FIELD.OFFSET_SHIFT;
const TYPE_BITS: number = (1 << OFFSET_SHIFT) - 1;

/** The type in one of the `checks` of a table. */
export function fieldType(check: number): number {
  return check & TYPE_BITS;
}

/** The offset in one of the `checks` of a table. */
export function fieldOffset(check: number): number {
  return check >> OFFSET_SHIFT;
}

/** Where objects end and shapes begin. */
export function endOfObjects(words: Int32Array): Address {
  const table = words[HEADER.SHAPE_TABLE] as Address;
  const isInside = table >= HEAP_START && table <= words.length && table % 2 === 0;
  if (!isInside) fault("the table of shapes lies outside the heap");
  const count = words[HEADER.SHAPES] as number;
  if (count < 0 || count > MAXIMUM_SHAPES || table + evenWords(count) > words.length) {
    fault("there are too many shapes");
  }
  const end = count === 0 ? table : (words[table] as Address);
  if (end < HEAP_START || end > table || end % 2 !== 0) fault("shapes lie outside the heap");
  return end;
}

/** Checks all shapes of a region whose text and end of objects are known to lie inside it. */
export function checkShapes(words: Int32Array, text: TextCheck): ShapeTable {
  return new ShapesCheck(words, text).run();
}

class ShapesCheck {
  readonly #words: Int32Array;
  readonly #text: TextCheck;
  readonly #table: Address;
  readonly #count: number;
  readonly #recordWords: Int32Array;
  readonly #flags: Int32Array;
  readonly #firstCheck: Int32Array;
  readonly #checks: number[] = [];
  /** The hashes of the keys of one shape: equal keys are looked for among equal hashes. */
  readonly #hashes = new Int32Array(MOST_FIELDS);

  constructor(words: Int32Array, text: TextCheck) {
    this.#words = words;
    this.#text = text;
    this.#table = words[HEADER.SHAPE_TABLE] as Address;
    this.#count = words[HEADER.SHAPES] as number;
    this.#recordWords = new Int32Array(this.#count);
    this.#flags = new Int32Array(this.#count);
    this.#firstCheck = new Int32Array(this.#count + 1);
  }

  run(): ShapeTable {
    let next = endOfObjects(this.#words);
    for (let id = 0; id < this.#count; id++) {
      if (this.#words[this.#table + id] !== next) fault("shapes do not lie side by side");
      next = this.#shape(id, next);
      this.#firstCheck[id + 1] = this.#checks.length;
    }
    if (next !== this.#table) fault("shapes do not end at their table");
    return {
      count: this.#count,
      recordWords: this.#recordWords,
      flags: this.#flags,
      firstCheck: this.#firstCheck,
      checks: Int32Array.from(this.#checks),
    };
  }

  /** Checks one shape; where it ends. */
  #shape(id: number, address: Address): Address {
    const words = this.#words;
    if (address + SHAPE.WORDS > this.#table) fault("a shape is cut off");
    const fields = words[address + SHAPE.FIELDS] as number;
    const bits = words[address + SHAPE.BITS] as number;
    if (fields < 0 || fields > MOST_FIELDS) fault("a shape has too many fields");
    const end = address + SHAPE.WORDS + fields * SHAPE_FIELD.WORDS;
    if (end > this.#table) fault("a shape is cut off");
    if ((bits & ~SHAPE_BITS.NULL_PROTOTYPE) !== 0) fault("a shape has unknown bits");
    const structName = words[address + SHAPE.STRUCT] as number;
    if (structName !== 0) this.#text.check(structName);
    this.#fields(id, address, fields);
    return end;
  }

  #fields(id: number, address: Address, fields: number): void {
    const words = this.#words;
    const types: FieldType[] = [];
    const first = address + SHAPE.WORDS;
    for (let i = 0; i < fields; i++) {
      const field = first + i * SHAPE_FIELD.WORDS;
      this.#key(i, first);
      types.push(typeIn(words[field + SHAPE_FIELD.TYPE_AND_OFFSET] as number));
    }
    const layout = layOut(types, words[address + SHAPE.STRUCT] !== 0);
    if (words[address + SHAPE.RECORD_WORDS] !== layout.words) fault("a shape has a wrong size");
    this.#recordWords[id] = layout.words;
    this.#flags[id] = COMMON_FLAGS | (layout.offsets.includes(OBJECT.HEAD) ? FLAG.TRUE : 0);
    for (let i = 0; i < fields; i++) {
      const word = words[first + i * SHAPE_FIELD.WORDS + SHAPE_FIELD.TYPE_AND_OFFSET] as number;
      if (word >> SHAPE_FIELD.OFFSET_SHIFT !== layout.offsets[i]) fault("a field is misplaced");
      if (needsCheck(types[i] as FieldType)) this.#checks.push(word);
    }
  }

  /** Checks the key of field `index`: no field before it has the same. */
  #key(index: number, first: Address): void {
    const keyOf = (field: number): number =>
      this.#words[first + field * SHAPE_FIELD.WORDS + SHAPE_FIELD.KEY] as number;
    const key = keyOf(index);
    this.#text.check(key);
    const hash = this.#text.hash(key);
    this.#hashes[index] = hash;
    for (let other = 0; other < index; other++) {
      if (this.#hashes[other] === hash && this.#text.equal(keyOf(other), key)) {
        fault("a shape has one key twice");
      }
    }
  }
}

function typeIn(word: number): FieldType {
  const type = word & ((1 << SHAPE_FIELD.OFFSET_SHIFT) - 1);
  if (type > FIELD.ANY) fault("a field has an unknown type");
  return type as FieldType;
}

/** Whether any word in a field of `type` may be wrong. */
function needsCheck(type: FieldType): boolean {
  return type >= FIELD.STRING;
}
