/**
 * Frozen lists too long to be real arrays: a Proxy over an empty array of the same length.
 *
 * What goes through traps is slow, indices above all (130 to 200 ns on V8, whatever a handler does). So
 * iteration and the methods that walk are functions of their own: they find the list by the stamp of
 * `this` and read shared memory directly. `Array.isArray` is true, and console.log shows the beginning.
 */
import { mirrorOf, mirrorStamps } from "../runtime/stamped-proxies.ts";
import { type Page, Returned, Stamp } from "./identity.ts";
import type { Address } from "./layout.ts";
import { ReadOnlyHandler } from "./read-only-handler.ts";
import { indexOf } from "./keys.ts";
import { ListReader } from "./list-reader.ts";
import type { Region } from "./region.ts";

/** Builds the Proxy for the frozen list at `address`. */
export function makeBigList(_region: Region, address: Address, page: Page): object {
  const reader = new ListReader(page, address);
  const target: unknown[] = [];
  // V8 sets memory aside for as many elements as a length says, 8 MB for a million, unless it was too long once.
  target.length = 0xffff_ffff;
  target.length = reader.length;
  Object.setPrototypeOf(target, bigListPrototype());
  const handler = new BigListHandler(reader);
  const proxy = new Proxy(target, handler);
  handler.at = methodAt(proxy, reader);
  mirrorStamps(proxy);
  new Stamp(proxy, page, address);
  new ReaderStamp(proxy, reader);
  return proxy;
}

class BigListHandler extends ReadOnlyHandler implements ProxyHandler<unknown[]> {
  protected readonly what = "list";
  readonly #reader: ListReader;
  /** The method asked for last: loops ask for the same one each time. */
  #lastKey: string | symbol | undefined = undefined;
  #lastMethod: unknown = undefined;
  /** The method that loops call for each element, made for this list; the others are shared. */
  at: unknown = undefined;

  constructor(reader: ListReader) {
    super();
    this.#reader = reader;
  }

