/**
 * Shapes: which keys a record has, in order, and what each field may hold.
 *
 * A key list has one *current* shape. When a value does not fit it, a shape with a wider field takes
 * its place for later records; records placed before keep theirs. So encoding needs one pass, and
 * each field widens at most three times:
 *
 *   NULL ─▶ STRING_OR_NULL, REFERENCE_OR_NULL      INTEGER ─▶ NUMBER      all ─▶ ANY
 *
 * Fields of 8 bytes lie before those of 4, so a record of n such fields has no gaps between them. If only
 * one word were left over at the end, a boolean goes into the head instead: its offset is then nought.
 * Structs keep all fields in words of their own, since they are written in place.
 */
import type { Page } from "./identity.ts";
import {
  type Address,
  evenWords,
  FIELD,
  type FieldType,
  FLAG,
  MINIMUM_RECORD_WORDS,
  OBJECT,
} from "./layout.ts";
import type { Region } from "./region.ts";

/** Builds the views of the records of one shape. */
export interface ViewMaker {
  make(region: Region, address: Address, page: Page): object;
}

/** The keys of records, what their fields hold and where they lie. Never changes. */
export class Shape {
  /** Its number in the region. */
  readonly id: number;
  readonly keys: readonly string[];
  readonly types: readonly FieldType[];
  /** Words from the start of a record to each field. */
  readonly offsets: readonly number[];
  /** Words of a record. */
  readonly words: number;
  readonly nullPrototype: boolean;
  /** The name of the struct class whose instances these records are. */
  readonly structName: string | undefined;
  /** What builds views of these records, once that is known: a field of the shape, since it is wanted for each record. */
  maker: ViewMaker | undefined = undefined;

  constructor(id: number, fields: ShapeFields) {
    this.id = id;
    this.keys = fields.keys;
    this.types = fields.types;
    this.nullPrototype = fields.nullPrototype;
    this.structName = fields.structName;
    const layout = layOut(fields.types, fields.structName !== undefined);
    this.offsets = layout.offsets;
    this.words = layout.words;
  }

  /** The index of the field `key`, or -1. */
  fieldOf(key: string): number {
    return this.keys.indexOf(key);
  }
}

/** What tells one shape from another. */
export interface ShapeFields {
  readonly keys: readonly string[];
  readonly types: readonly FieldType[];
  readonly nullPrototype: boolean;
  readonly structName?: string | undefined;
}

/** Where fields of these types lie in a record, and how many words it takes. */
export function layOut(
  types: readonly FieldType[],
  isStruct: boolean,
): { offsets: number[]; words: number } {
  const offsets: number[] = types.map(() => OBJECT.HEAD);
  const inHead = isStruct ? -1 : fieldInHead(types);
  let next: number = OBJECT.WORDS;
  for (const wide of [true, false]) {
    for (let i = 0; i < types.length; i++) {
      if (isWide(types[i] as FieldType) !== wide || i === inHead) continue;
      offsets[i] = next;
      next += wide ? 2 : 1;
    }
  }
  return { offsets, words: Math.max(evenWords(next), MINIMUM_RECORD_WORDS) };
}

/** The index of the boolean that makes a record two words shorter by lying in its head; -1 if none does. */
function fieldInHead(types: readonly FieldType[]): number {
  const fieldWords = types.reduce((sum: number, type) => sum + (isWide(type) ? 2 : 1), 0);
  const isLeftOver = fieldWords % 2 === 1 && OBJECT.WORDS + fieldWords > MINIMUM_RECORD_WORDS;
  return isLeftOver ? types.lastIndexOf(FIELD.BOOLEAN) : -1;
}

/** Whether a boolean field is true, by the word at its offset. */
export function isTrue(word: number, offset: number): boolean {
  return offset === OBJECT.HEAD ? (word & FLAG.TRUE) !== 0 : word !== 0;
}

/** What the word at the offset of a boolean field becomes when that is `value`. */
export function withBoolean(word: number, offset: number, value: boolean): number {
  if (offset !== OBJECT.HEAD) return Number(value);
  return value ? word | FLAG.TRUE : word & ~FLAG.TRUE;
}

function isWide(type: FieldType): boolean {
  return type === FIELD.NUMBER || type === FIELD.ANY;
}

/** The narrowest type of a field that holds `value`. */
export function typeOf(value: unknown): FieldType {
  switch (typeof value) {
    case "number":
      return isInteger(value) ? FIELD.INTEGER : FIELD.NUMBER;
    case "string":
      return FIELD.STRING;
    case "boolean":
      return FIELD.BOOLEAN;
    case "object":
      return value === null ? FIELD.NULL : FIELD.REFERENCE;
    default:
      return FIELD.ANY;
  }
}

/** Whether `value` is kept exactly by a 32-bit word; -0 is not. */
export function isInteger(value: number): boolean {
  return (value | 0) === value && (value !== 0 || 1 / value > 0);
}

/** The narrowest type that holds all that `type` holds, and values of type `other` too. */
export function widen(type: FieldType, other: FieldType): FieldType {
  if (type === other) return type;
  const low = Math.min(type, other);
  const high = Math.max(type, other);
  if (low === FIELD.INTEGER && high === FIELD.NUMBER) return FIELD.NUMBER;
  const isString = high === FIELD.STRING || high === FIELD.STRING_OR_NULL;
  if (isString && (low === FIELD.NULL || low === FIELD.STRING)) return FIELD.STRING_OR_NULL;
  const isReference = high === FIELD.REFERENCE || high === FIELD.REFERENCE_OR_NULL;
  if (isReference && (low === FIELD.NULL || low === FIELD.REFERENCE))
    return FIELD.REFERENCE_OR_NULL;
  return FIELD.ANY;
}

/** Whether a field of this type can hold `value`. */
export function holdsValue(type: FieldType, value: unknown): boolean {
  switch (type) {
    case FIELD.ANY:
      return true;
    case FIELD.INTEGER:
      return typeof value === "number" && isInteger(value);
    case FIELD.NUMBER:
      return typeof value === "number";
    case FIELD.BOOLEAN:
      return typeof value === "boolean";
    case FIELD.STRING:
      return typeof value === "string";
    case FIELD.STRING_OR_NULL:
      return typeof value === "string" || value === null;
    case FIELD.REFERENCE:
      return typeof value === "object" && value !== null;
    case FIELD.REFERENCE_OR_NULL:
      return typeof value === "object";
    case FIELD.NULL:
      return value === null;
  }
}
