/**
 * Turning bytes of shared memory into strings and back, by what each runtime does best.
 *
 * Node, Bun and Deno have `Buffer`, which decodes latin1 straight from shared memory. A browser's
 * TextDecoder and TextEncoder refuse shared memory, so there the bytes are copied first; its "latin1" is really
 * windows-1252, so bytes 0x80 to 0x9f take the slow way. UTF-16 never goes through a decoder, since
 * decoders replace lone surrogates.
 */

/** Decodes strings from one stretch of shared memory; positions count from its start. */
export interface MemoryDecoder {
  /** The latin1 bytes from `start` to `end`. */
  latin1(start: number, end: number): string;
  /** `length` UTF-16 code units from byte `start`, which is even. */
  utf16(start: number, length: number): string;
}

interface LatinBuffer {
  latin1Slice?(start: number, end: number): string;
  toString(encoding: "latin1", start: number, end: number): string;
}

/** Code units that one call of `String.fromCharCode` takes without a risk to the stack. */
const CHUNK = 4096;

/** A decoder of the memory of `buffer` from `byteOffset` on. */
export function memoryDecoder(buffer: SharedArrayBuffer, byteOffset: number): MemoryDecoder {
  const utf16 = (start: number, length: number): string =>
    fromUnits(new Uint16Array(buffer, byteOffset + start, length));
  if (typeof Buffer !== "undefined") {
    const view: LatinBuffer = Buffer.from(buffer, byteOffset);
    if (typeof view.latin1Slice === "function") {
      const slicing = view as Required<LatinBuffer>;
      return { latin1: (start, end) => slicing.latin1Slice(start, end), utf16 };
    }
    return { latin1: (start, end) => view.toString("latin1", start, end), utf16 };
  }
  const decoder = new TextDecoder("latin1");
  return {
    latin1: (start, end) =>
      copiedLatin1(new Uint8Array(buffer, byteOffset + start, end - start), decoder),
    utf16,
  };
}

let encoder: InstanceType<typeof TextEncoder> | undefined;
let encodesIntoShared = true;
let scratch = new Uint8Array(0);

/** Writes `text` as UTF-8 into `target`, which may be shared memory, as far as it fits: units read, bytes written. */
export function encodeInto(
  text: string,
  target: Uint8Array,
): { readonly read: number; readonly written: number } {
  encoder ??= new TextEncoder();
  if (encodesIntoShared) {
    try {
      return encoder.encodeInto(text, target);
    } catch (error) {
      if (!(target.buffer instanceof SharedArrayBuffer)) throw error;
      encodesIntoShared = false; // a browser
    }
  }
  if (!(target.buffer instanceof SharedArrayBuffer)) return encoder.encodeInto(text, target);
  if (scratch.length < target.length) scratch = new Uint8Array(target.length);
  const said = encoder.encodeInto(text, scratch.subarray(0, target.length));
  target.set(scratch.subarray(0, said.written));
  if (scratch.length > MOST_SCRATCH) scratch = new Uint8Array(0);
  return said;
}

const MOST_SCRATCH = 65_536;

function copiedLatin1(shared: Uint8Array, decoder: InstanceType<typeof TextDecoder>): string {
  const bytes = shared.slice();
  const isWindowsByte = (byte: number): boolean => byte >= 0x80 && byte < 0xa0;
  return bytes.some(isWindowsByte) ? fromUnits(bytes) : decoder.decode(bytes);
}

function fromUnits(units: Uint8Array | Uint16Array): string {
  if (units.length <= CHUNK) return String.fromCharCode.apply(null, units as unknown as number[]);
  let text = "";
  for (let start = 0; start < units.length; start += CHUNK) {
    text += fromUnits(units.subarray(start, Math.min(start + CHUNK, units.length)));
  }
  return text;
}
