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
export type Frozen<T> = IsKnown<T> extends true ? FrozenValue<T> : T;

type FrozenValue<T> = T extends Whole ? T : T extends object ? FrozenObject<T> : T;

/** True, and for `any` also false. */
export type IsKnown<T> = T extends never ? false : true;

type FrozenObject<T> = T extends Bytes
  ? SharedNumbers<T extends BigInt64Array | BigUint64Array ? bigint : number>
  : T extends ReadonlyMap<infer Key, infer Value>
    ? ReadonlyMap<Frozen<Key>, Frozen<Value>>
    : T extends ReadonlySet<infer Item>
      ? ReadonlySet<Frozen<Item>>
      : T extends readonly unknown[]
        ? FrozenList<T>
        : { readonly [Key in keyof T]: Frozen<T[Key]> } & NoCursor;

/** Lists are written as arrays, whose elements are looked at late: a type may contain lists of itself. */
type FrozenList<T extends readonly unknown[]> = T extends Tuple
  ? { readonly [Key in keyof T]: Frozen<T[Key]> }
  : readonly Frozen<T[number]>[];

/**
 * Lists with an element that must be there. The question whether a type is one does not name the type on its right
 * side, so that the compiler still takes a `Guard<Town>` for a `Guard`.
 */
export type Tuple =
  | readonly []
  | readonly [unknown, ...unknown[]]
  | readonly [...unknown[], unknown];

/** What has no members that could be written, and methods of classes. */
export type Whole =
  | Primitive
  | ((...parameters: never[]) => unknown)
  | Date
  | RegExp
  | Error
  | SharedNumbers<bigint>
  | SharedNumbers;

/** What reads as {@link SharedNumbers} once it is frozen. */
type Bytes = TypedArray | ArrayBuffer | DataView;

/** The key by which types tell a cursor from the records that it stands on. No object has it. */
export declare const cursorBrand: unique symbol;

/** Keeps cursors of `scan` out of where a record is wanted. */
interface NoCursor {
  readonly [cursorBrand]?: never;
}
