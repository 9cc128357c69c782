/**
 * How large the memory of an owned region is, and how it grows: in steps of half its size, within what
 * was reserved. Reserved memory is address space and costs nothing until it is used, but it is not
 * endless, so modest amounts are reserved and a region that outgrows them moves to a larger buffer.
 *
 *   live words ─▶ limit: almost twice as many ─▶ memory grows in steps up to it ─▶ compaction, and a new limit
 *
 * So memory stays within twice of what a fresh share would take, which keeps a few equal strings fewer, and a compaction, which costs as much as there is live, comes
 * only after edits have taken a good part of that again.
 */
import { QuipeError } from "../errors.ts";
import { MAXIMUM_WORDS } from "./layout.ts";
import { takeSpare } from "./spares.ts";

const LEAST_BYTES = 1 << 12;
const LEAST_RESERVED_BYTES = 1 << 24;
const LARGEST_FIXED_BYTES = 1 << 14;
const MAXIMUM_BYTES = MAXIMUM_WORDS * 4 - 65_536;

const GROWTH = 1.875;

/** A region with less is not worth compacting. */
const LEAST_LIMIT_WORDS = 1 << 14;

/** How far past its limit a region grows in the smallest steps. */
const FAR_PAST = 1.01;

/** The words that a region with `live` ones may grow to before it is compacted. */
export function limitFor(live: number): number {
  const pages = Math.floor((live * 4 * GROWTH) / LEAST_BYTES);
  return Math.max(LEAST_LIMIT_WORDS, (pages * LEAST_BYTES) / 4);
}

/** The bytes that a region should have which needs `words` words and may have `limit` before it is compacted. */
export function sizeFor(words: number, limit: number): number {
  const needed = words * 4;
  if (needed > MAXIMUM_BYTES) {
    throw new QuipeError(
      "out-of-memory",
      "The region would take more than 4 GB, the most it can have.",
    );
  }
  const generous = Math.max(needed * 1.5, LEAST_BYTES);
  // An edit that passes the limit by a little is followed by a compaction; an update that goes on may need a lot.
  const isFarPast = needed > limit * 4 * FAR_PAST;
  const size = isFarPast ? generous : Math.max(needed, Math.min(generous, limit * 4));
  return Math.min(roundUp(size), MAXIMUM_BYTES);
}

/** The most bytes that the memory of a region with this limit should have, where one is free to choose. */
export function mostBytes(limit: number): number {
  return (limit * 4 * 2) / GROWTH;
}

/** A zeroed buffer of `bytes`, or of up to `most`, that can grow. */
export function growableBuffer(bytes: number, most: number = bytes): SharedArrayBuffer {
  const size = roundUp(bytes);
  const spare = takeSpare(size, Math.max(size, most));
  if (spare !== undefined) return spare;
  const maxByteLength = Math.min(Math.max(size * 8, LEAST_RESERVED_BYTES), MAXIMUM_BYTES);
  return new SharedArrayBuffer(size, { maxByteLength });
}

/**
 * A zeroed buffer of `bytes` for a region that is made. A small one cannot grow, so that it comes from the heap of
 * the process: each one that can takes memory mappings, of which a process may have some 65,000.
 */
export function firstBuffer(bytes: number): SharedArrayBuffer {
  return bytes > LARGEST_FIXED_BYTES
    ? growableBuffer(bytes)
    : new SharedArrayBuffer(roundUp(bytes));
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / LEAST_BYTES) * LEAST_BYTES;
}
