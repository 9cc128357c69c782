/**
 * Buffer's own loops over the code units of a text, where the runtime has them: several times as fast as a loop of
 * ours or a TextDecoder, and they keep every unit as it is.
 */

/** Methods of Buffer that work on any Uint8Array. */
export interface NativeText {
  latin1Slice(this: Uint8Array, start: number, end: number): string;
  latin1Write(this: Uint8Array, text: string, start: number, bytes: number): number;
  ucs2Slice(this: Uint8Array, start: number, end: number): string;
  ucs2Write(this: Uint8Array, text: string, start: number, bytes: number): number;
}

/** They, if they are there. */
export const native: NativeText | undefined = nativeText();

function nativeText(): NativeText | undefined {
  const prototype: unknown = globalThis.Buffer?.prototype;
  return typeof prototype === "object" && prototype !== null && hasAll(prototype)
    ? (prototype as unknown as NativeText)
    : undefined;
}

function hasAll(prototype: object): boolean {
  return ["latin1Slice", "latin1Write", "ucs2Slice", "ucs2Write"].every(
    (name) => name in prototype,
  );
}
