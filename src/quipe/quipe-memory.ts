/**
 * The shared memory of a quipe, as one thread sees it: two lanes, and the words about its ends (ends-layout.ts).
 *
 *   end 0 ═══ first lane ══▶ end 1
 *   end 0 ◀══ second lane ══ end 1
 *
 * In that of a task's quipe the words about the task's life come first (quipe-layout.ts).
 */
import { checkSharedMemory } from "../runtime/host.ts";
import { invariant } from "../errors.ts";
import { countSmall } from "../memory/ballast.ts";
import type { Pinned } from "../memory/holding.ts";
import { ENDS, ENDS_MAGIC, ENDS_WORDS, Overflow } from "./ends-layout.ts";
import { laneBytes } from "./lane-layout.ts";
import { type Lane, createLane, openLane } from "./lane-memory.ts";
import { QUIPE_HEADER_BYTES } from "./quipe-layout.ts";

/** How large the lanes of a quipe are; options of {@link quipe} and {@link spawn}. */
export interface QuipeSize {
  /** Items that may wait in each direction; 64 unless said otherwise. */
  readonly capacity?: number | undefined;
  /** Bytes that may wait in each direction; 65,536 unless said otherwise, rounded up to a power of two. */
  readonly maxBytes?: number | undefined;
}

/** How the memory of a quipe is laid out. */
export interface QuipePlan extends QuipeSize {
  /** Whether it leads to a task. */
  readonly isOfTask?: boolean;
  readonly overflow?: keyof typeof Overflow | undefined;
}

/** One of the two sides of a quipe. Side 0 sends into the first lane, side 1 into the second. */
export type Side = 0 | 1;

/** The other one. */
export function otherSide(side: Side): Side {
  return side === 0 ? 1 : 0;
}

const DEFAULT_CAPACITY = 64;
const DEFAULT_BYTES = 65_536;
const MIN_BYTES = 256;
/** An item of a quarter of it still has its length in the bits of a header. */
const MAX_BYTES = 0x1000_0000;
const MAX_CAPACITY = 0x4000_0000;
const ENDS_BYTES = ENDS_WORDS * 4;
const NONE: readonly Pinned[] = [];

/** The memory of one quipe in one thread. */
export class QuipeMemory implements Pinned {
  readonly buffer: SharedArrayBuffer;
  /** From the words about the ends on; those about a task's life lie before. */
  readonly words: Int32Array;
  readonly lanes: readonly [Lane, Lane];
  heldIn = 0;
  isEntered = false;
  /** Whether this task has told the reaper of it since it took it up. */
  isTold = false;

  constructor(buffer: SharedArrayBuffer) {
    const begin = endsBegin(buffer);
    this.buffer = buffer;
    this.words = new Int32Array(buffer, begin);
    const laneBegin = begin + ENDS_BYTES;
    const bytes = (buffer.byteLength - laneBegin) / 2;
    this.lanes = [openLane(buffer, laneBegin), openLane(buffer, laneBegin + bytes)];
  }

  /** The number under which other threads know it; 0 if none does. */
  get id(): number {
    return this.words[ENDS.ID] as number;
  }

  /** Whether it leads to a task, so that the reaper has it from the start. */
  get isOfTask(): boolean {
    return this.words.byteOffset > 0;
  }

  get neighbours(): readonly Pinned[] {
    return NONE;
  }

  /** The lane into which a side sends. */
  laneFrom(side: Side): Lane {
    return this.lanes[side];
  }
}

/** Where the words about the ends begin, in bytes. */
export function endsBegin(buffer: SharedArrayBuffer): number {
  const first = new Int32Array(buffer, 0, 1)[0];
  return first === ENDS_MAGIC ? 0 : QUIPE_HEADER_BYTES;
}

/** Makes the shared memory of a quipe. Throws `RangeError` and `TypeError` for sizes that are none. */
export function createQuipe(plan: QuipePlan = {}): SharedArrayBuffer {
  const { capacity, maxBytes, isOfTask = true, overflow = "wait" } = plan;
  const items = checkedSize("capacity", capacity ?? DEFAULT_CAPACITY, 0, MAX_CAPACITY);
  const ring = checkedSize("maxBytes", maxBytes ?? DEFAULT_BYTES, MIN_BYTES, MAX_BYTES);
  const ringUnits = 2 ** Math.ceil(Math.log2(ring)) / 8;
  const bytes = quipeBytes(ringUnits, isOfTask);
  checkSharedMemory();
  const buffer = new SharedArrayBuffer(bytes);
  countSmall(bytes);
  layQuipe(buffer, { capacity: items, ringUnits, isOfTask, overflow });
  return buffer;
}

/** How much shared memory a quipe takes. */
export function quipeBytes(ringUnits: number, isOfTask: boolean): number {
  return (isOfTask ? QUIPE_HEADER_BYTES : 0) + ENDS_BYTES + laneBytes(ringUnits) * 2;
}

/** What is fixed at the birth of a quipe. */
export interface QuipeBirth {
  readonly capacity: number;
  readonly ringUnits: number;
  readonly isOfTask: boolean;
  readonly overflow: keyof typeof Overflow;
}

/** Makes a quipe in fresh, zeroed memory. */
export function layQuipe(buffer: SharedArrayBuffer, birth: QuipeBirth): void {
  const { ringUnits, isOfTask, overflow } = birth;
  invariant(buffer.byteLength === quipeBytes(ringUnits, isOfTask), "a quipe of another size");
  const begin = isOfTask ? QUIPE_HEADER_BYTES : 0;
  const words = new Int32Array(buffer, begin);
  words[ENDS.MAGIC] = ENDS_MAGIC;
  words[ENDS.OVERFLOW] = Overflow[overflow];
  if (Overflow[overflow] === Overflow["drop-oldest"]) words[ENDS.SHARED] = 3; // who sends also takes out
  const laneBegin = begin + ENDS_BYTES;
  createLane(buffer, laneBegin, birth);
  createLane(buffer, laneBegin + laneBytes(ringUnits), birth);
}

/** The two lanes of a quipe, in the order in which they lie. */
export function lanesOf(buffer: SharedArrayBuffer): readonly [Lane, Lane] {
  return new QuipeMemory(buffer).lanes;
}

function checkedSize(name: string, value: number, least: number, most: number): number {
  if (typeof value !== "number") {
    throw new TypeError(`Expected \`${name}\` to be a number, got ${String(value)}.`);
  }
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(
      `Expected \`${name}\` to be a whole number from ${least} to ${most}, got ${value}.`,
    );
  }
  return value;
}
