/**
 * Values to bytes: the sending half of the codec (the format is in tags.ts, the other half in decode.ts).
 *
 * Plain data is copied with its cycles and shared references; frozen objects go by reference, as region id
 * and address. What cannot be sent is refused before anything has happened, with the path to it.
 *
 * Getters run while their object is encoded, and may change it: every count is therefore fixed before
 * the first value behind it is read, and what follows keeps to it.
 */
import { QuipeError } from "../errors.ts";
import { comeBack, movedBy, takeOff } from "../memory/flight.ts";
import { Guard } from "../memory/guard.ts";
import { type Location, locate } from "../memory/location.ts";
import type { Region } from "../memory/region.ts";
import { publishRegion } from "../memory/holding.ts";
import { isPlainPrototype } from "../memory/plain-keys.ts";
import { isDetached, isError } from "./brands.ts";
import { describeError } from "./error-fields.ts";
import { sharedBufferId } from "./shared-buffers.ts";
import { KeyLists, writeKeyList, writeKeys } from "./key-lists.ts";
import { findUnsendable, whyUnsendable } from "./sendable.ts";
import { Tag } from "./tags.ts";
import { viewKindOf } from "./view-kinds.ts";
import { Writer } from "./writer.ts";

/** Up to this many objects a look through a list is faster than a Map. */
const LIST_LIMIT = 8;
/** Values nested deeper are refused, long before a receiver with a small stack could not read them. */
const MAX_DEPTH = 1000;
/** From this depth on errors go without their causes and fields, so that a long chain still arrives. */
const MAX_ERROR_DEPTH = 200;
/** Arrays up to this length are looked at for properties besides their elements, like a match of a RegExp. */
const INSPECTED_LENGTH = 32;

const NOTHING: readonly number[] = [];
const UNMOVED: readonly Region[] = [];
let idle: Encoder | undefined;

/** An encoded value, in memory that is used again after `release`. */
export interface Encoded {
  readonly writer: Writer;
  /** The shared buffers that it names. */
  readonly carries: readonly number[];
  /** The regions that it moves: in flight until whoever encoded it says {@link depart} or {@link comeBack} of them. */
  readonly moves: readonly Region[];
  /** Lets go of it; to be called exactly once. */
  release(): void;
}

/** Encodes `value`. Throws `not-sendable` with the path to what cannot be sent. */
export function encode(value: unknown): Encoded {
  const encoder = idle ?? new Encoder();
  idle = undefined; // a getter of the value may send something itself
  try {
    encoder.begin();
    encoder.value(value);
    return encoder;
  } catch (error) {
    comeBack(encoder.moves);
    encoder.release();
    throw explained(error, value);
  }
}

/** Marks that some value could not be sent; where it is, is searched only then. */
class Unsendable extends Error {}

/** Marks a value that is nested too deeply. */
class TooDeep extends Error {}

class Encoder implements Encoded {
  readonly writer: Writer = new Writer();
  carries: readonly number[] = NOTHING;
  moves: readonly Region[] = UNMOVED;
  readonly #keyLists = new KeyLists();
  /** The objects of this value, in the order in which they began; the first `#count` count. */
  readonly #list: (object | undefined)[] = [];
  #count = 0;
  #numbers: Map<object, number> | undefined;
  #depth = 0;

  release(): void {
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

  begin(): void {
    this.writer.clear();
    this.carries = NOTHING;
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
        return value === null ? this.writer.byte(Tag.null) : this.#object(value);
      case "boolean":
        return this.writer.byte(value ? Tag.true : Tag.false);
      case "undefined":
        return this.writer.byte(Tag.undefined);
      case "bigint":
        return this.#bigint(value);
      default:
        throw new Unsendable();
    }
  }

