/**
 * Reads the keys and values of plain objects and finds where their key list ends in the shape tree.
 *
 * Accessors, symbol keys and the like are looked for in the first few objects of each key list only:
 * asking for descriptors costs more than all the rest of encoding. What slips through is read like
 * any property, as `structuredClone` does it.
 */
import { MAXIMUM_RECORD_FIELDS } from "./layout.ts";
import { Refusal } from "./refusals.ts";
import { KeyNode } from "./shape-tree.ts";

/** Objects of each key list that are looked at closely. */
const INSPECTED = 4;

/** Whether objects with this prototype are plain: of this realm, of another one, or without any. */
export function isPlainPrototype(prototype: unknown): boolean {
  if (prototype === Object.prototype || prototype === null) return true;
  return (
    typeof prototype === "object" &&
    Object.getPrototypeOf(prototype) === null &&
    Object.hasOwn(prototype, "isPrototypeOf") &&
    Object.hasOwn(prototype, "__lookupGetter__")
  );
}

/** Collects one object after the other; what it found of the last one is in its fields. */
export class KeyCollector {
  /** The values of the last object, in the order of its keys; longer than it has keys. */
  readonly values: unknown[] = [];
  /** Whether the last object has no prototype. */
  isBare = false;
  readonly #root = new KeyNode("", undefined);
  readonly #bareRoot = new KeyNode("", undefined);

  /** The end of the key list of `value`; undefined if it has too many keys for a record. */
  collect(value: object): KeyNode | undefined {
    this.isBare = Object.getPrototypeOf(value) === null;
    const { values } = this;
    const record = value as Record<string, unknown>;
    let node = this.isBare ? this.#bareRoot : this.#root;
    let count = 0;
    for (const key in record) {
      if (count === MAXIMUM_RECORD_FIELDS) return this.#tooMany(record);
      values[count++] = record[key];
      node = node.onlyKey === key ? (node.onlyChild as KeyNode) : node.child(key);
    }
    if (node.inspected < INSPECTED) {
      node.inspected++;
      inspect(record);
    }
    return node;
  }

  #tooMany(record: Record<string, unknown>): undefined {
    inspect(record);
    return undefined;
  }
}

function inspect(record: Record<string, unknown>): void {
  for (const key of Reflect.ownKeys(record)) {
    const property = Object.getOwnPropertyDescriptor(record, key);
    if (typeof key === "symbol") {
      if (property?.enumerable === true) {
        throw new Refusal(record, `its property ${String(key)} has a symbol as key`);
      }
    } else if (property?.get !== undefined || property?.set !== undefined) {
      throw new Refusal(record, "it is an accessor", key);
    }
  }
}
