/** How an ArrayBuffer is written: at a multiple of 8, and if it is large, not before the message is copied. */
import { Tag } from "./tags.ts";
import { mostBytesOf } from "./view-kinds.ts";
import type { Writer } from "./writer.ts";

/** Writes a buffer; `mayStay`: its bytes may stay where they are until the message is copied. */
export function writeBuffer(writer: Writer, buffer: ArrayBuffer, mayStay: boolean): void {
  const most = mostBytesOf(buffer);
  writer.head(most === undefined ? Tag.arrayBuffer : Tag.resizable, buffer.byteLength);
  if (most !== undefined) writer.double(most);
  writer.align();
  const bytes = new Uint8Array(buffer);
  if (mayStay) writer.piece(bytes);
  else writer.raw(bytes);
}
