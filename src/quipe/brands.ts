/** What a value is by nature, where its prototype alone does not say: errors of any realm, buffers without memory. */

/** Whether `value` is an error, be it of another realm: the runtime's own modules may live in one. */
export function isError(value: object): value is Error {
  return value instanceof Error || Object.prototype.toString.call(value) === "[object Error]";
}

/** Whether the buffer's memory was transferred away. Node 20 has no `detached` to ask. */
export function isDetached(buffer: ArrayBuffer): boolean {
  if (buffer.byteLength > 0) return false;
  try {
    return new Uint8Array(buffer).length > 0;
  } catch {
    return true;
  }
}

/** Whether an array has all its elements and no properties besides. Indices come first among the keys, in order. */
export function isDense(array: readonly unknown[]): boolean {
  const keys = Object.keys(array);
  return keys.length === array.length && (keys.at(-1) ?? "-1") === String(array.length - 1);
}

/** Whether the view is one of Node's own kind. */
export function isNodeBuffer(view: ArrayBufferView): view is Uint8Array {
  return globalThis.Buffer?.isBuffer(view) ?? false;
}
