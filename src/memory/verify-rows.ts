/**
 * Checks the rows of a list at once: records of one shape that lie side by side right behind the list.
 *
 *   list │ length │ address, address, … │ row │ row │ row │ …
 *
 * Most of a big image is rows, so this loop decides how long it takes to load one. That the list's
 * addresses lead to its rows is checked from the rows' side, one comparison for each.
 */
import { fault } from "./image-fault.ts";
import { type Address, FIELD, KIND, OBJECT, SHAPE_SHIFT } from "./layout.ts";
import { ReferenceCheck } from "./verify-references.ts";
import { fieldOffset, fieldType, type ShapeTable } from "./verify-shapes.ts";
import type { TextCheck } from "./verify-text.ts";

/** What the check of rows needs to know of the region. */
export interface RowContext {
  readonly words: Int32Array;
  /** Where objects end. */
  readonly end: Address;
  readonly text: TextCheck;
  readonly references: ReferenceCheck;
  readonly shapes: ShapeTable;
  /** Checks a value slot that holds no hole. */
  checkSlot(slot: Address): void;
}

/** Rows that are expected. */
export interface Rows {
  readonly count: number;
  /** The address and the ordinal of the first one. */
  readonly address: Address;
  readonly ordinal: number;
  /** The first of their addresses in the list. */
  readonly elements: Address;
  /** What the list marks objects with that it refers to. */
  readonly mark: number;
}

// What the loop compares with: engines know a constant of this module, but look up an imported one.
const RECORD: number = KIND.RECORD;
const STRING: number = FIELD.STRING;
const STRING_OR_NULL: number = FIELD.STRING_OR_NULL;
const REFERENCE: number = FIELD.REFERENCE;
const ANY: number = FIELD.ANY;
const ORDINAL: number = OBJECT.ORDINAL;

/** Rows that one call checks: engines optimise what is called often better than what runs for long. */
const AT_ONCE = 512;

/** The check of the rows of a list, as far as they have arrived. */
export class RowsCheck {
  readonly #context: RowContext;
  readonly #rows: Rows;
  #common: CommonParts | undefined = undefined;
  /** So many rows were checked. */
  #checked = 0;

  constructor(context: RowContext, rows: Rows) {
    this.#context = context;
    this.#rows = rows;
  }

  /** Checks rows whose words all lie below `ready`; where rows end when all are checked, else undefined. */
  checkUpTo(ready: Address): Address | undefined {
    const { address, count } = this.#rows;
    if (address >= ready) return undefined;
    this.#common ??= commonParts(this.#context, this.#rows);
    const { size } = this.#common;
    while (this.#checked < count) {
      const index = this.#checked;
      const last = Math.min(index + AT_ONCE, count);
      if (address + last * size > ready) return undefined;
      checkSome(this.#context, this.#rows, { ...this.#common, index, last });
      this.#checked = last;
    }
    return address + count * size;
  }
}

/** What all rows of a list have in common. */
interface CommonParts {
  /** Their heads but for flags, and the flags that they may have. */
  readonly head: number;
  readonly flags: number;
  readonly shape: number;
  readonly size: number;
  readonly isMarked: boolean;
}

/** What the first one of `rows` says of all. */
function commonParts(context: RowContext, { address, count }: Rows): CommonParts {
  const { words, references, shapes } = context;
  const shape = (words[address] as number) >>> SHAPE_SHIFT;
  if (shape >= shapes.count) fault("a record has an unknown shape");
  const head = RECORD | (shape << SHAPE_SHIFT);
  const flags = shapes.flags[shape] as number;
  const size = shapes.recordWords[shape] as number;
  if (address + count * size > context.end) fault("a record is cut off");
  const isMarked = hasReferences(shapes, shape) || !references.skipRows(address, count, size);
  return { head, flags, shape, size, isMarked };
}

/** Some of the rows of a list. */
interface Piece extends CommonParts {
  readonly index: number;
  /** The index behind the last one. */
  readonly last: number;
}

function checkSome(context: RowContext, rows: Rows, piece: Piece): void {
  const { words, references } = context;
  const { ordinal, elements, mark } = rows;
  const { last, flags, shape, size, isMarked } = piece;
  let address = rows.address + piece.index * size;
  for (let i = piece.index; i < last; i++) {
    const head = words[address] as number;
    if ((head & ~flags) !== piece.head) fault("a row has another kind, shape or flags");
    if (words[elements + i] !== address) fault("an element is not in its place");
    if (words[address + ORDINAL] !== ordinal + i) fault("an object has a wrong ordinal");
    if (isMarked) references.visit(address, head, mark);
    else if (!ReferenceCheck.canBeRow(head, mark)) fault("a row is wrongly said to be closed");
    if (isMarked) checkFields(context, shape, address);
    address += size;
  }
  if (!isMarked) checkTexts(context, rows, piece);
}

/** Checks the fields of rows that hold nothing to check but text, one field after the other. */
function checkTexts({ text, shapes }: RowContext, rows: Rows, piece: Piece): void {
  const { shape, size, index, last } = piece;
  const { firstCheck, checks } = shapes;
  const first = rows.address + index * size;
  const end = firstCheck[shape + 1] as number;
  for (let i = firstCheck[shape] as number; i < end; i++) {
    const check = checks[i] as number;
    const mayBeNone = fieldType(check) === STRING_OR_NULL;
    const start = first + fieldOffset(check);
    text.checkColumn({ start, stride: size, count: last - index, mayBeNone });
  }
}

function hasReferences({ firstCheck, checks }: ShapeTable, shape: number): boolean {
  const own = checks.subarray(firstCheck[shape], firstCheck[shape + 1]);
  return own.some((check) => fieldType(check) >= REFERENCE);
}

/** Checks the fields of the record of `shape` at `address`. */
export function checkFields(context: RowContext, shape: number, address: Address): void {
  const { words, text, references } = context;
  const { firstCheck, checks } = context.shapes;
  const last = firstCheck[shape + 1] as number;
  for (let i = firstCheck[shape] as number; i < last; i++) {
    const check = checks[i] as number;
    const type = fieldType(check);
    const place = address + fieldOffset(check);
    const value = words[place] as number;
    if (type === STRING || (type === STRING_OR_NULL && value !== 0)) text.check(value);
    else if (type === ANY) context.checkSlot(place);
    else if (value !== 0 || type === REFERENCE) references.check(value);
  }
}