  get(target: unknown[], key: string | symbol): unknown {
    if (key === this.#lastKey) return this.#lastMethod;
    if (typeof key === "string") {
      const index = indexOf(key);
      if (index >= 0) return index < this.#reader.length ? this.#reader.at(index) : undefined;
      if (key === "length") return this.#reader.length;
      if (key === "constructor") return Array;
    }
    const method =
      key === "at" ? this.at : (target as unknown as Record<string | symbol, unknown>)[key];
    this.#lastKey = key;
    this.#lastMethod = method;
    return method;
  }

  has(_target: unknown[], key: string | symbol): boolean {
    if (typeof key === "string") {
      const index = indexOf(key);
      if (index >= 0) return this.#reader.has(index);
    }
    return key in Array.prototype;
  }

  ownKeys(): string[] {
    const keys: string[] = [];
    for (let i = 0; i < this.#reader.length; i++) if (this.#reader.has(i)) keys.push(String(i));
    keys.push("length");
    return keys;
  }

  getOwnPropertyDescriptor(
    target: unknown[],
    key: string | symbol,
  ): PropertyDescriptor | undefined {
    if (key === "length") return Object.getOwnPropertyDescriptor(target, key);
    const index = typeof key === "string" ? indexOf(key) : -1;
    if (!this.#reader.has(index)) return undefined;
    return { value: this.#reader.at(index), enumerable: true, configurable: true, writable: false };
  }

  getPrototypeOf(): object {
    return Array.prototype;
  }
}

/** `at` of one list. Finding the list by the stamp of `this` would cost more than the rest, for each element. */
function methodAt(list: unknown[], reader: ListReader): (position: number) => unknown {
  return function at(this: unknown[], position: number): unknown {
    if (this !== list) return Array.prototype.at.call(this, position);
    const whole = position | 0;
    const index = whole === position ? whole : Math.trunc(position) || 0;
    const counted = index < 0 ? index + reader.length : index;
    return counted >= 0 && counted < reader.length ? reader.at(counted) : undefined;
  };
}

/** Ties a Proxy to its reader, so that methods called on it go past the traps. */
class ReaderStamp extends Returned {
  readonly #reader: ListReader;

  constructor(list: object, reader: ListReader) {
    super(list);
    this.#reader = reader;
    const mirror = mirrorOf(list);
    if (mirror !== undefined) mirror["reader"] = reader;
  }

  /** The reader behind `list` if it is a big list. */
  static readerOf(list: object): ListReader | undefined {
    const mirror = mirrorOf(list);
    if (mirror !== undefined) return mirror["reader"] as ListReader | undefined;
    return #reader in list ? list.#reader : undefined;
  }
}

function readerOf(list: object): ListReader | undefined {
  return ReaderStamp.readerOf(list);
}

let prototype: object | undefined;

/** The prototype of the Proxies' targets: the methods that do not go through traps. */
function bigListPrototype(): object {
  prototype ??= Object.create(
    Array.prototype,
    Object.getOwnPropertyDescriptors(new FastMethods().methods),
  );
  return prototype as object;
}

type Visit = (element: unknown, index: number, list: unknown) => unknown;

class FastMethods {
  /** Each is generic like its namesake, but walks shared memory when called on a big list. */
  readonly methods: Record<string | symbol, unknown> = {
    [Symbol.iterator](this: unknown[]) {
      return iterate(this);
    },
    values(this: unknown[]) {
      return iterate(this);
    },
    forEach(this: unknown[], visit: Visit, self?: unknown) {
      walk(this, (element, index) => {
        visit.call(self, element, index, this);
        return false;
      });
    },
    map(this: unknown[], visit: Visit, self?: unknown) {
      const results: unknown[] = new Array<unknown>(this.length);
      walk(this, (element, index) => {
        results[index] = visit.call(self, element, index, this);
        return false;
      });
      return results;
    },
    filter(this: unknown[], visit: Visit, self?: unknown) {
      const results: unknown[] = [];
      walk(this, (element, index) => {
        if (visit.call(self, element, index, this)) results.push(element);
        return false;
      });
      return results;
    },
    some(this: unknown[], visit: Visit, self?: unknown) {
      return walk(this, (element, index) => Boolean(visit.call(self, element, index, this))) >= 0;
    },
    every(this: unknown[], visit: Visit, self?: unknown) {
      return walk(this, (element, index) => !visit.call(self, element, index, this)) < 0;
    },
    find(this: unknown[], visit: Visit, self?: unknown) {
      const index = Array.prototype.findIndex.call(copyOf(this), visit, self);
      return index < 0 ? undefined : this[index];
    },
    findIndex(this: unknown[], visit: Visit, self?: unknown) {
      return Array.prototype.findIndex.call(copyOf(this), visit, self);
    },
    reduce(this: unknown[], ...given: [never, ...unknown[]]) {
      return Reflect.apply(Array.prototype.reduce, copyOf(this), given);
    },
    slice(this: unknown[], start?: number, end?: number) {
      return slice(this, start, end);
    },
    includes(this: unknown[], ...given: [unknown, number?]) {
      return copyOf(this).includes(...given);
    },
    indexOf(this: unknown[], ...given: [unknown, number]) {
      return copyOf(this).indexOf(...given);
    },
    join(this: unknown[], separator?: string) {
      return copyOf(this).join(separator);
    },
    concat(this: unknown[], ...others: unknown[]) {
      return copyOf(this).concat(...others);
    },
    toJSON(this: unknown[]) {
      return copyOf(this);
    },
    [Symbol.for("nodejs.util.inspect.custom")](
      this: unknown[],
      depth: number,
      options: object,
      inspect: unknown,
    ) {
      return showBeginning(this, { ...options, depth }, inspect);
    },
  };
}

function iterate(list: unknown[]): Iterator<unknown> {
  const reader = readerOf(list);
  return reader === undefined ? Array.prototype.values.call(list) : reader.elements();
}

/** Calls `visit` for each element that is there until it says true; that index, or -1. */
function walk(list: unknown[], visit: (element: unknown, index: number) => boolean): number {
  const reader = readerOf(list);
  if (reader === undefined) {
    return Array.prototype.findIndex.call(
      list,
      (element, index) => index in list && visit(element, index),
    );
  }
  for (let i = 0; i < reader.length; i++) {
    if (reader.has(i) && visit(reader.at(i), i)) return i;
  }
  return -1;
}

/** An ordinary array with the same elements. */
function copyOf(list: unknown[]): unknown[] {
  return slice(list, 0, list.length);
}

function slice(list: unknown[], start?: number, end?: number): unknown[] {
  const reader = readerOf(list);
  if (reader === undefined) return Array.prototype.slice.call(list, start, end);
  const first = clamp(start ?? 0, reader.length);
  const last = end === undefined ? reader.length : clamp(end, reader.length);
  const copy: unknown[] = [];
  for (let i = first; i < last; i++) {
    if (reader.has(i)) copy[i - first] = reader.at(i);
    else copy.length = i - first + 1;
  }
  return copy;
}

function clamp(position: number, length: number): number {
  const index = Math.trunc(position) || 0;
  return index < 0 ? Math.max(0, index + length) : Math.min(index, length);
}

/** Elements that a console shows of a big list. */
const SHOWN = 100;

function showBeginning(list: unknown[], options: object, inspect: unknown): unknown {
  const shown = slice(list, 0, SHOWN);
  if (typeof inspect !== "function") return shown;
  const more = list.length - shown.length;
  const text = String(inspect(shown, options)).replace(/\s*\]$/, "");
  return `${text},\n  ... ${more} more items\n]`;
}