  #number(value: number): void {
    if ((value | 0) === value && !Object.is(value, -0)) {
      this.writer.byte(Tag.integer);
      this.writer.zigzag(value);
      return;
    }
    this.writer.byte(Tag.double);
    this.writer.double(value);
  }

  #string(value: string): void {
    const { writer } = this;
    const before = writer.length;
    writer.byte(Tag.latin1);
    writer.varint(value.length);
    if (writer.latin1(value)) return;
    writer.length = before;
    writer.byte(Tag.utf16);
    writer.varint(value.length);
    writer.utf16(value);
  }

  /** By way of its hexadecimal digits: shifting a long number byte by byte takes time in the square of its length. */
  #bigint(value: bigint): void {
    const { writer } = this;
    const digits = (value < 0n ? -value : value).toString(16);
    const even = digits.length % 2 === 0 ? digits : `0${digits}`;
    writer.byte(Tag.bigint);
    writer.byte(value < 0n ? 1 : 0);
    writer.varint(even.length / 2);
    for (let i = 0; i < even.length; i += 2) writer.byte(Number.parseInt(even.slice(i, i + 2), 16));
  }

  #object(object: object): void {
    const location = locate(object);
    if (location !== undefined) {
      if (!location.region.isFrozen) throw new Unsendable();
      publishRegion(location.region);
      this.#carry(location.region.id);
      this.writer.byte(Tag.region);
      this.writer.varint(location.region.id);
      this.writer.varint(location.address);
      return;
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
    this.writer.byte(Tag.again);
    this.writer.varint(number);
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

  #array(array: readonly unknown[]): void {
    const { length } = array;
    const isLoose = length <= INSPECTED_LENGTH && !isDense(array);
    this.writer.byte(isLoose ? Tag.looseArray : Tag.array);
    this.writer.varint(length);
    if (isLoose) return this.#properties(array, Object.keys(array));
    for (let i = 0; i < length; i++) {
      const element = array[i];
      if (element === undefined && !Object.hasOwn(array, i)) {
        this.writer.byte(Tag.rest);
        return this.#properties(array, Object.keys(array).slice(i));
      }
      this.value(element);
    }
  }

  #record(tag: number, record: object): void {
    this.writer.byte(tag);
    const list = haveForeignKeys() ? undefined : this.#keyLists.of(record);
    if (list === undefined) return this.#properties(record, Object.keys(record));
    writeKeyList(this.writer, list);
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
    for (const key of keys) this.value((holder as Record<string, unknown>)[key]);
  }

  #carry(id: number): void {
    if (!this.carries.includes(id)) this.carries = [...this.carries, id];
  }

  #exotic(object: object): void {
    const { writer } = this;
    const moved = movedBy(object);
    if (moved !== undefined) return this.#moved(moved);
    if (isError(object)) return this.#error(object);
    if (object instanceof Date) {
      writer.byte(Tag.date);
      return writer.double(object.getTime());
    }
    if (object instanceof RegExp) {
      writer.byte(Tag.regexp);
      this.#string(object.source);
      return this.#string(object.flags);
    }
    if (object instanceof Map) return this.#map(object);
    if (object instanceof Set) return this.#set(object);
    if (ArrayBuffer.isView(object)) return this.#view(object);
    if (object instanceof ArrayBuffer) {
      if (isDetached(object)) throw new Unsendable();
      writer.byte(Tag.arrayBuffer);
      writer.varint(object.byteLength);
      writer.align();
      return writer.raw(new Uint8Array(object));
    }
    if (object instanceof SharedArrayBuffer) return this.#sharedBuffer(object);
    if (object instanceof Guard) return this.#guard(object);
    if (isPlainPrototype(Object.getPrototypeOf(object))) {
      writer.byte(Tag.object);
      return this.#properties(object, Object.keys(object)); // of another realm, for whose keys nobody vouches
    }
    this.#boxed(object);
  }

  #moved({ region, address }: Location): void {
    takeOff(region);
    this.moves = [...this.moves, region];
    this.#carry(region.id);
    this.writer.byte(Tag.moved);
    this.writer.varint(region.id);
    this.writer.varint(address);
  }

  #map(map: ReadonlyMap<unknown, unknown>): void {
    this.#plainOnly(map, Map.prototype);
    const entries = [...map];
    this.writer.byte(Tag.map);
    this.writer.varint(entries.length);
    for (const [key, value] of entries) {
      this.value(key);
      this.value(value);
    }
  }

  #set(set: ReadonlySet<unknown>): void {
    this.#plainOnly(set, Set.prototype);
    const values = [...set];
    this.writer.byte(Tag.set);
    this.writer.varint(values.length);
    for (const value of values) this.value(value);
  }

  /** As structured clone does it, the whole buffer goes, once; a Node Buffer is a part of a pool and goes alone. */
  #view(view: ArrayBufferView): void {
    const kind = viewKindOf(view);
    if (kind < 0) throw new Unsendable();
    const alone = isNodeBuffer(view) ? new Uint8Array(view) : view;
    this.writer.byte(Tag.view);
    this.writer.byte(kind);
    this.writer.varint(alone.byteOffset);
    this.writer.varint(alone.byteLength);
    this.value(alone.buffer);
  }

  #sharedBuffer(buffer: SharedArrayBuffer): void {
    const id = sharedBufferId(buffer);
    this.#carry(id);
    this.writer.byte(Tag.sharedBuffer);
    this.writer.varint(id);
  }

  #guard(guard: Guard): void {
    const block = Guard.blockOf(guard);
    if (block === undefined) throw new Unsendable();
    publishRegion(block);
    this.#carry(block.id);
    this.writer.byte(Tag.guard);
    this.writer.varint(block.id);
  }

  #error(error: Error): void {
    const description = describeError(error, this.#depth < MAX_ERROR_DEPTH);
    this.writer.byte(Tag.error);
    this.writer.key(description.className);
    this.#string(description.message);
    this.#string(description.name);
    this.value(description.fields);
  }

  #boxed(object: object): void {
    if (whyUnsendable(object) !== undefined) throw new Unsendable();
    this.writer.byte(Tag.boxed);
    this.value((object as { valueOf(): unknown }).valueOf());
  }

  #plainOnly(object: object, prototype: object): void {
    if (Object.getPrototypeOf(object) !== prototype) throw new Unsendable();
  }
}

const NO_KEYS = {};

/** Whether somebody has given all objects a property that `for in` shows although it is not theirs. */
function haveForeignKeys(): boolean {
  for (const _key in NO_KEYS) return true;
  return false;
}

/** Whether an array has all its elements and no properties besides. Indices come first among the keys, in order. */
function isDense(array: readonly unknown[]): boolean {
  const keys = Object.keys(array);
  return keys.length === array.length && (keys.at(-1) ?? "-1") === String(array.length - 1);
}

function isNodeBuffer(view: ArrayBufferView): view is Uint8Array {
  return globalThis.Buffer?.isBuffer(view) ?? false;
}

function explained(error: unknown, value: unknown): unknown {
  if (error instanceof Unsendable) {
    const { path, why } = findUnsendable(value);
    return new QuipeError(
      "not-sendable",
      `${path} cannot be sent: ${why ?? "it changed while it was being sent."}`,
    );
  }
  if (error instanceof TooDeep) {
    return new QuipeError(
      "not-sendable",
      `This value is nested more than ${MAX_DEPTH} levels deep. Send the parts in a flat list, or freeze it and send it by reference.`,
    );
  }
  if (error instanceof RangeError) {
    return new QuipeError(
      "not-sendable",
      `This value is too big to be copied: ${error.message}. Freeze it and send it by reference.`,
      { cause: error },
    );
  }
  return error;
}
