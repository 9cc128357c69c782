/**
 * Frozen dictionaries: objects with many keys. Up to a limit they become real frozen objects, above it a
 * Proxy that looks keys up in place by the hash table in shared memory.
 */
import { mirrorStamps } from "../runtime/stamped-proxies.ts";
import { hashText } from "./hashing.ts";
import { type Page, Stamp, type ViewSet } from "./identity.ts";
import { defineGetter, lazyReference, showPlainly } from "./lazy-fields.ts";
import {
  type Address,
  DICTIONARY,
  EMPTY_BUCKET,
  ENTRY,
  FLAG,
  OBJECT,
  REAL_DICTIONARY_LIMIT,
  SLOT,
  TAG,
} from "./layout.ts";
import { ReadOnlyHandler } from "./read-only-handler.ts";
import { integersFirst } from "./keys.ts";
import type { Region } from "./region.ts";
import { isHole, isLazySlot, readSlot } from "./slots.ts";

/** Builds the frozen dictionary at `address`. */
export function makeDictionary(region: Region, address: Address, page: Page): object {
  if ((region.words[address + DICTIONARY.LIVE] as number) > REAL_DICTIONARY_LIMIT) {
    return makeBigDictionary(region, address, page);
  }
  const dictionary = makeReal(region, address, page);
  new Stamp(dictionary, page, address);
  return Object.freeze(dictionary);
}

/** Whether the dictionary at `address` has no prototype. */
export function isBare(region: Region, address: Address): boolean {
  return ((region.words[address + OBJECT.HEAD] as number) & FLAG.NULL_PROTOTYPE) !== 0;
}

function makeReal(region: Region, address: Address, page: Page): object {
  const dictionary: object = isBare(region, address) ? Object.create(null) : {};
  let hasGetters = false;
  for (const entry of entriesOf(region, address)) {
    const key = keyOf(region, entry);
    const slot = entry + ENTRY.VALUE;
    if (isLazySlot(region, slot)) {
      hasGetters = true;
      // The entries may lie anywhere, so the offset from the dictionary is what the getter needs.
      defineGetter.call(dictionary, key, lazyReference(slot + SLOT.LOW - address));
    } else if (key === "__proto__") {
      const value = readSlot(region, slot, page);
      Object.defineProperty(dictionary, key, { value, enumerable: true });
    } else {
      (dictionary as Record<string, unknown>)[key] = readSlot(region, slot, page);
    }
  }
  if (hasGetters) showPlainly(dictionary);
  return dictionary;
}

/** The addresses of the live entries, in order of insertion. */
export function* entriesOf(region: Region, address: Address): Generator<Address> {
  const used = region.words[address + DICTIONARY.USED] as number;
  const first = region.words[address + DICTIONARY.ENTRIES] as number;
  for (let i = 0; i < used; i++) {
    const entry = first + i * ENTRY.WORDS;
    if (!isHole(region, entry + ENTRY.VALUE)) yield entry;
  }
}

/** The key of an entry. */
export function keyOf(region: Region, entry: Address): string {
  return region.text.read(region.words[entry + ENTRY.KEY] as number);
}

/** The entry of `key` in the dictionary at `address`, or 0. */
export function findEntry(region: Region, address: Address, key: string): Address {
  const { words } = region;
  const hash = hashText(key);
  const mask = words[address + DICTIONARY.BUCKET_MASK] as number;
  const buckets = words[address + DICTIONARY.BUCKETS] as number;
  const entries = words[address + DICTIONARY.ENTRIES] as number;
  for (let bucket = hash & mask; ; bucket = (bucket + 1) & mask) {
    const number = words[buckets + bucket] as number;
    if (number === EMPTY_BUCKET) return 0;
    const entry = entries + (number - 1) * ENTRY.WORDS;
    if (words[entry + ENTRY.HASH] !== hash) continue;
    if (words[entry + ENTRY.VALUE + SLOT.HIGH] === TAG.HOLE) continue;
    if (region.text.equals(words[entry + ENTRY.KEY] as number, key)) return entry;
  }
}

function makeBigDictionary(region: Region, address: Address, page: Page): object {
  const prototype = isBare(region, address) ? null : Object.prototype;
  const target: object = Object.create(bigDictionaryPrototype());
  const proxy = new Proxy(target, new BigDictionaryHandler(page, address, prototype));
  mirrorStamps(proxy);
  new Stamp(proxy, page, address);
  return proxy;
}

