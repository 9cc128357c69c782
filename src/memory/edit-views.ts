/**
 * Views of an owned region: Proxies through which undeclared data is edited. Right in everything, and
 * meant for editing: a read through one costs twenty times a plain read.
 *
 * When the region is frozen these views go on reading, and refuse writes with `frozen`.
 */
import { mirrorStamps } from "../runtime/stamped-proxies.ts";
import { QuipeError } from "../errors.ts";
import { ListReader } from "./list-reader.ts";
import { entriesOf, findEntry, isBare, keyOf } from "./dictionaries.ts";
import { deleteElement, listLength, setElement, setLength } from "./edit-lists.ts";
import { deleteKey, setKey } from "./edit-objects.ts";
import { makeBox } from "./box-views.ts";
import { MapEditor } from "./edit-maps.ts";
import type { Editor } from "./editor.ts";
import { editorOf } from "./editors.ts";
import { indexOf, integersFirst } from "./keys.ts";
import { type Follower, FollowerStamp, type Page, Stamp } from "./identity.ts";
import { type Address, ENTRY, FORWARD, KIND, KIND_MASK, OBJECT, SHAPE_SHIFT } from "./layout.ts";
import { readField } from "./records.ts";
import type { Region } from "./region.ts";
import { type MapEditing, makeSharedMap, refuseEditing } from "./shared-maps.ts";
import { settle } from "./settling.ts";
import { readSlot } from "./slots.ts";
import { isStruct, makeStruct } from "./struct-instances.ts";
import { foreignView } from "./views.ts";

/** Builds the Proxy that edits the object at `address`. */
export function makeEditable(region: Region, address: Address, page: Page): unknown {
  const kind = (region.words[address + OBJECT.HEAD] as number) & KIND_MASK;
  if (kind === KIND.FORWARD) {
    return makeEditable(region, region.words[address + FORWARD.TARGET] as Address, page);
  }
  if (kind === KIND.FOREIGN) return foreignView(region, address);
  if (kind === KIND.MAP || kind === KIND.SET) return makeSharedMap(page, address, mapEditing);
  if (kind >= KIND.BIGINT) return makeBox(region, address, page);
  if (kind === KIND.RECORD && isStruct(region, address)) return makeStruct(region, address, page);
  const isList = kind >= KIND.LIST_INTEGERS && kind <= KIND.LIST_VALUES;
  const handler = isList ? new ListEditing(page, address) : new ObjectEditing(page, address);
  const proxy = new Proxy<object>(handler.target, handler);
  mirrorStamps(proxy);
  new Stamp(proxy, page, address);
  new FollowerStamp(proxy, handler);
  return proxy;
}

/** The editing of Maps and Sets of `region`, if this thread may write; else throws `frozen`. */
function mapEditing(region: Region): MapEditing {
  if (!region.isWritable) refuseEditing(region);
  return new MapEditor(editorOf(region));
}

/** What both handlers do the same way. */
abstract class Editing implements ProxyHandler<object>, Follower {
  protected page: Page;
  #address: Address;
  abstract readonly target: object;

  constructor(page: Page, address: Address) {
    this.page = page;
    this.#address = address;
  }

  follow(page: Page, address: Address): void {
    this.page = page;
    this.#address = address;
  }

  protected get region(): Region {
    if (!this.page.set.live) this.page.set.stale();
    return this.page.set.region;
  }

  /** Where the object is now. */
  protected get address(): Address {
    const { words } = this.region;
    let at = this.#address;
    while (((words[at + OBJECT.HEAD] as number) & KIND_MASK) === KIND.FORWARD) {
      at = words[at + FORWARD.TARGET] as Address;
    }
    return at;
  }

  /** The editor, if this thread may write; else throws `frozen`. */
  protected get editor(): Editor {
    const { region } = this;
    return region.isWritable ? editorOf(region) : refuseEditing(region);
  }

