/**
 * Types of what comes out of shared memory.
 */

import type { TypedArray } from "./byte-classes.ts";
import type { SharedNumbers } from "./shared-bytes.ts";

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
export type Frozen<T> = T extends Primitive | FunctionLike | Date | RegExp | Error
  ? T
  : T extends Bytes
    ? SharedNumbers<T extends BigInt64Array | BigUint64Array ? bigint : number>
    : T extends ReadonlyMap<infer Key, infer Value>
      ? ReadonlyMap<Frozen<Key>, Frozen<Value>>
      : T extends ReadonlySet<infer Item>
        ? ReadonlySet<Frozen<Item>>
        : { readonly [Key in keyof T]: Frozen<T[Key]> };

/** Methods of classes stay what they are. */
type FunctionLike = (...parameters: never[]) => unknown;

/** What reads as {@link SharedNumbers} once it is frozen. */
type Bytes = TypedArray | ArrayBuffer | DataView;
