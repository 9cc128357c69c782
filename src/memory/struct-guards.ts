/**
 * What makes the misuse of struct instances loud.
 *
 *   own property named as the advice, holding a tripwire   keys, spread, structured clone, JSON of a spread
 *   Proxy at the end of the prototype chain                writes to fields that do not exist
 *   accessor in place of the tripwire (checked mode)       reading it, as spread does
 */
import { QuipeError } from "../errors.ts";

/** The name of the one own property of every struct instance. */
export const ADVICE = "fields of a struct are not own properties: use plain(x) or x.toJSON()";

/** A value that no serialiser takes; all instances hold the same one. */
export class Tripwire {
  /** Structured clone refuses functions. */
  readonly refuse: () => never;

  constructor(refusal: () => never) {
    this.refuse = refusal;
  }

  toJSON(): never {
    return this.refuse();
  }
}

/** An own property that is different in each instance, so that deep equality does not take two for equal. */
export const identityKey: unique symbol = Symbol("identity") as never;

let identities = 0;

/** A small integer that no other instance of this thread has had for a long time. */
export function nextIdentity(): number {
  identities = (identities + 1) & 0x3fff_ffff;
  return identities;
}

let sharedWire: Tripwire | undefined;

/** The tripwire. */
export function tripwire(): Tripwire {
  sharedWire ??= Object.freeze(new Tripwire(refuse));
  return sharedWire;
}

function refuse(): never {
  throw new QuipeError("not-sendable", `A struct was copied by its own keys, but ${ADVICE}.`);
}

let checked = false;

/**
 * In tests: makes copying a struct by its own keys throw at the spread itself, not only where the copy is
 * used. Costs about 100 ns for each instance made from then on.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { checkStructs, f64, struct } from "quipe";
 *
 * class Point extends struct({ x: f64 }) {}
 * checkStructs(true);
 * const point = new Point({ x: 1 });
 * assert.throws(() => ({ ...point }));
 * checkStructs(false);
 * ```
 */
export function checkStructs(on: boolean): void {
  checked = on;
}

/** Arms the tripwire of a new instance in checked mode. */
export function arm(instance: object): void {
  if (checked) Object.defineProperty(instance, ADVICE, { get: refuse, enumerable: true });
}

let guard: object | undefined;

/** The end of every struct's prototype chain: refuses fields that do not exist. */
export function unknownFieldGuard(): object {
  guard ??= new Proxy(Object.prototype, {
    set(_target, key, _value, receiver: object): never {
      throw new TypeError(
        `Expected a field that ${receiver.constructor.name} declares, got ${String(key)}; structs take no others.`,
      );
    },
  });
  return guard;
}

type Inspect = (value: unknown, options: unknown) => string;

/** The fields of a struct as a plain object. */
export function fieldsOf(instance: object): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const key of keysOf(instance)) fields[key] = (instance as Record<string, unknown>)[key];
  return fields;
}

/** Methods that every struct class has besides its fields. */
export const structMethods: Readonly<Record<"toJSON" | "inspect", PropertyDescriptor>> = {
  toJSON: {
    value(this: object): unknown {
      return fieldsOf(this);
    },
  },
  /** Shows a struct like an instance of its class with own fields. */
  inspect: {
    value(this: object, depth: number, options: object, inspect: unknown): unknown {
      const fields = fieldsOf(this);
      if (typeof inspect !== "function") return fields;
      return `${this.constructor.name} ${(inspect as Inspect)(fields, { ...options, depth })}`;
    },
  },
};

/** Whether `value` is an instance of a struct class, staged or a view. */
export function isStructInstance(value: object): boolean {
  return Object.hasOwn(value, ADVICE);
}

function keysOf(instance: object): readonly string[] {
  const { definition } = instance.constructor as { definition?: { keys: readonly string[] } };
  return definition?.keys ?? [];
}
