/**
 * `scan`: walks a list of records with one reused cursor; `hold`: the real record under a cursor.
 */
import { QuipeError } from "../errors.ts";
import { type Cursor as CursorObject, Cursor, makeCursor } from "./cursors.ts";
import type { cursorBrand, Frozen, Primitive } from "./frozen.ts";
import { type Page, Stamp, type ViewSet } from "./identity.ts";
import { type Address, FLAG, KIND, KIND_MASK, LIST, OBJECT, SHAPE_SHIFT } from "./layout.ts";
import type { Shape } from "./shapes.ts";
import { makeStructView } from "./struct-instances.ts";

/**
 * A record under a cursor: valid until the next step. The brand keeps it out of lists of records.
 *
 * @example
 * ```ts
 * import { type CursorOf, freeze, scan } from "quipe";
 *
 * const area = (box: CursorOf<{ width: number; height: number }>): number => box.width * box.height;
 * for (const box of scan(freeze([{ width: 2, height: 3 }]))) console.log(area(box)); // 6
 * ```
 */
export type CursorOf<T> = T extends Primitive | readonly unknown[]
  ? T
  : { readonly [Key in keyof T as Key extends typeof cursorBrand ? never : Key]: T[Key] } & {
      readonly [cursorBrand]?: "reused at every step; hold(cursor) gives the record";
    };

/**
 * Walks a frozen list of records with one cursor that is reused at every step: as fast as plain objects, and
 * nothing stays behind in this task's memory, however long the list is.
 *
 * The cursor is valid until the next step. To keep a record, take `hold(cursor)`. Elements that are not
 * records come as they are. A list in ordinary memory is walked as it is.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { freeze, hold, scan } from "quipe";
 *
 * const rows = freeze([{ name: "a", size: 1 }, { name: "b", size: 5 }]);
 * const large = [];
 * for (const row of scan(rows)) if (row.size > 2) large.push(hold(row));
 * assert.equal(large[0], rows[1]);
 * ```
 */
export function scan<T>(list: readonly T[]): Iterable<CursorOf<T>> {
  const page = Stamp.pageOf(list);
  if (page === undefined || !Array.isArray(list)) return list as Iterable<CursorOf<T>>;
  if (!page.set.live) page.set.stale();
  const address = Stamp.addressOf(list);
  const { region } = page.set;
  const kind = (region.words[address] as number) & KIND_MASK;
  if (kind !== KIND.LIST_REFERENCES) return list as Iterable<CursorOf<T>>;
  const areRows = isRows(page, address);
  // Records that are edited move, so the list is walked as every list that is being edited.
  if (!areRows && !region.isFrozen) return list as Iterable<CursorOf<T>>;
  const steps = areRows ? new RowSteps(page, list) : new ReferenceSteps(page, address);
  return steps as Iterable<CursorOf<T>>;
}

/**
 * The record that a cursor of {@link scan} stands on: a frozen record to keep.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { freeze, hold, scan } from "quipe";
 *
 * const rows = freeze([{ id: 1 }, { id: 2 }]);
 * const kept = Array.from(scan(rows), (row) => hold(row));
 * assert.deepEqual(kept, [{ id: 1 }, { id: 2 }]);
 * ```
 */
export function hold<T>(cursor: CursorOf<T>): Frozen<T> {
  return Cursor.recordUnder(cursor as object) as Frozen<T>;
}

function isRows(page: Page, address: Address): boolean {
  const { region } = page.set;
  const head = region.words[address + OBJECT.HEAD] as number;
  if ((head & FLAG.ROWS) === 0 || region.isShuffled) return false;
  return region.isFrozen || isStructRow(page, address);
}

/** Rows of structs never move, so they are scanned while they are edited, too. */
function isStructRow({ set }: Page, list: Address): boolean {
  const { region } = set;
  const row = region.words[region.words[list + LIST.DATA] as number] as Address;
  return region.shape((region.words[row] as number) >>> SHAPE_SHIFT).structName !== undefined;
}

