/**
 * Frozen views of what is neither record, list nor dictionary: real objects of the classes they had,
 * whose methods that change them refuse. The refusals are properties of each object, not enumerable, so
 * its prototype is the class's own and deep equality holds.
 */
import { QuipeError } from "../errors.ts";
import { classNamed, makeErrorOf } from "./classes.ts";
import { entriesOf, findEntry, keyOf } from "./dictionaries.ts";
import { HIDDEN_ERROR_KEYS } from "./encode-boxes.ts";
import { fillView, nesting } from "./half-built.ts";
import { type Page, Stamp } from "./identity.ts";
import { defineGetter, lazyProperty, showPlainly } from "./lazy-fields.ts";
import {
  type Address,
  BIGINT,
  DATE,
  DICTIONARY,
  ENTRY,
  FIELD,
  INSTANCE,
  KIND,
  KIND_MASK,
  OBJECT,
  REAL_MAP_LIMIT,
  REGEXP,
  SHAPE_SHIFT,
  SLOT,
} from "./layout.ts";
import { MapReader } from "./map-reader.ts";
import { fieldGetterOffset, readField } from "./records.ts";
import type { Region } from "./region.ts";
import { SharedNumbers } from "./shared-bytes.ts";
import { makeSharedMap, refuseEditing } from "./shared-maps.ts";
import { isLazySlot, readSlot } from "./slots.ts";

/** The bigint at `address`. */
function readBigint(region: Region, address: Address): bigint {
  const { words } = region;
  let digits = "";
  for (let i = (words[address + BIGINT.COUNT] as number) - 1; i >= 0; i--) {
    const word = (words[address + BIGINT.MAGNITUDE + i] as number) >>> 0;
    digits += word.toString(16).padStart(8, "0");
  }
  const magnitude = BigInt(`0x${digits}`);
  return words[address + BIGINT.NEGATIVE] === 0 ? magnitude : -magnitude;
}

/** Builds the frozen view of a box at `address`; undefined if it is none. */
export function makeBox(region: Region, address: Address, page: Page): unknown {
  switch ((region.words[address + OBJECT.HEAD] as number) & KIND_MASK) {
    case KIND.BIGINT:
      return readBigint(region, address);
    case KIND.DATE:
      return makeDate(region, address, page);
    case KIND.REGEXP:
      return makeRegExp(region, address, page);
    case KIND.MAP:
    case KIND.SET:
      return makeMap(region, address, page);
    case KIND.BYTES: {
      const numbers = new SharedNumbers(page, address);
      new Stamp(numbers, page, address);
      return Object.freeze(numbers);
    }
    case KIND.ERROR:
      return makeError(region, address, page);
    case KIND.INSTANCE:
      return makeInstance(region, address, page);
    default:
      return undefined;
  }
}

function makeDate(region: Region, address: Address, page: Page): object {
  const date = new Date(region.numbers[(address + DATE.TIME) >> 1] as number);
  dateGuards ??= guards(
    Object.getOwnPropertyNames(Date.prototype).filter((name) => name.startsWith("set")),
  );
  return finish(Object.defineProperties(date, dateGuards), page, address);
}

function makeRegExp(region: Region, address: Address, page: Page): object {
  const source = region.text.read(region.words[address + REGEXP.SOURCE] as number);
  const flags = region.text.read(region.words[address + REGEXP.FLAGS] as number);
  const expression = new RegExp(source, flags);
  expressionGuards ??= guards(["compile"]);
  Object.defineProperties(expression, expressionGuards);
  new Stamp(expression, page, address);
  // Not frozen: matching with `g` or `y` keeps its place in `lastIndex`, which is this thread's own.
  return expression;
}

/** Real Maps inside real Maps, at most; deeper ones are looked up in place. */
const NESTED = 100;

function makeMap(region: Region, address: Address, page: Page): object {
  const size = region.words[address + DICTIONARY.LIVE] as number;
  if (size > REAL_MAP_LIMIT || nesting() > NESTED)
    return makeSharedMap(page, address, refuseEditing);
  const isMap = ((region.words[address + OBJECT.HEAD] as number) & KIND_MASK) === KIND.MAP;
  const map = isMap ? new Map<unknown, unknown>() : undefined;
  const set = isMap ? undefined : new Set<unknown>();
  const view = map ?? (set as object);
  const reader = new MapReader(page, address);
  fillView(view, page, address, () => {
    for (const entry of reader.entries()) {
      if (map === undefined) set?.add(reader.key(entry));
      else map.set(reader.key(entry), reader.value(entry));
    }
  });
  mapGuards ??= guards(["set", "delete", "clear"]);
  setGuards ??= guards(["add", "delete", "clear"]);
  return finish(Object.defineProperties(view, isMap ? mapGuards : setGuards), page, address);
}

