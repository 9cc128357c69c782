/**
 * The shared memory of a quipe: words about the life of the task that it leads to (quipe-layout.ts), and two
 * lanes, one for each direction.
 *
 *   end 0 ═══ first lane ══▶ end 1
 *   end 0 ◀══ second lane ══ end 1
 */
import { countSmall } from "../memory/ballast.ts";
import { laneBytes } from "./lane-layout.ts";
import { QUIPE_HEADER_BYTES } from "./quipe-layout.ts";
import { type Lane, createLane, openLane } from "./lane.ts";

/** How large the lanes of a quipe are; options of {@link spawn}. */
export interface QuipeSize {
  /** Items that may wait in each direction; 64 unless said otherwise. */
  readonly capacity?: number | undefined;
  /** Bytes that may wait in each direction; 65,536 unless said otherwise, rounded up to a power of two. */
  readonly maxBytes?: number | undefined;
}

const DEFAULT_CAPACITY = 64;
const DEFAULT_BYTES = 65_536;
const MIN_BYTES = 256;
/** An item of a quarter of it still has its length in the bits of a header. */
const MAX_BYTES = 0x1000_0000;
const MAX_CAPACITY = 0x4000_0000;

/** Makes the shared memory of a quipe: two lanes, one for each direction. */
export function createQuipe({ capacity, maxBytes }: QuipeSize = {}): SharedArrayBuffer {
  const items = checkedSize("capacity", capacity ?? DEFAULT_CAPACITY, 1, MAX_CAPACITY);
  const ring = checkedSize("maxBytes", maxBytes ?? DEFAULT_BYTES, MIN_BYTES, MAX_BYTES);
  const ringUnits = 2 ** Math.ceil(Math.log2(ring)) / 8;
  const bytes = laneBytes(ringUnits);
  const buffer = new SharedArrayBuffer(QUIPE_HEADER_BYTES + bytes * 2);
  countSmall(buffer.byteLength);
  createLane(buffer, QUIPE_HEADER_BYTES, { capacity: items, ringUnits });
  createLane(buffer, QUIPE_HEADER_BYTES + bytes, { capacity: items, ringUnits });
  return buffer;
}

/** The two lanes of a quipe, in the order in which they lie. */
export function lanesOf(quipe: SharedArrayBuffer): readonly [Lane, Lane] {
  const bytes = (quipe.byteLength - QUIPE_HEADER_BYTES) / 2;
  return [openLane(quipe, QUIPE_HEADER_BYTES), openLane(quipe, QUIPE_HEADER_BYTES + bytes)];
}

function checkedSize(name: string, value: number, least: number, most: number): number {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(
      `Expected \`${name}\` to be a whole number from ${least} to ${most}, got ${value}.`,
    );
  }
  return value;
}