/**
 * Steps through rows: records of one shape at equal distances. Rows of structs may be edited meanwhile, and
 * the region compacted: then the steps go on where the rows are now.
 */
class RowSteps implements Iterable<unknown>, Iterator<unknown> {
  readonly #set: ViewSet;
  readonly #list: object;
  readonly #cursor: object;
  readonly #isStruct: boolean;
  #moves: number;
  #stride = 0;
  #first: Address = 0;
  #end: Address = 0;
  #next: Address;
  readonly #step: IteratorYieldResult<unknown>;

  constructor(page: Page, list: object) {
    this.#set = page.set;
    this.#list = list;
    this.#moves = page.set.moves;
    const shape = this.#look();
    this.#isStruct = shape.structName !== undefined;
    this.#cursor = this.#isStruct
      ? makeStructView(shape, this.#first, page)
      : makeCursor(shape, page);
    if (this.#isStruct) page.set.addLoose(this.#cursor);
    this.#next = this.#first;
    this.#step = { done: false, value: this.#cursor };
  }

  /** Finds the rows of the list. */
  #look(): Shape {
    const { region, words } = this.#set;
    const address = Stamp.addressOf(this.#list);
    this.#first = words[words[address + LIST.DATA] as number] as Address;
    const shape = region.shape((words[this.#first + OBJECT.HEAD] as number) >>> SHAPE_SHIFT);
    this.#stride = shape.words;
    this.#end = this.#first + (words[address + LIST.LENGTH] as number) * shape.words;
    return shape;
  }

  [Symbol.iterator](): Iterator<unknown> {
    if (this.#set.moves !== this.#moves) this.#follow();
    this.#next = this.#first;
    return this;
  }

  next(): IteratorResult<unknown> {
    if (this.#isStruct && this.#set.moves !== this.#moves) this.#follow();
    const at = this.#next;
    if (at >= this.#end) return { done: true, value: undefined };
    if (!this.#set.live) this.#set.stale();
    if (this.#isStruct) Stamp.move(this.#cursor, at);
    else Cursor.move(this.#cursor as CursorObject, at);
    this.#next = at + this.#stride;
    return this.#step;
  }

  /** Goes on at the same row after a compaction. */
  #follow(): void {
    const index = (this.#next - this.#first) / this.#stride;
    const page = Stamp.pageOf(this.#list);
    if (page === undefined || !isRows(page, Stamp.addressOf(this.#list))) {
      throw new QuipeError(
        "stale",
        "The list was changed while it was scanned: its records no longer lie in a row. Begin a new scan.",
      );
    }
    this.#moves = this.#set.moves;
    this.#look();
    this.#next = this.#first + index * this.#stride;
  }
}

/** Steps through references, with one cursor for each shape met. */
class ReferenceSteps implements Iterable<unknown> {
  readonly #page: Page;
  readonly #address: Address;
  readonly #cursors = new Map<Shape, CursorObject>();

  constructor(page: Page, address: Address) {
    this.#page = page;
    this.#address = address;
  }

  *[Symbol.iterator](): Iterator<unknown> {
    const { region } = this.#page.set;
    const { words } = region;
    const length = words[this.#address + LIST.LENGTH] as number;
    const data = words[this.#address + LIST.DATA] as number;
    for (let i = 0; i < length; i++) {
      if (!this.#page.set.live) this.#page.set.stale();
      yield this.#show(words[data + i] as Address);
    }
  }

  #show(address: Address): unknown {
    const { region } = this.#page.set;
    const head = region.words[address + OBJECT.HEAD] as number;
    if ((head & KIND_MASK) !== KIND.RECORD || !region.isFrozen) return this.#page.view(address);
    const shape = region.shape(head >>> SHAPE_SHIFT);
    if (shape.structName !== undefined) return this.#page.view(address);
    let cursor = this.#cursors.get(shape);
    if (cursor === undefined) {
      cursor = makeCursor(shape, this.#page);
      this.#cursors.set(shape, cursor);
    }
    Cursor.move(cursor, address);
    return cursor;
  }
}
