/**
 * How large the memory of an owned region is, and how it grows: in steps of half its size, within what
 * was reserved. Reserved memory is address space and costs nothing until it is used, but it is not
 * endless, so modest amounts are reserved and a region that outgrows them moves to a larger buffer.
 */
import { QuipeError } from "../errors.ts";
import { MAXIMUM_WORDS } from "./layout.ts";

const LEAST_BYTES = 1 << 12;
const LEAST_RESERVED_BYTES = 1 << 24;
const MAXIMUM_BYTES = MAXIMUM_WORDS * 4 - 65_536;

/** The bytes that a region which needs `words` words should have. */
export function sizeFor(words: number): number {
  const needed = words * 4;
  if (needed > MAXIMUM_BYTES) {
    throw new QuipeError(
      "out-of-memory",
      "The region would take more than 4 GB, the most it can have.",
    );
  }
  return Math.min(roundUp(Math.max(needed * 1.5, LEAST_BYTES)), MAXIMUM_BYTES);
}

/** A zeroed buffer of `bytes` that can grow eightfold and more. */
export function growableBuffer(bytes: number): SharedArrayBuffer {
  const size = roundUp(bytes);
  const maxByteLength = Math.min(Math.max(size * 8, LEAST_RESERVED_BYTES), MAXIMUM_BYTES);
  return new SharedArrayBuffer(size, { maxByteLength });
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / LEAST_BYTES) * LEAST_BYTES;
}
