/**
 * The classes that show bytes: typed arrays, ArrayBuffer and DataView, each with the number that stands
 * for it in shared memory.
 */

/** What a typed array's class makes from the memory of another one. */
export type TypedArray =
  | Uint8Array
  | Int8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

type TypedArrayClass = {
  readonly BYTES_PER_ELEMENT: number;
  readonly name: string;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): TypedArray;
};

/** Typed array classes by number. The order never changes: it is stored. */
export const typedArrayClasses: readonly TypedArrayClass[] = [
  Uint8Array,
  Int8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
];

/** The number of ArrayBuffer, which is no typed array. */
export const ARRAY_BUFFER = 32;
/** The number of DataView, which is no typed array either. */
export const DATA_VIEW = 33;

/** Bytes on their way into shared memory. */
export interface ByteSource {
  readonly classNumber: number;
  readonly bytes: Uint8Array;
}

/** The bytes of `value` if it is a typed array, an ArrayBuffer or a DataView; else undefined. */
export function byteClassOf(value: object): ByteSource | undefined {
  if (value instanceof ArrayBuffer)
    return { classNumber: ARRAY_BUFFER, bytes: new Uint8Array(value) };
  if (!ArrayBuffer.isView(value)) return undefined;
  const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (value instanceof DataView) return { classNumber: DATA_VIEW, bytes };
  const classNumber = typedArrayClasses.findIndex((known) => value instanceof known);
  return classNumber < 0 ? undefined : { classNumber, bytes };
}