function makeError(region: Region, address: Address, page: Page): object {
  const name = region.text.read(region.words[address + INSTANCE.CLASS] as number);
  const error = makeErrorOf(name);
  for (const key of HIDDEN_ERROR_KEYS) Reflect.deleteProperty(error, key);
  defineFields(error, { region, address, page });
  return finish(error, page, address);
}

function makeInstance(region: Region, address: Address, page: Page): object {
  const name = region.text.read(region.words[address + INSTANCE.CLASS] as number);
  const constructor = classNamed(name);
  if (constructor === undefined) {
    throw new QuipeError(
      "unsupported",
      `This task does not know the class ${name}. Import the module that calls registerClass(${name}).`,
    );
  }
  const instance = Object.create(constructor.prototype as object) as object;
  if (defineFields(instance, { region, address, page })) showPlainly(instance);
  return finish(instance, page, address);
}

interface Owner {
  readonly region: Region;
  readonly address: Address;
  readonly page: Page;
}

/** The word of the fields object of the instance at `address` that leads to the object under `key`. */
function referenceUnder(key: string, region: Region, address: Address): Address {
  const { words } = region;
  const fields = words[address + INSTANCE.FIELDS] as Address;
  const head = words[fields] as number;
  if ((head & KIND_MASK) !== KIND.RECORD) {
    return findEntry(region, fields, key) + ENTRY.VALUE + SLOT.LOW;
  }
  const shape = region.shape(head >>> SHAPE_SHIFT);
  const index = shape.fieldOf(key);
  const field = fields + (shape.offsets[index] as number);
  return shape.types[index] === FIELD.ANY ? field + SLOT.LOW : field;
}

/** Gives `view` the properties that its fields object has. Says whether any of them is a getter. */
function defineFields(view: object, owner: Owner): boolean {
  const { region } = owner;
  const fields = region.words[owner.address + INSTANCE.FIELDS] as Address;
  const isRecord = ((region.words[fields] as number) & KIND_MASK) === KIND.RECORD;
  return isRecord ? defineRecord(view, owner, fields) : defineEntries(view, owner, fields);
}

function defineRecord(view: object, owner: Owner, fields: Address): boolean {
  const { region, page } = owner;
  const shape = region.shape((region.words[fields] as number) >>> SHAPE_SHIFT);
  let hasGetters = false;
  shape.keys.forEach((key, index) => {
    const source = { region, address: fields, page };
    const offset = fieldGetterOffset(shape, index, source);
    if (offset === undefined) define(view, key, readField(shape, index, source));
    else {
      hasGetters = true;
      defineLazy(view, key);
    }
  });
  return hasGetters;
}

function defineEntries(view: object, owner: Owner, fields: Address): boolean {
  const { region, page } = owner;
  let hasGetters = false;
  for (const entry of entriesOf(region, fields)) {
    const slot = entry + ENTRY.VALUE;
    if (isLazySlot(region, slot)) {
      hasGetters = true;
      defineLazy(view, keyOf(region, entry));
    } else define(view, keyOf(region, entry), readSlot(region, slot, page));
  }
  return hasGetters;
}

function define(view: object, key: string, value: unknown): void {
  const enumerable = !isHidden(view, key);
  Object.defineProperty(view, key, { value, enumerable, configurable: true, writable: true });
}

function defineLazy(view: object, key: string): void {
  const get = lazyProperty((region, address) => referenceUnder(key, region, address));
  if (isHidden(view, key)) Object.defineProperty(view, key, { get, enumerable: false });
  else defineGetter.call(view, key, get);
}

function isHidden(view: object, key: string): boolean {
  return view instanceof Error && HIDDEN_ERROR_KEYS.includes(key);
}

function finish(view: object, page: Page, address: Address): object {
  new Stamp(view, page, address);
  return Object.freeze(view);
}

let dateGuards: PropertyDescriptorMap | undefined;
let mapGuards: PropertyDescriptorMap | undefined;
let setGuards: PropertyDescriptorMap | undefined;
let expressionGuards: PropertyDescriptorMap | undefined;

/** Properties that refuse what the methods with these names do. */
function guards(names: readonly string[]): PropertyDescriptorMap {
  const refuse = function (this: object): never {
    throw new QuipeError(
      "frozen",
      "This object is frozen. Its owner can thaw the data; a Date or RegExp is then replaced by another one. plain(object) gives a copy.",
    );
  };
  return Object.fromEntries(names.map((name) => [name, { value: refuse, enumerable: false }]));
}
