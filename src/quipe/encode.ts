/**
 * Values to bytes: the sending half of the codec (the format is in tags.ts, the other half in decode.ts).
 *
 * Plain data is copied with its cycles and shared references; frozen objects go by reference, as region id
 * and address. What cannot be sent is refused before anything has happened, with the path to it.
 *
 * Getters run while their object is encoded, and may change it: every count is therefore fixed before
 * the first value behind it is read, and what follows keeps to it.
 */
import { classNameOf } from "../memory/classes.ts";
import { movedBy, takeOff } from "../memory/flight.ts";
import { Guard } from "../memory/guard.ts";
import { type Location, expectAnyShape, locate } from "../memory/location.ts";
import { publishRegion } from "../memory/holding.ts";
import { isPlainPrototype } from "../memory/plain-keys.ts";
import { type HandleKind, handleKindOf } from "../memory/references.ts";
import { type Traveller, comeBack } from "../memory/travellers.ts";
import { isDense, isDetached, isError, isNodeBuffer } from "./brands.ts";
import type { Encoded } from "./encoded.ts";
import { describeError, readOrText } from "./error-fields.ts";
import { writeBuffer } from "./buffer-codec.ts";
import { sharedBufferId } from "./shared-buffers.ts";
import { KeyLists, writeKeyList, writeKeys } from "./key-lists.ts";
import { MAX_DEPTH, TooDeep, Unsendable, placeholderFor, refusalOf } from "./refusals.ts";
import { whyUnsendable } from "./sendable.ts";
import { TAG_BITS, Tag } from "./tags.ts";
import { placeOf, viewKindOf } from "./view-kinds.ts";
import { Writer } from "./writer.ts";

/** Up to this many objects a look through a list is faster than a Map. */
const LIST_LIMIT = 32;
/** From this depth on errors go without their causes and fields, so that a long chain still arrives. */
const MAX_ERROR_DEPTH = 200;
/** Arrays up to this length are looked at for properties besides their elements, like a match of a RegExp. */
const INSPECTED_LENGTH = 32;

const NOTHING: readonly number[] = [];
const UNMOVED: readonly Traveller[] = [];
const NO_OBJECTS: readonly object[] = [];
let idle: Encoder | undefined;

/**
 * Encodes `value`. Throws `not-sendable` with the path to what cannot be sent; unless it is a failure, in which a
 * text takes the place of that, as it always does inside of an error.
 */
export function encode(value: unknown, isFailure: boolean = false): Encoded {
  const encoder = idle ?? makeEncoder();
  idle = undefined; // a getter of the value may send something itself
  try {
    encoder.begin(isFailure);
    encoder.value(value);
    return encoder;
  } catch (error) {
    comeBack(encoder.moves);
    encoder.release();
    throw refusalOf(error, value);
  }
}

function makeEncoder(): Encoder {
  expectAnyShape();
  return new Encoder();
}

class Encoder implements Encoded {
  readonly writer: Writer = new Writer();
  carries: readonly number[] = NOTHING;
  keeps: readonly object[] = NO_OBJECTS;
  moves: readonly Traveller[] = UNMOVED;
  readonly #keyLists = new KeyLists();
  /** The objects of this value, in the order in which they began; the first `#count` count. */
  readonly #list: (object | undefined)[] = [];
  #count = 0;
  #numbers: Map<object, number> | undefined;
  #depth = 0;
  /** How many errors the encoder is inside of, one more for a failure: while there are any, nothing is refused. */
  #errors = 0;
  #isFailure = false;

  release(): void {
    this.keeps = NO_OBJECTS;
    this.moves = UNMOVED;
    this.#forget();
    this.writer.rest();
    idle = this;
  }

  /** Lets go of the objects of the last value. */
  #forget(): void {
    const listed = Math.min(this.#count, LIST_LIMIT);
    for (let i = 0; i < listed; i++) this.#list[i] = undefined;
    this.#count = 0;
    this.#numbers = undefined;
    this.#keyLists.trim();
  }

  begin(isFailure: boolean): void {
    this.#isFailure = isFailure;
    this.#errors = isFailure ? 1 : 0;
    this.writer.clear();
    this.carries = NOTHING;
    this.keeps = NO_OBJECTS;
    this.moves = UNMOVED;
    this.#depth = 0;
  }

  value(value: unknown): void {
    switch (typeof value) {
      case "number":
        return this.#number(value);
      case "string":
        return this.#string(value);
      case "object":
        if (value === null) return this.writer.word(Tag.null);
        return this.#errors === 0 ? this.#object(value) : this.#objectOrText(value);
      case "boolean":
        return this.writer.word(value ? Tag.true : Tag.false);
      case "undefined":
        return this.writer.word(Tag.undefined);
      case "bigint":
        this.writer.word(Tag.bigint);
        return this.writer.bigint(value);
      default:
        if (this.#errors === 0) throw new Unsendable();
        return this.#string(placeholderFor(value));
    }
  }

  #number(value: number): void {
    const { writer } = this;
    if ((value | 0) !== value || Object.is(value, -0))
      return writer.taggedDouble(Tag.double, value);
    const isShort = (value << TAG_BITS) >> TAG_BITS === value;
    if (isShort) return writer.word((value << TAG_BITS) | Tag.integer);
    writer.word(Tag.word);
    writer.word(value);
  }