/** Dictionaries up to so many entries remember in this thread what they found. */
const REMEMBERING_LIMIT = 8_192;

/** A value that is remembered as it is. */
type Scalar = string | number | boolean;

type Known = Scalar | Place;

/** Where any other value lies: objects come through the identity cache each time. */
class Place {
  readonly entry: Address;

  constructor(entry: Address) {
    this.entry = entry;
  }
}

class BigDictionaryHandler extends ReadOnlyHandler implements ProxyHandler<object> {
  protected readonly what = "dictionary";
  readonly #page: Page;
  readonly #set: ViewSet;
  readonly #address: Address;
  readonly #prototype: object | null;
  readonly #remembers: boolean;
  /** Hits only: remembering misses costs more than it saves. */
  readonly #known = new Map<string | symbol, Known>();

  constructor(page: Page, address: Address, prototype: object | null) {
    super();
    this.#page = page;
    this.#set = page.set;
    this.#address = address;
    this.#prototype = prototype;
    const live = page.set.region.words[address + DICTIONARY.LIVE] as number;
    this.#remembers = live <= REMEMBERING_LIMIT;
  }

  /** What is known of `key`, after looking for it if need be; undefined if the dictionary does not have it. */
  #find(key: string | symbol): Known | undefined {
    // oxlint-disable-next-line typescript/no-unnecessary-boolean-literal-compare -- 1 ns cheaper on V8
    if (this.#set.live !== true) this.#set.stale();
    const known = this.#known.get(key);
    return known === undefined && typeof key === "string" ? this.#look(key) : known;
  }

  #look(key: string): Known | undefined {
    const entry = findEntry(this.#set.region, this.#address, key);
    if (entry === 0) return undefined;
    const { words } = this.#set.region;
    const isReference = words[entry + ENTRY.VALUE + SLOT.HIGH] === TAG.REFERENCE;
    const value = isReference ? null : this.#value(entry);
    const known = value === null || value === undefined ? new Place(entry) : (value as Scalar);
    if (this.#remembers) this.#known.set(key, known);
    return known;
  }

  #value(entry: Address): unknown {
    return readSlot(this.#set.region, entry + ENTRY.VALUE, this.#page);
  }

  get(target: object, key: string | symbol, receiver: unknown): unknown {
    const known = this.#find(key);
    if (known !== undefined) return typeof known === "object" ? this.#value(known.entry) : known;
    if (key === inspectCustom) return Reflect.get(target, key);
    return this.#prototype === null ? undefined : Reflect.get(this.#prototype, key, receiver);
  }

  has(_target: object, key: string | symbol): boolean {
    if (this.#find(key) !== undefined) return true;
    return this.#prototype !== null && key in this.#prototype;
  }

  ownKeys(): string[] {
    const { region } = this.#page.set;
    if (!this.#page.set.live) this.#page.set.stale();
    const keys: string[] = [];
    for (const entry of entriesOf(region, this.#address)) keys.push(keyOf(region, entry));
    return integersFirst(keys);
  }

  getOwnPropertyDescriptor(_target: object, key: string | symbol): PropertyDescriptor | undefined {
    const known = this.#find(key);
    if (known === undefined) return undefined;
    const value = typeof known === "object" ? this.#value(known.entry) : known;
    return { value, enumerable: true, configurable: true, writable: false };
  }

  getPrototypeOf(): object | null {
    return this.#prototype;
  }
}

const inspectCustom = Symbol.for("nodejs.util.inspect.custom");

/** Entries that a console shows of a big dictionary. */
const SHOWN = 100;

let prototype: object | undefined;

/** What consoles that look behind a Proxy find on its target. */
function bigDictionaryPrototype(): object {
  prototype ??= Object.create(Object.prototype, {
    [inspectCustom]: {
      value(
        this: Record<string, unknown>,
        depth: number,
        options: object,
        inspect: unknown,
      ): unknown {
        const keys = Object.keys(this);
        const shown = Object.fromEntries(keys.slice(0, SHOWN).map((key) => [key, this[key]]));
        if (typeof inspect !== "function") return shown;
        const text = String(inspect(shown, { ...options, depth })).replace(/\s*\}$/, "");
        return `${text},\n  ... ${keys.length - SHOWN} more entries\n}`;
      },
    },
  });
  return prototype as object;
}