  protected abstract read(key: string): unknown;
  protected abstract holds(key: string): boolean;
  protected abstract write(key: string, value: unknown): void;
  protected abstract prototype(): object | null;

  get(_target: object, key: string | symbol, receiver: unknown): unknown {
    // Promises ask for it: who resolves one with a dead view is told at the first use, and what has happened is not denied.
    if (key === "then" && !this.page.set.live) return undefined;
    if (typeof key === "string" && this.holds(key)) return this.read(key);
    const prototype = this.prototype();
    return prototype === null ? undefined : Reflect.get(prototype, key, receiver);
  }

  has(_target: object, key: string | symbol): boolean {
    if (typeof key === "string" && this.holds(key)) return true;
    const prototype = this.prototype();
    return prototype !== null && key in prototype;
  }

  set(_target: object, key: string | symbol, value: unknown, receiver: object): boolean {
    if (typeof key === "symbol") {
      throw new QuipeError(
        "not-shareable",
        `${String(key)} cannot be a key in shared memory: it is a symbol.`,
      );
    }
    const { editor } = this;
    if (this.#isPrototypeKey(key)) return setPrototype(value);
    if (editor !== undefined && Stamp.pageOf(receiver) === undefined) {
      // An object that inherits from this view gets a property of its own.
      return Reflect.defineProperty(receiver, key, plainProperty(value));
    }
    this.write(key, value);
    settle(editor);
    return true;
  }

  /** Whether assigning to `key` would mean the prototype. */
  #isPrototypeKey(key: string): boolean {
    if (key !== "__proto__" || this.holds(key) || this.prototype() === null) return false;
    // In Deno it is a key like any other.
    const probe: Record<string, unknown> = {};
    probe["__proto__"] = 1;
    return !Object.hasOwn(probe, "__proto__");
  }

  defineProperty(_target: object, key: string | symbol, property: PropertyDescriptor): boolean {
    const isPlain =
      "value" in property &&
      property.writable !== false &&
      property.enumerable !== false &&
      property.configurable !== false;
    if (typeof key === "symbol" || !isPlain) {
      throw new QuipeError(
        "not-shareable",
        `${String(key)} cannot be defined: shared memory holds plain properties only.`,
      );
    }
    const { editor } = this;
    this.write(key, property.value);
    settle(editor);
    return true;
  }

  getPrototypeOf(): object | null {
    return this.prototype();
  }

  setPrototypeOf(): boolean {
    return false;
  }

  preventExtensions(): boolean {
    return false;
  }
}

class ObjectEditing extends Editing {
  readonly target: object = Object.create(shown(Object.prototype)) as object;

  protected prototype(): object | null {
    const { region, address } = this;
    const head = region.words[address + OBJECT.HEAD] as number;
    const bare =
      (head & KIND_MASK) === KIND.RECORD
        ? region.shape(head >>> SHAPE_SHIFT).nullPrototype
        : isBare(region, address);
    return bare ? null : Object.prototype;
  }

  protected read(key: string): unknown {
    const { region, address, page } = this;
    const head = region.words[address + OBJECT.HEAD] as number;
    if ((head & KIND_MASK) === KIND.RECORD) {
      const shape = region.shape(head >>> SHAPE_SHIFT);
      return readField(shape, shape.fieldOf(key), { region, address, page });
    }
    return readSlot(region, findEntry(region, address, key) + ENTRY.VALUE, page);
  }

  protected holds(key: string): boolean {
    const { region, address } = this;
    const head = region.words[address + OBJECT.HEAD] as number;
    if ((head & KIND_MASK) === KIND.RECORD)
      return region.shape(head >>> SHAPE_SHIFT).fieldOf(key) >= 0;
    return findEntry(region, address, key) !== 0;
  }

  protected write(key: string, value: unknown): void {
    setKey(this.editor, this.address, key, value);
  }

  deleteProperty(_target: object, key: string | symbol): boolean {
    const { editor } = this;
    if (typeof key === "string") deleteKey(editor, this.address, key);
    settle(editor);
    return true;
  }

