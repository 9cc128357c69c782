/** The kinds of views over an ArrayBuffer, numbered for the message format. The order is the format: only append. */

type ViewConstructor = new (
  buffer: ArrayBufferLike,
  byteOffset: number,
  length?: number,
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

const KINDS = new Map<object, number>(
  CONSTRUCTORS.map(({ make }, kind) => [make.prototype as object, kind]),
);

/** The number of a view's kind; -1 for a kind that is not known. */
export function viewKindOf(view: ArrayBufferView): number {
  const kind = KINDS.get(Object.getPrototypeOf(view) as object);
  if (kind !== undefined) return kind;
  return CONSTRUCTORS.findIndex(({ make }) => view instanceof make);
}

/** Where a view lies in its buffer; the length is {@link TO_THE_END} if it grows and shrinks with the buffer. */
export interface ViewPlace {
  readonly byteOffset: number;
  readonly byteLength: number;
}

/** The length of a view that reaches to the end of its buffer, wherever that is. */
export const TO_THE_END = -1;

/** A view of the numbered kind over `buffer`. */
export function makeView(
  kind: number,
  buffer: ArrayBufferLike,
  { byteOffset, byteLength }: ViewPlace,
): ArrayBufferView | undefined {
  const found = CONSTRUCTORS[kind];
  if (found === undefined || byteLength !== TO_THE_END)
    return found && new found.make(buffer, byteOffset, byteLength / found.bytes);
  return new found.make(buffer, byteOffset);
}

interface Resizable {
  readonly resizable?: boolean;
  readonly growable?: boolean;
  readonly maxByteLength?: number;
}

/** The most bytes that a buffer may get; undefined if it stays as long as it is. */
export function mostBytesOf(buffer: ArrayBufferLike): number | undefined {
  const { resizable, growable, maxByteLength } = buffer as Resizable;
  return resizable === true || growable === true ? maxByteLength : undefined;
}

/** A buffer with a copy of `bytes` that may grow up to `most`. */
export function resizableBuffer(bytes: Uint8Array<ArrayBuffer>, most: number): ArrayBuffer {
  const Resizing = ArrayBuffer as unknown as new (
    length: number,
    options: { readonly maxByteLength: number },
  ) => ArrayBuffer;
  const buffer = new Resizing(bytes.length, { maxByteLength: most });
  new Uint8Array(buffer).set(bytes);
  return buffer;
}

/**
 * Where `view` lies. A view of a resizable buffer does not tell whether its length was given; one that reaches to
 * the end is taken for one whose length was not, as nearly all are.
 */
export function placeOf(view: ArrayBufferView): ViewPlace {
  const { buffer, byteOffset, byteLength } = view;
  const isTracking =
    mostBytesOf(buffer) !== undefined &&
    buffer.byteLength - byteOffset - byteLength < bytesOf(view);
  return { byteOffset, byteLength: isTracking ? TO_THE_END : byteLength };
}

function bytesOf(view: ArrayBufferView): number {
  return CONSTRUCTORS[viewKindOf(view)]?.bytes ?? 1;
}
