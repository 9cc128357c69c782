/**
 * Bytes to text, strictly: what is not UTF-8 is refused, never replaced by question marks.
 */
import { isAscii, isUtf8 } from "node:buffer";

/** The text that the bytes stand for; undefined if they are not UTF-8. */
export function decodeUtf8(bytes: Buffer): string | undefined {
  if (isAscii(bytes)) return bytes.toString("latin1");
  return isUtf8(bytes) ? bytes.toString("utf8") : undefined;
}

/** The bytes without a byte order mark in front. */
export function withoutByteOrderMark(bytes: Buffer): Buffer {
  const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return marked ? bytes.subarray(3) : bytes;
}

/** Words for a byte that no UTF-8 text holds. */
export const notUtf8 = "not valid UTF-8; convert it first, for example with iconv";