  ownKeys(): string[] {
    const { region, address } = this;
    const head = region.words[address + OBJECT.HEAD] as number;
    if ((head & KIND_MASK) === KIND.RECORD) return [...region.shape(head >>> SHAPE_SHIFT).keys];
    const keys = Array.from(entriesOf(region, address), (entry) => keyOf(region, entry));
    return integersFirst(keys);
  }

  getOwnPropertyDescriptor(_target: object, key: string | symbol): PropertyDescriptor | undefined {
    if (typeof key === "symbol" || !this.holds(key)) return undefined;
    return plainProperty(this.read(key));
  }
}

class ListEditing extends Editing {
  readonly target: unknown[] = Object.setPrototypeOf([], shown(Array.prototype)) as unknown[];

  protected prototype(): object {
    return Array.prototype;
  }

  #reader(): ListReader {
    return new ListReader(this.page, this.address);
  }

  protected read(key: string): unknown {
    const reader = this.#reader();
    return key === "length" ? reader.length : reader.at(indexOf(key));
  }

  protected holds(key: string): boolean {
    return key === "length" || this.#reader().has(indexOf(key));
  }

  protected write(key: string, value: unknown): void {
    const { editor, address } = this;
    const index = indexOf(key);
    if (index >= 0) setElement(editor, address, index, value);
    else if (key === "length") setLength(editor, address, lengthFrom(value));
    else
      throw new QuipeError(
        "not-shareable",
        `${key} cannot be set: it is a named property of an array.`,
      );
  }

  deleteProperty(_target: object, key: string | symbol): boolean {
    const { editor, address } = this;
    if (key === "length") return false;
    const index = typeof key === "string" ? indexOf(key) : -1;
    if (index >= 0 && index < listLength(editor, address)) deleteElement(editor, address, index);
    settle(editor);
    return true;
  }

  ownKeys(): string[] {
    const reader = this.#reader();
    const keys: string[] = [];
    for (let i = 0; i < reader.length; i++) if (reader.has(i)) keys.push(String(i));
    keys.push("length");
    return keys;
  }

  getOwnPropertyDescriptor(_target: object, key: string | symbol): PropertyDescriptor | undefined {
    if (key === "length") {
      return {
        value: this.#reader().length,
        writable: true,
        enumerable: false,
        configurable: false,
      };
    }
    if (typeof key === "symbol" || !this.holds(key)) return undefined;
    return plainProperty(this.read(key));
  }
}

/** What assigning to `__proto__` does on a plain object: nothing, unless it would change the prototype. */
function setPrototype(value: unknown): boolean {
  if (typeof value !== "object") return true;
  throw new QuipeError(
    "not-shareable",
    "The prototype of an object in shared memory cannot be changed.",
  );
}

function lengthFrom(value: unknown): number {
  const length = Number(value) >>> 0;
  if (length !== Number(value)) throw new RangeError("Invalid array length");
  return length;
}

function plainProperty(value: unknown): PropertyDescriptor {
  return { value, writable: true, enumerable: true, configurable: true };
}

const inspectCustom = Symbol.for("nodejs.util.inspect.custom");

const shownPrototypes = new Map<object, object>();

/** Consoles look behind a Proxy at its target, which is empty: this prototype shows what the view shows. */
function shown(prototype: object): object {
  let made = shownPrototypes.get(prototype);
  if (made === undefined) {
    made = Object.create(prototype, { [inspectCustom]: { value: inspectPlainly } }) as object;
    shownPrototypes.set(prototype, made);
  }
  return made;
}

function inspectPlainly(this: object, depth: number, options: object, inspect: unknown): unknown {
  const copy: unknown = Array.isArray(this) ? this.slice() : { ...this };
  if (typeof inspect !== "function") return copy;
  if (depth < 0) return Array.isArray(this) ? "[Array]" : "[Object]";
  return inspect(copy, { ...options, depth });
}