  #string(value: string): void {
    const { writer } = this;
    const before = writer.length;
    writer.head(Tag.latin1, value.length);
    if (writer.latin1(value)) return;
    writer.length = before;
    writer.head(Tag.utf16, value.length);
    writer.utf16(value);
  }

  /** Nothing of an object stays written that turns out, at any depth, to be one that cannot be sent. */
  #objectOrText(object: object): void {
    const { writer, moves } = this;
    const before = {
      length: writer.length,
      count: this.#count,
      depth: this.#depth,
      errors: this.#errors,
    };
    try {
      this.#object(object);
    } catch (error) {
      writer.length = before.length;
      this.#unnumber(object, before.count);
      this.#depth = before.depth;
      this.#errors = before.errors;
      comeBack(this.moves.slice(moves.length));
      this.moves = moves;
      this.#string(placeholderFor(object, error));
    }
  }

  #object(object: object): void {
    const location = locate(object);
    if (location !== undefined) {
      if (!location.region.isFrozen) throw new Unsendable();
      publishRegion(location.region);
      this.#reference(Tag.region, location.region.id, location.region);
      return this.writer.word(location.address);
    }
    if (this.#isAgain(object)) return;
    if (++this.#depth > MAX_DEPTH) throw new TooDeep();
    this.#content(object);
    this.#depth -= 1;
  }

  #content(object: object): void {
    if (Array.isArray(object)) return this.#array(object);
    const prototype: unknown = Object.getPrototypeOf(object);
    if (prototype === Object.prototype) return this.#record(Tag.object, object);
    if (prototype === null) return this.#record(Tag.bareObject, object);
    if (ArrayBuffer.isView(object)) return this.#view(object);
    if (prototype === Map.prototype) return this.#map(object as Map<unknown, unknown>);
    if (prototype === Set.prototype) return this.#set(object as Set<unknown>);
    this.#exotic(object);
  }

  /** Numbers every object as it begins; writes the number if it began before. */
  #isAgain(object: object): boolean {
    const number = this.#numberOf(object);
    if (number === undefined) {
      if (this.#numbers === undefined) this.#list[this.#count] = object;
      else this.#numbers.set(object, this.#count);
      this.#count += 1;
      return false;
    }
    this.writer.head(Tag.again, number);
    return true;
  }

  #numberOf(object: object): number | undefined {
    if (this.#numbers !== undefined) return this.#numbers.get(object);
    for (let i = 0; i < this.#count; i++) if (this.#list[i] === object) return i;
    if (this.#count === LIST_LIMIT) {
      this.#numbers = new Map(this.#list.map((known, i) => [known as object, i]));
    }
    return undefined;
  }

  /** Takes the numbers from `count` on back; `object` had the first of them, if it got as far as that. */
  #unnumber(object: object, count: number): void {
    for (let i = count; i < Math.min(this.#count, LIST_LIMIT); i++) this.#list[i] = undefined;
    this.#numbers?.delete(object);
    if (this.#numbers !== undefined && this.#count > count + 1) {
      for (const [known, number] of this.#numbers) if (number >= count) this.#numbers.delete(known);
    }
    this.#count = count;
  }

  #array(array: readonly unknown[]): void {
    const { length } = array;
    const isLoose = length <= INSPECTED_LENGTH && !isDense(array);
    this.writer.head(isLoose ? Tag.looseArray : Tag.array, length);
    if (isLoose) return this.#properties(array, Object.keys(array));
    for (let i = 0; i < length; i++) {
      const element = array[i];
      if (element === undefined && !Object.hasOwn(array, i)) {
        this.writer.word(Tag.rest);
        return this.#properties(array, Object.keys(array).slice(i));
      }
      this.value(element);
    }
  }

  #record(tag: number, record: object): void {
    const keys = Object.keys(record);
    const list = this.#errors > 0 ? undefined : this.#keyLists.of(keys);
    if (list === undefined) {
      this.writer.word(tag);
      return this.#properties(record, keys);
    }
    writeKeyList(this.writer, tag, list);
    this.#values(record, list.keys);
  }

  /** The engine is fastest with `for in`; it stops short only if a getter has changed the record meanwhile. */
  #values(record: object, keys: readonly string[]): void {
    let done = 0;
    for (const key in record) {
      if (key !== keys[done]) break;
      this.value((record as Record<string, unknown>)[key]);
      done += 1;
    }
    for (; done < keys.length; done++) {
      this.value((record as Record<string, unknown>)[keys[done] as string]);
    }
  }

  #properties(holder: object, keys: readonly string[]): void {
    writeKeys(this.writer, keys);
    for (const key of keys) {
      const value =
        this.#errors === 0 ? (holder as Record<string, unknown>)[key] : readOrText(holder, key);
      this.value(value);
    }
  }

  #carry(id: number): void {
    if (!this.carries.includes(id)) this.carries = [...this.carries, id];
  }

  #keep(object: object): void {
    if (!this.keeps.includes(object)) this.keeps = [...this.keeps, object];
  }

  #exotic(object: object): void {
    const { writer } = this;
    const moved = movedBy(object);
    if (moved !== undefined) return this.#moved(moved);
    if (isError(object)) return this.#error(object);
    if (object instanceof Date) {
      return writer.taggedDouble(Tag.date, object.getTime());
    }
    if (object instanceof RegExp) {
      writer.word(Tag.regexp);
      this.#string(object.source);
      return this.#string(object.flags);
    }
    if (object instanceof Map || object instanceof Set) throw new Unsendable(); // a subclass, which would be lost
    if (object instanceof ArrayBuffer) {
      if (isDetached(object)) throw new Unsendable();
      return writeBuffer(writer, object, this.#errors === 0); // what is in an error may be taken back
    }
    if (object instanceof SharedArrayBuffer) {
      return this.#reference(Tag.sharedBuffer, sharedBufferId(object), object);
    }
    if (object instanceof Guard) return this.#guard(object);
    const kind = handleKindOf(object);
    if (kind !== undefined) return this.#handle(kind, object);
    if (isPlainPrototype(Object.getPrototypeOf(object))) {
      writer.word(Tag.object);
      return this.#properties(object, Object.keys(object)); // of another realm, for whose keys nobody vouches
    }
    const className = classNameOf(object);
    if (className === undefined) return this.#boxed(object);
    writer.word(Tag.instance);
    writer.key(className);
    this.#properties(object, Object.keys(object));
  }

  #moved({ region, address }: Location): void {
    if (this.#isFailure) throw new Unsendable(); // several tasks may receive it
    this.moves = [...this.moves, takeOff(region)];
    this.#reference(Tag.moved, region.id, region);
    this.writer.word(address);
  }

  #map(map: ReadonlyMap<unknown, unknown>): void {
    const entries = [...map];
    this.writer.head(Tag.map, entries.length);
    for (const [key, value] of entries) {
      this.value(key);
      this.value(value);
    }
  }

  #set(set: ReadonlySet<unknown>): void {
    const values = [...set];
    this.writer.head(Tag.set, values.length);
    for (const value of values) this.value(value);
  }

  /** As structured clone does it, the whole buffer goes, once; a Node Buffer is a part of a pool and goes alone. */
  #view(view: ArrayBufferView): void {
    const kind = viewKindOf(view);
    if (kind < 0) throw new Unsendable();
    const alone = isNodeBuffer(view) ? new Uint8Array(view) : view;
    const { byteOffset, byteLength } = placeOf(alone);
    this.writer.head(Tag.view, kind);
    this.writer.double(byteOffset);
    this.writer.double(byteLength);
    this.value(alone.buffer);
  }

  #guard(guard: Guard): void {
    const block = Guard.blockOf(guard);
    if (block === undefined) throw new Unsendable();
    publishRegion(block);
    this.#reference(Tag.guard, block.id, block);
  }

  #handle(kind: HandleKind, handle: object): void {
    if (this.#isFailure && kind.isMoved) throw new Unsendable(); // several tasks may receive it
    const { numbers, carries, traveller } = kind.ticketOf(handle);
    if (traveller === undefined) this.#keep(handle);
    else this.moves = [...this.moves, traveller];
    for (const id of carries) this.#carry(id);
    this.writer.word(Tag.handle);
    this.writer.word(kind.code);
    this.writer.word(numbers.length);
    for (const number of numbers) this.writer.word(number);
  }

  #reference(tag: number, id: number, object: object): void {
    this.#carry(id);
    this.#keep(object);
    this.writer.word(tag);
    this.writer.word(id);
  }

  #error(error: Error): void {
    const { builtIn, registered, message, name, fields } = describeError(
      error,
      this.#depth < MAX_ERROR_DEPTH,
    );
    this.writer.word(Tag.error);
    this.writer.key(builtIn);
    this.writer.key(registered);
    this.writer.fill();
    this.#string(message);
    this.#string(name);
    this.#errors += 1;
    this.value(fields);
    this.#errors -= 1;
  }

  #boxed(object: object): void {
    if (whyUnsendable(object) !== undefined) throw new Unsendable();
    this.writer.word(Tag.boxed);
    this.value((object as { valueOf(): unknown }).valueOf());
  }
}
