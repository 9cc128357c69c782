/**
 * Maps and Sets in shared memory that are looked up in place: big frozen ones, and those that are edited.
 *
 * They inherit from Map and Set, so `instanceof` holds, but carry no Map of their own: methods taken
 * from `Map.prototype` refuse them, and structured clone fails, instead of silently seeing nothing.
 */
import { QuipeError } from "../errors.ts";
import { FollowerStamp, type Page, Returned, Stamp } from "./identity.ts";
import { type Address, DICTIONARY, KIND, KIND_MASK, OBJECT, STATE } from "./layout.ts";
import { MapReader } from "./map-reader.ts";
import type { Region } from "./region.ts";

/** What changes a Map of an owned region; comes with the editing views. */
export interface MapEditing {
  set(map: MapReader, key: unknown, value: unknown): void;
  delete(map: MapReader, key: unknown): boolean;
  clear(map: MapReader): void;
}

/** Gives the editing of a region, if this thread may write; else throws `frozen`. */
export type EditingOf = (region: Region) => MapEditing;

/** A shared Map or Set: where it is, and how it is edited. */
class MapStamp extends Returned {
  readonly #reader: MapReader;
  readonly #editingOf: EditingOf;

  constructor(view: object, reader: MapReader, editingOf: EditingOf) {
    super(view);
    this.#reader = reader;
    this.#editingOf = editingOf;
  }

  static reader(view: object): MapReader {
    if (!(#reader in view))
      throw new TypeError("Expected `this` to be a Map or Set in shared memory.");
    return view.#reader;
  }

  static editing(view: object): MapEditing {
    const { region } = MapStamp.reader(view);
    return (view as MapStamp).#editingOf(region);
  }
}

/** Builds the view of a big Map or Set, or of one that is edited. */
export function makeSharedMap(page: Page, address: Address, editingOf: EditingOf): object {
  const { words } = page.set.region;
  const isMap = ((words[address + OBJECT.HEAD] as number) & KIND_MASK) === KIND.MAP;
  const view: object = Object.create(isMap ? mapPrototype() : setPrototype());
  Object.defineProperty(view, ADVICE, { value: refuseClone, enumerable: true });
  new Stamp(view, page, address);
  const reader = new MapReader(page, address);
  new MapStamp(view, reader, editingOf);
  new FollowerStamp(view, reader);
  return Object.freeze(view);
}

/** Refuses every change. */
export function refuseEditing(region: Region): never {
  if (region.state === STATE.GUARDED) {
    throw new QuipeError(
      "not-owner",
      `Region ${region.id} is guarded: read() may not write. Change it inside update().`,
    );
  }
  if (region.state === STATE.FROZEN_FOR_EVER) {
    throw new QuipeError(
      "frozen",
      `Region ${region.id} is frozen for ever. share(it) makes a copy to edit.`,
    );
  }
  throw new QuipeError(
    "frozen",
    `Region ${region.id} is frozen. Its owner can thaw it to change it again.`,
  );
}

const ADVICE = "shared Map: use plain(map) for a Map of your own";

function refuseClone(): never {
  throw new QuipeError("not-sendable", ADVICE);
}

type Each = (value: unknown, key: unknown, map: object) => void;

let madeMap: object | undefined;
let madeSet: object | undefined;

const common = {
  get size(): number {
    const { region, address } = MapStamp.reader(this);
    return region.words[address + DICTIONARY.LIVE] as number;
  },
  has(key: unknown): boolean {
    return MapStamp.reader(this).find(key) !== 0;
  },
  delete(key: unknown): boolean {
    return MapStamp.editing(this).delete(MapStamp.reader(this), key);
  },
  clear(): void {
    MapStamp.editing(this).clear(MapStamp.reader(this));
  },
  keys: keysOf,
  forEach(each: Each, self?: unknown): void {
    const reader = MapStamp.reader(this);
    const isMap = this instanceof Map;
    for (const entry of reader.entries()) {
      const key = reader.key(entry);
      each.call(self, isMap ? reader.value(entry) : key, key, this);
    }
  },
};

function mapPrototype(): object {
  madeMap ??= withMethods(Map.prototype, {
    get(this: object, key: unknown): unknown {
      const reader = MapStamp.reader(this);
      const entry = reader.find(key);
      return entry === 0 ? undefined : reader.value(entry);
    },
    set(this: object, key: unknown, value: unknown): object {
      MapStamp.editing(this).set(MapStamp.reader(this), key, value);
      return this;
    },
    *values(this: object): Generator {
      const reader = MapStamp.reader(this);
      for (const entry of reader.entries()) yield reader.value(entry);
    },
    entries: pairs,
    [Symbol.iterator]: pairs,
    [inspectCustom](this: Map<unknown, unknown>): unknown {
      return new Map(this);
    },
  });
  return madeMap;
}

function setPrototype(): object {
  madeSet ??= withMethods(Set.prototype, {
    add(this: object, key: unknown): object {
      MapStamp.editing(this).set(MapStamp.reader(this), key, undefined);
      return this;
    },
    values: keysOf,
    *entries(this: object): Generator<[unknown, unknown]> {
      const reader = MapStamp.reader(this);
      for (const entry of reader.entries()) yield [reader.key(entry), reader.key(entry)];
    },
    [Symbol.iterator]: keysOf,
    [inspectCustom](this: Set<unknown>): unknown {
      return new Set(this);
    },
  });
  return madeSet;
}

const inspectCustom: unique symbol = Symbol.for(
  "nodejs.util.inspect.custom",
) as typeof inspectCustom;

function* keysOf(this: object): Generator {
  const reader = MapStamp.reader(this);
  for (const entry of reader.entries()) yield reader.key(entry);
}

function* pairs(this: object): Generator<[unknown, unknown]> {
  const reader = MapStamp.reader(this);
  for (const entry of reader.entries()) yield [reader.key(entry), reader.value(entry)];
}

function withMethods(parent: object, methods: object): object {
  const prototype: object = Object.create(parent, {
    ...hidden(Object.getOwnPropertyDescriptors(common)),
    ...hidden(Object.getOwnPropertyDescriptors(methods)),
  });
  return prototype;
}

function hidden(properties: Record<PropertyKey, PropertyDescriptor>): PropertyDescriptorMap {
  const result: PropertyDescriptorMap = {};
  for (const key of Reflect.ownKeys(properties)) {
    result[key] = { ...properties[key as string], enumerable: false };
  }
  return result;
}
