/**
 * `struct`: classes whose instances are windows on shared memory in every state, frozen or being edited.
 *
 *   new Particle({ … })   staged: values in ordinary memory, until the instance is put into shared data
 *   a view                an object with a stamp (identity.ts); accessors on the class's prototype
 *
 * Their fields are not own properties, so whatever enumerates keys sees nothing of them. That must not stay
 * silent: each instance has one own property whose *name* is the advice and whose value no serialiser
 * takes, and the prototype chain ends in a Proxy that refuses unknown fields.
 */
import { FIELD, type FieldType } from "./layout.ts";
import { inspectCustom } from "./keys.ts";
import { layOut } from "./shapes.ts";
import { accessor } from "./struct-fields.ts";
import { type Definition, stage } from "./struct-instances.ts";
import {
  ADVICE,
  identityKey,
  nextIdentity,
  structMethods,
  type Tripwire,
  tripwire,
  unknownFieldGuard,
} from "./struct-guards.ts";

declare const heldType: unique symbol;

/** What a field of a {@link struct} holds. */
export interface StructField<Value> {
  readonly type: FieldType;
  readonly [heldType]?: Value;
}

/**
 * A number. As a field of a {@link struct}.
 *
 * @example
 * ```ts
 * import { f64, struct } from "quipe";
 *
 * class Point extends struct({ x: f64 }) {}
 * console.log(new Point({ x: 0.5 }).x); // 0.5
 * ```
 */
export const f64: StructField<number> = { type: FIELD.NUMBER };

/**
 * A whole number of 32 bits. As a field of a {@link struct}.
 *
 * @example
 * ```ts
 * import { i32, struct } from "quipe";
 *
 * class Item extends struct({ count: i32 }) {}
 * console.log(new Item({ count: 2 }).count); // 2
 * ```
 */
export const i32: StructField<number> = { type: FIELD.INTEGER };

/**
 * True or false. As a field of a {@link struct}.
 *
 * @example
 * ```ts
 * import { bool, struct } from "quipe";
 *
 * class Switch extends struct({ on: bool }) {}
 * console.log(new Switch({ on: true }).on); // true
 * ```
 */
export const bool: StructField<boolean> = { type: FIELD.BOOLEAN };

/**
 * A string. As a field of a {@link struct}.
 *
 * @example
 * ```ts
 * import { str, struct } from "quipe";
 *
 * class Town extends struct({ name: str }) {}
 * console.log(new Town({ name: "Oslo" }).name); // Oslo
 * ```
 */
export const str: StructField<string> = { type: FIELD.STRING };

/**
 * A string or null. As a field of a {@link struct}.
 *
 * @example
 * ```ts
 * import { strOrNull, struct } from "quipe";
 *
 * class Town extends struct({ region: strOrNull }) {}
 * console.log(new Town({ region: null }).region); // null
 * ```
 */
export const strOrNull: StructField<string | null> = { type: FIELD.STRING_OR_NULL };

/**
 * Anything that can be shared. As a field of a {@link struct}.
 *
 * @example
 * ```ts
 * import { anything, struct } from "quipe";
 *
 * class Box extends struct({ content: anything }) {}
 * console.log(new Box({ content: [1] }).content); // [ 1 ]
 * ```
 */
export const anything: StructField<unknown> = { type: FIELD.ANY };

/**
 * Another shared object, or null. As a field of a {@link struct}.
 *
 * @example
 * ```ts
 * import { ref, str, struct } from "quipe";
 *
 * class Owner extends struct({ name: str }) {}
 * class Dog extends struct({ owner: ref<Owner>() }) {}
 * console.log(new Dog({ owner: new Owner({ name: "Ann" }) }).owner?.name); // Ann
 * ```
 */
export function ref<Target extends object>(): StructField<Target | null> {
  return { type: FIELD.REFERENCE_OR_NULL };
}

/** The fields of a {@link struct} by name. */
export type StructFields = Readonly<Record<string, StructField<unknown>>>;

/** What an instance of a {@link struct} with these fields looks like. */
export type StructValues<Fields extends StructFields> = {
  -readonly [Key in keyof Fields]: Fields[Key] extends StructField<infer Value> ? Value : never;
};

/** The class that {@link struct} gives, to be extended. */
export type StructClass<Fields extends StructFields> = new (
  values: StructValues<Fields>,
) => StructValues<Fields>;

/**
 * Declares a type of records for shared memory: extend what it gives by a class with methods. Fields are
 * typed, checked on every write, and read at close to the speed of plain objects, in frozen data as well
 * as in data that is being edited.
 *
 * The fields are accessors of the class: `Object.keys` and spread do not see them. Use `plain(x)` or
 * `toJSON()` for a plain object. Tasks that read instances must load the module that declares the class; it
 * should call `registerClass`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { f64, freeze, registerClass, share, str, struct } from "quipe";
 *
 * class Particle extends struct({ x: f64, y: f64, name: str }) {
 *   get radius(): number {
 *     return Math.hypot(this.x, this.y);
 *   }
 * }
 * registerClass(Particle);
 *
 * const particles = share([new Particle({ x: 3, y: 4, name: "a" })]);
 * for (const particle of particles) particle.x = 0;
 * const [first] = freeze(particles);
 * assert.equal(first?.radius, 4);
 * ```
 */
export function struct<const Fields extends StructFields>(fields: Fields): StructClass<Fields> {
  const keys = Object.keys(fields);
  const types = keys.map((key) => (fields[key] as StructField<unknown>).type);
  const definition: Definition = { keys, types };
  class Struct {
    static readonly definition: Definition = definition;
    readonly [ADVICE]: Tripwire = tripwire();
    readonly [identityKey]: number = nextIdentity();

    constructor(values: Readonly<Record<string, unknown>>) {
      stage(this, new.target, values);
    }
  }
  layOut(types, true).offsets.forEach((offset, index) => {
    const key = keys[index] as string;
    const field = { key, index, type: types[index] as FieldType, offset };
    Object.defineProperty(Struct.prototype, key, accessor(field));
  });
  Object.defineProperty(Struct.prototype, "toJSON", structMethods.toJSON);
  Object.defineProperty(Struct.prototype, inspectCustom, structMethods.inspect);
  Object.setPrototypeOf(Struct.prototype, unknownFieldGuard());
  return Struct as unknown as StructClass<Fields>;
}
