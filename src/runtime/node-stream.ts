/** Node's own kind of streams, and the bytes in them: Node, Bun and Deno have both, browsers neither. */
import type { Duplex } from "node:stream";
import { QuipeError } from "../errors.ts";

/** The class of Node's streams that are written and read; throws `unsupported` where there is none. */
export function duplexClass(): typeof Duplex {
  const found = globalThis.process?.getBuiltinModule?.("node:stream").Duplex;
  if (found !== undefined) return found;
  throw new QuipeError(
    "unsupported",
    "This runtime has no node:stream. Use the Web Streams end.readable and end.writable.",
  );
}

/** The same bytes, not copied, as a Buffer, which readers of Node streams expect. */
export function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array {
  return Buffer.from(buffer, byteOffset, byteLength);
}
