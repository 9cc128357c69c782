/** The kinds of views over an ArrayBuffer, numbered for the message format. The order is the format: only append. */

type ViewConstructor = new (
  buffer: ArrayBufferLike,
  byteOffset: number,
  length: number,
) => ArrayBufferView;

const CONSTRUCTORS: readonly { readonly make: ViewConstructor; readonly bytes: number }[] = [
  { make: Uint8Array, bytes: 1 },
  { make: Int8Array, bytes: 1 },
  { make: Uint8ClampedArray, bytes: 1 },
  { make: Uint16Array, bytes: 2 },
  { make: Int16Array, bytes: 2 },
  { make: Uint32Array, bytes: 4 },
  { make: Int32Array, bytes: 4 },
  { make: Float32Array, bytes: 4 },
  { make: Float64Array, bytes: 8 },
  { make: BigInt64Array, bytes: 8 },
  { make: BigUint64Array, bytes: 8 },
  { make: DataView, bytes: 1 },
  ...("Float16Array" in globalThis
    ? [{ make: globalThis.Float16Array as unknown as ViewConstructor, bytes: 2 }]
    : []),
];

/** The number of a view's kind; -1 for a kind that is not known. */
export function viewKindOf(view: ArrayBufferView): number {
  return CONSTRUCTORS.findIndex(({ make }) => view instanceof make);
}

/** A view of the numbered kind over `buffer`. */
export function makeView(
  kind: number,
  buffer: ArrayBufferLike,
  byteOffset: number,
  byteLength: number,
): ArrayBufferView | undefined {
  const found = CONSTRUCTORS[kind];
  return found && new found.make(buffer, byteOffset, byteLength / found.bytes);
}
