/**
 * Fields of frozen records that reach another object: own getters, which look the object up in the
 * identity cache each time. A frozen object cannot replace its own getter, and need not.
 *
 * One getter serves every field at the same offset of whatever shape: the record itself knows its page
 * and address.
 */
import { type Page, Stamp } from "./identity.ts";
import { type Address, SLOT } from "./layout.ts";
import type { Region } from "./region.ts";

type Getter = (this: object) => unknown;
type DefineGetter = (this: object, key: string, getter: Getter) => void;

const getters: (Getter | undefined)[] = [];

/** Getters are kept for offsets below this. */
const REMEMBERED = 512;

const inspectCustom = Symbol.for("nodejs.util.inspect.custom");

/** `Object.prototype.__defineGetter__`: five times cheaper than `Object.defineProperty`, and inlined as well. */
export const defineGetter: DefineGetter = (
  Object.prototype as unknown as { __defineGetter__: DefineGetter }
).__defineGetter__;

/** The getter of a field whose word at `offset` of the record is an address. */
export function lazyReference(offset: number): Getter {
  if (offset >= REMEMBERED) return makeGetter(offset);
  return (getters[offset] ??= makeGetter(offset));
}

function makeGetter(offset: number): Getter {
  return function field(this: object): unknown {
    const record = Stamp.pageOf(this) === undefined ? holderOf(this) : this;
    const page = Stamp.pageOf(record) as Page;
    if (!page.set.live) page.set.stale();
    const word = Stamp.addressOf(record) + offset;
    return page.view(page.set.region.words[word] as Address);
  };
}

/** The getter of a field whose value slot at `offset` of the record holds a reference. */
export function lazySlot(offset: number): Getter {
  return lazyReference(offset + SLOT.LOW);
}

/**
 * The getter of a property that a view has from another object than its own: `find` gives the word that holds the
 * address. The objects may move apart, so it is asked each time.
 */
export function lazyProperty(find: (region: Region, instance: Address) => Address): Getter {
  return function property(this: object): unknown {
    const instance = Stamp.pageOf(this) === undefined ? holderOf(this) : this;
    const page = Stamp.pageOf(instance) as Page;
    if (!page.set.live) page.set.stale();
    const { region } = page.set;
    return page.view(region.words[find(region, Stamp.addressOf(instance))] as Address);
  };
}

/** The record that an object without a stamp inherits its getter from. */
function holderOf(heir: object): object {
  for (let object: unknown = heir; typeof object === "object" && object !== null;) {
    if (Stamp.pageOf(object) !== undefined) return object;
    object = Object.getPrototypeOf(object);
  }
  throw new TypeError("Expected this getter to be called on a record of shared memory.");
}

/**
 * Makes a record with getters print like a plain object: consoles show accessors as "[Getter]" unless
 * the object says how it wants to be shown.
 */
export function showPlainly(record: object): void {
  Object.defineProperty(record, inspectCustom, plainInspection);
}

type Inspect = (value: unknown, options: unknown) => string;

const plainInspection: PropertyDescriptor = {
  enumerable: false,
  value(this: object, depth: number, options: object, inspect: Inspect): unknown {
    if (depth < 0) return "[Object]";
    if (Object.getPrototypeOf(this) !== null)
      return inspectCopy({ ...this }, depth, options, inspect);
    return inspectCopy(Object.assign(Object.create(null), this), depth, options, inspect);
  },
};

function inspectCopy(copy: unknown, depth: number, options: object, inspect: unknown): unknown {
  if (typeof inspect !== "function") return copy;
  return (inspect as Inspect)(copy, { ...options, depth });
}
