/**
 * Cursors: one object that shows one record after the other, at the speed of a plain object and without
 * leaving anything behind. Its getters read shared memory at the place where it stands.
 *
 * A class is made for each shape, from one closure per field and without generated code; optimisers
 * inline the getters where they are called.
 */
import { QuipeError } from "../errors.ts";
import { type Page, Stamp } from "./identity.ts";
import { type Address, FIELD } from "./layout.ts";
import { isTrue, type Shape } from "./shapes.ts";
import { readSlot } from "./slots.ts";
import { Tripwire } from "./struct-guards.ts";
import type { TextReader } from "./text-reader.ts";

type Getter = (this: Cursor) => unknown;

/** The name of the one own property of every cursor: who copies it by its keys finds this instead of nothing. */
const ADVICE = "fields of a cursor are not own properties: use hold(cursor)";

let wire: Tripwire | undefined;

function tripwire(): Tripwire {
  wire ??= Object.freeze(
    new Tripwire(() => {
      throw new QuipeError(
        "not-sendable",
        `A cursor of scan() was copied by its own keys, but ${ADVICE}.`,
      );
    }),
  );
  return wire;
}

/** A window on one record. Its fields are on the prototype of the class of its shape. */
export class Cursor {
  readonly #page: Page;
  readonly #words: Int32Array;
  readonly #numbers: Float64Array;
  readonly #text: TextReader;
  #at: Address = 0;

  constructor(page: Page) {
    const { region } = page.set;
    const { words, numbers, text } = region;
    region.isScanned = true;
    this.#page = page;
    this.#words = words;
    this.#numbers = numbers;
    this.#text = text;
  }

  /** Puts `cursor` on the record at `address`. */
  static move(cursor: Cursor, address: Address): void {
    cursor.#at = address;
  }

  /** The real record under `value` if that is a cursor. */
  static recordUnder(value: object): unknown {
    const page = #at in value ? value.#page : Stamp.pageOf(value);
    if (page === undefined) return value;
    if (!page.set.live) page.set.stale();
    return page.view(#at in value ? value.#at : Stamp.addressOf(value));
  }

  /** The getter of a field of `type` at `offset`. */
  static getter(type: number, offset: number): Getter {
    switch (type) {
      case FIELD.INTEGER:
        return function (this: Cursor) {
          return this.#words[this.#at + offset];
        };
      case FIELD.NUMBER:
        return function (this: Cursor) {
          return this.#numbers[(this.#at + offset) >> 1];
        };
      case FIELD.BOOLEAN:
        return function (this: Cursor) {
          return isTrue(this.#words[this.#at + offset] as number, offset);
        };
      case FIELD.STRING:
        return function (this: Cursor) {
          return this.#text.read(this.#words[this.#at + offset] as number);
        };
      case FIELD.STRING_OR_NULL:
        return function (this: Cursor) {
          const reference = this.#words[this.#at + offset] as number;
          return reference === 0 ? null : this.#text.read(reference);
        };
      case FIELD.ANY:
        return function (this: Cursor) {
          if (!this.#page.set.live) this.#page.set.stale();
          return readSlot(this.#page.set.region, this.#at + offset, this.#page);
        };
      case FIELD.NULL:
        return () => null;
      default:
        return function (this: Cursor) {
          if (!this.#page.set.live) this.#page.set.stale();
          const target = this.#words[this.#at + offset] as number;
          return target === 0 ? null : this.#page.view(target);
        };
    }
  }
}

const classes = new WeakMap<Shape, typeof Cursor>();

/** A new cursor for records of `shape`. */
export function makeCursor(shape: Shape, page: Page): Cursor {
  let made = classes.get(shape);
  if (made === undefined) {
    made = cursorClass(shape);
    classes.set(shape, made);
  }
  return new made(page);
}

function cursorClass(shape: Shape): typeof Cursor {
  const made = class RecordCursor extends Cursor {
    readonly [ADVICE]: Tripwire = tripwire();
  };
  const shown: (this: Cursor) => unknown = function () {
    return Cursor.recordUnder(this);
  };
  for (const key of ["toJSON", Symbol.for("nodejs.util.inspect.custom")]) {
    Object.defineProperty(made.prototype, key, { value: shown, configurable: true });
  }
  shape.keys.forEach((key, index) => {
    const get = Cursor.getter(shape.types[index] as number, shape.offsets[index] as number);
    Object.defineProperty(made.prototype, key, { get, enumerable: true, configurable: true });
  });
  return made;
}
