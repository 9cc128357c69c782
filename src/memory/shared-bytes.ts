/**
 * Bytes in frozen shared memory. JavaScript has no read-only typed arrays, so what a typed array, an
 * ArrayBuffer or a DataView becomes is an object that reads like one and gives copies.
 */
import { QuipeError } from "../errors.ts";
import { ARRAY_BUFFER, DATA_VIEW, type TypedArray, typedArrayClasses } from "./byte-classes.ts";
import { type Page, Stamp } from "./identity.ts";
import { type Address, BYTES } from "./layout.ts";

/** A bug in a program's use: writing its data away with `structuredClone` or JSON would lose the bytes. */
const ADVICE = "shared bytes: use toArray() for a typed array of your own";

/** Makes `bytes[0]`, which is no element here, an error instead of `undefined`. */
class IndexRefusal implements ProxyHandler<object> {
  get(target: object, key: string | symbol, receiver: unknown): unknown {
    if (isIndex(key)) {
      throw new TypeError(
        `Expected at(${key}), got [${key}]: shared bytes are no typed array. toArray() gives one.`,
      );
    }
    return Reflect.get(target, key, receiver);
  }

  set(_target: object, key: string | symbol): never {
    throw new QuipeError(
      "frozen",
      `${String(key)} cannot be set: shared bytes never change in place. Whoever edits the data can put new ones there.`,
    );
  }
}

function isIndex(key: string | symbol): key is string {
  return typeof key === "string" && /^\d+$/.test(key);
}

/**
 * What a frozen typed array, ArrayBuffer or DataView is: its elements to read, in place, and `toArray()`
 * for a copy that every other library understands.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { freeze } from "quipe";
 *
 * const { samples } = freeze({ samples: new Float64Array([1.5, 2.5]) });
 * assert.equal(samples.at(1), 2.5);
 * assert.deepEqual([...samples], [1.5, 2.5]);
 * assert.deepEqual(samples.toArray(), new Float64Array([1.5, 2.5]));
 * ```
 */
export class SharedNumbers<Element extends number | bigint = number> implements Iterable<Element> {
  static {
    Object.setPrototypeOf(this.prototype, new Proxy(Object.prototype, new IndexRefusal()));
  }

  readonly #page: Page;
  readonly #classNumber: number;
  /** What #elements shows: the region has new words when it grew or was compacted. */
  #words: Int32Array;
  #elements: TypedArray;

  /** Made by quipe alone. */
  constructor(page: Page, address: Address) {
    const { words } = page.set.region;
    this.#page = page;
    this.#classNumber = words[address + BYTES.CLASS] as number;
    this.#words = words;
    this.#elements = elementsAt(words, address);
    // Structured clone would make an empty object of this, silently; a function makes it fail.
    Object.defineProperty(this, ADVICE, { value: refuseClone, enumerable: true });
    Object.defineProperty(this, inspectCustom, { value: () => this.toArray() });
  }

  /** The class that the bytes had when they were shared. */
  get kind(): string {
    if (this.#classNumber === ARRAY_BUFFER) return "ArrayBuffer";
    if (this.#classNumber === DATA_VIEW) return "DataView";
    return typedArrayClasses[this.#classNumber]?.name ?? "Uint8Array";
  }

  /** How many elements there are; bytes, for an ArrayBuffer or a DataView. */
  get length(): number {
    return this.#live().length;
  }

  /** How many bytes there are. */
  get byteLength(): number {
    return this.#live().byteLength;
  }

  /** The element at `index`, counted from the end if negative. */
  at(index: number): Element | undefined {
    return this.#live().at(index) as Element | undefined;
  }

  /** The elements in order. */
  *[Symbol.iterator](): Generator<Element> {
    const { length } = this;
    for (let i = 0; i < length; i++) yield this.#live()[i] as Element;
  }

  /** Copies all elements into `target`, from `offset` on. */
  copyTo(
    target: { set(source: ArrayLike<Element>, offset?: number): void },
    offset: number = 0,
  ): void {
    target.set(this.#live() as unknown as ArrayLike<Element>, offset);
  }

  /** A copy in ordinary memory, as a typed array; for an ArrayBuffer or a DataView, its bytes. */
  toArray(): TypedArray {
    return this.#live().slice();
  }

  /** A copy of the bytes in ordinary memory. */
  toBuffer(): ArrayBuffer {
    return this.toArray().buffer as ArrayBuffer;
  }

  /** A copy as the class that the bytes had when they were shared. */
  toOriginal(): TypedArray | ArrayBuffer | DataView {
    if (this.#classNumber === ARRAY_BUFFER) return this.toBuffer();
    return this.#classNumber === DATA_VIEW ? new DataView(this.toBuffer()) : this.toArray();
  }

  /** What `JSON.stringify` of the original gives. */
  toJSON(): unknown {
    return this.#classNumber >= ARRAY_BUFFER ? {} : this.toArray();
  }

  #live(): TypedArray {
    const { set } = this.#page;
    if (!set.live) set.stale();
    if (set.words !== this.#words) {
      this.#words = set.words;
      this.#elements = elementsAt(set.words, Stamp.addressOf(this));
    }
    return this.#elements;
  }
}

function elementsAt(words: Int32Array, address: Address): TypedArray {
  const known = typedArrayClasses[words[address + BYTES.CLASS] as number] ?? Uint8Array;
  const length = (words[address + BYTES.COUNT] as number) / known.BYTES_PER_ELEMENT;
  return new known(words.buffer, words.byteOffset + (address + BYTES.DATA) * 4, length);
}

const inspectCustom = Symbol.for("nodejs.util.inspect.custom");

function refuseClone(): never {
  throw new QuipeError("not-sendable", ADVICE);
}
