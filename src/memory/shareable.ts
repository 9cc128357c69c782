/**
 * What the compiler can tell cannot go to another task, so that it says so where it is written.
 *
 *   freeze({ later: fetch(url) })
 *            ~~~~~ Property … is missing in type 'Promise<Response>' but required in type
 *                  'CannotBeShared<"a promise cannot be shared; await it first">'
 *
 * Only what is surely wrong is refused. A type with methods may be that of a registered class, whose methods
 * and getters stay with the class, so nothing is said of what is in it; `any` and `unknown` say nothing at all.
 * The rest is refused when it is met, with its path.
 */

declare const reason: unique symbol;

/**
 * Stands where a value was written that cannot be shared between tasks, and says why. Nothing has this type.
 *
 * @example
 * ```ts
 * import { type CannotBeShared, freeze } from "quipe";
 *
 * type Why = CannotBeShared<"functions and classes cannot be shared">;
 * // @ts-expect-error -- the argument would have to be a `Why`
 * const attempt = () => freeze({ list: [() => 1] });
 * console.log(typeof attempt); // function
 * ```
 */
export interface CannotBeShared<Reason extends string> {
  readonly [reason]: Reason;
}

/**
 * The type of a parameter that takes what can be shared: `T` itself, unless something in it surely cannot be.
 *
 * @example
 * ```ts
 * import { freeze, type Frozen, type Shareable } from "quipe";
 *
 * const publish = <T>(value: Shareable<T>): Frozen<T> => freeze<T>(value);
 * console.log(publish({ town: "Oslo" }).town); // Oslo
 * ```
 */
export type Shareable<T> = Accepted<T> extends never ? Parts<T> : T;

/** What an end sends: as it was declared, and for an end of `unknown` whatever can be shared. */
export type Sent<Declared, Item> =
  Takes<Declared> extends (item: unknown) => void ? Shareable<Item> : Declared;

type Takes<Declared> = (item: Declared) => void;

/**
 * A condition of its own, compared with `never`, for a reason: where `T` is still open, in a generic function, the
 * compiler then knows that {@link Shareable} does not take its first branch, and accepts a `T`.
 */
type Accepted<T> = [T] extends [Parts<T>] ? true : never;

/** `T` with what cannot be shared replaced, at any depth. Its members are looked at when they are needed. */
type Parts<T> = unknown extends T
  ? T
  : T extends symbol
    ? CannotBeShared<"symbols cannot be shared">
    : T extends AnyFunction | AnyClass
      ? CannotBeShared<"functions and classes cannot be shared">
      : T extends string | number | bigint | boolean | null | undefined
        ? T
        : PartsOfObject<T>;

type PartsOfObject<T> = T extends Date | RegExp | Error
  ? T
  : T extends readonly (infer Element)[]
    ? ListParts<Element>
    : T extends ReadonlyMap<infer Key, infer Value>
      ? MapParts<Key, Value>
      : T extends ReadonlySet<infer Item>
        ? SetParts<Item>
        : T extends WeakMap<WeakKey, unknown> | WeakSet<WeakKey> | WeakRef<WeakKey>
          ? CannotBeShared<"weak collections and references cannot be shared">
          : T extends Promise<unknown>
            ? CannotBeShared<"a promise cannot be shared; await it first">
            : IsPlain<T> extends true
              ? { [Key in keyof T]: Parts<T[Key]> }
              : T;

/** Interfaces, because their members are looked at late: a type may contain itself. */
interface ListParts<Element> {
  readonly [index: number]: Parts<Element>;
}

interface MapParts<Key, Value> {
  keys(): Iterable<Parts<Key>>;
  values(): Iterable<Parts<Value>>;
}

interface SetParts<Item> {
  keys(): Iterable<Parts<Item>>;
}

/** Whether a type has no methods, or is a dictionary: then functions in it can only be values. */
type IsPlain<T> = string extends keyof T ? true : MethodsOf<T> extends never ? true : false;

/** One by one, since a member of type `unknown` would hide all others in a union. */
type MethodsOf<T> = { [Key in keyof T]-?: T[Key] extends AnyFunction ? Key : never }[keyof T];

type AnyFunction = (...parameters: never[]) => unknown;
type AnyClass = abstract new (...parameters: never[]) => unknown;
