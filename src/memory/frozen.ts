/**
 * Types of what comes out of shared memory.
 */

/** What is passed by value anyway. */
export type Primitive = string | number | bigint | boolean | symbol | null | undefined;

/**
 * The deeply read-only form of `T`.
 *
 * @example
 * ```ts
 * import { freeze, type Frozen } from "quipe";
 *
 * const names: Frozen<string[]> = freeze(["Ann", "Bo"]);
 * console.log(names.length); // 2
 * ```
 */
export type Frozen<T> = T extends Primitive
  ? T
  : T extends (...parameters: never[]) => unknown
    ? never
    : T extends ReadonlyMap<infer Key, infer Value>
      ? ReadonlyMap<Frozen<Key>, Frozen<Value>>
      : T extends ReadonlySet<infer Item>
        ? ReadonlySet<Frozen<Item>>
        : { readonly [Key in keyof T]: Frozen<T[Key]> };
