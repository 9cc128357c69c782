/**
 * What a name may be bound to, and its bytes: what can be read by every task at any time. The codec of messages writes
 * and reads all of it but frozen data, for which more must be known than where it lies: it may have been thawed since.
 *
 *   REGION  address · whether that is the root · EPOCH when it was bound
 */
import { QuipeError, invariant } from "../errors.ts";
import { load } from "../runtime/atomics.ts";
import { thisThread } from "../sync/thread.ts";
import { ownerWordOf } from "../memory/titles.ts";
import { movedBy } from "../memory/flight.ts";
import { Guard } from "../memory/guard.ts";
import { type Pinned, holdRegion, leaveRegion } from "../memory/holding.ts";
import { type Address, HEADER, SLOT, STATE } from "../memory/layout.ts";
import { type Location, locate } from "../memory/location.ts";
import { lossOf } from "../memory/loss.ts";
import { type Ticket, handleKindOf } from "../memory/references.ts";
import { knownRegion, rememberOther } from "../memory/region-table.ts";
import { type Region, fetchRegion, openRegion } from "../memory/region.ts";
import { editableRoot, viewAt } from "../memory/views.ts";
import { decode } from "../quipe/decode.ts";
import { encode } from "../quipe/encode.ts";
import { Reader } from "../quipe/reader.ts";
import { findUnsendable } from "../quipe/sendable.ts";
import { Tag } from "../quipe/tags.ts";
import { Writer } from "../quipe/writer.ts";
import { ALWAYS, type BoundValue, type Liveness } from "./bindings.ts";
import { NamesStamp } from "./names-stamp.ts";

/** The first word of a reference to frozen data, whose lowest bits are no tag of the codec. */
const REGION = 0xff;
const WORD_BYTES = 4;

/** Used again and again: nothing that it writes for can come back here. */
const writer = new Writer();

/** What bytes mean, and for how long. */
export interface ReadValue {
  readonly value: unknown;
  /** Undefined if it must be read anew each time. */
  readonly liveness: Liveness | undefined;
}

/** What can be bound is named by one number. */
const NUMBERS_OF_A_HANDLE = 1;

/**
 * Encodes what `path` is to be bound to. Throws `not-shareable` with that path for what not every task can read at any
 * time, and the error of what this task has lost. Tells nobody of it yet.
 */
export function encodeBound(value: unknown, path: string): BoundValue {
  if (typeof value !== "object" || value === null) {
    if (typeof value === "function" || typeof value === "symbol") throw notShareable(path, value);
    return { bytes: bytesOfPrimitive(value), id: 0, keep: undefined };
  }
  const location = locate(value);
  if (location !== undefined) return encodeFrozen(location, path);
  const guarded = Guard.blockOf(value);
  if (guarded !== undefined) return reference([Tag.guard, guarded.id], guarded, guarded.id);
  const stamp = NamesStamp.of(value);
  const kind = handleKindOf(value);
  if (kind?.isBindable !== true) throw notShareable(path, value);
  const id = stamp?.block.id ?? numberIn(kind.ticketOf(value));
  if (stamp !== undefined) rememberOther(id, stamp.block); // that is how its bytes are read again
  return reference([Tag.handle, kind.code, NUMBERS_OF_A_HANDLE, id], stamp?.block, id);
}

/**
 * Reads what a name is bound to. Throws `stale` for data that was thawed since, and what {@link fetchRegion} throws.
 * May block for an exchange or two with the reaper; what it returns is held for this task.
 */
export function decodeBound({ bytes, id }: BoundValue, path: string): ReadValue {
  if (bytes[0] !== REGION) return { value: decode(bytes, 0, bytes.length), liveness: ALWAYS };
  const reader = new Reader();
  reader.open(bytes, WORD_BYTES, bytes.length - WORD_BYTES);
  const [address, isRoot, epoch] = [reader.word(), reader.word() === 1, reader.word()];
  const region = openBound(id, path);
  const isSame = region.words[HEADER.EPOCH] === epoch;
  if (!isSame && !isRoot) throw thawedSince(path, region);
  if (region.isOwned) return { value: editableRoot(region), liveness: undefined };
  const place = isSame ? address : rootAddress(region);
  return { value: viewAt(region, place), liveness: region.frozen };
}

/** The region that frozen data lies in, if `value` is such data or what this task edits. */
export function regionBehind(value: unknown): Region | undefined {
  return typeof value === "object" && value !== null ? locate(value)?.region : undefined;
}

/** Whether this thread itself may thaw what is bound, so that it must ask of each use whether it has. */
export function isThawableHere(value: unknown): boolean {
  const region = regionBehind(value);
  if (region === undefined || region.state === STATE.FROZEN_FOR_EVER) return false;
  return load(region.words, HEADER.OWNER) === ownerWordOf(thisThread().task);
}

function encodeFrozen({ region, address }: Location, path: string): BoundValue {
  if (region.loss !== undefined || region.state === STATE.IN_FLIGHT) throw lossOf(region);
  if (!region.isFrozen) throw notFrozen(path, region);
  writer.clear();
  writer.word(REGION);
  writer.word(address);
  writer.word(address === rootAddress(region) ? 1 : 0);
  writer.word(region.words[HEADER.EPOCH] as number);
  return { bytes: writer.copy(), id: region.id, keep: region };
}

function reference(
  [tag, ...numbers]: readonly [tag: number, ...numbers: number[]],
  keep: Pinned | undefined,
  id: number,
): BoundValue {
  writer.clear();
  writer.word(tag);
  for (const number of numbers) writer.word(number);
  return { bytes: writer.copy(), id, keep };
}

function numberIn({ numbers: [id] }: Ticket): number {
  invariant(id !== undefined, "a handle was named by no number");
  return id;
}

function bytesOfPrimitive(value: unknown): Uint8Array {
  const encoded = encode(value);
  try {
    return encoded.writer.copy();
  } finally {
    encoded.release();
  }
}

/**
 * The region with number `id`, held for this task, unless its owner has thawed it. First the pin, then the look at its
 * state, and a thaw does it the other way round: one of the two sees the other.
 */
function openBound(id: number, path: string): Region {
  const known = knownRegion(id);
  if (known !== undefined) {
    if (known.isOwned || known.isFrozen || known.state === STATE.THAWING) return known;
    throw thawedSince(path, known);
  }
  const region = openRegion(fetchRegion(id));
  holdRegion(region);
  if (region.isFrozen) return region;
  leaveRegion(region);
  region.lose("moved");
  throw thawedSince(path, region);
}

function rootAddress({ words }: Region): Address {
  return words[HEADER.ROOT + SLOT.LOW] as Address;
}

function notFrozen(path: string, { id, state }: Region): QuipeError {
  if (state === STATE.GUARDED) {
    return new QuipeError(
      "not-shareable",
      `${path} cannot be bound to region ${id}, which is guarded. Bind its guard, or a snapshot() of it.`,
    );
  }
  return new QuipeError(
    "not-shareable",
    `${path} cannot be bound to region ${id}, which its owner may still write. Bind freeze(it), or guard(it) if many are to change it.`,
  );
}

/** The error for who reads a name whose data was thawed. */
function thawedSince(path: string, { id }: Region): QuipeError {
  return new QuipeError(
    "stale",
    `${path} is bound to region ${id}, which its owner has thawed since. It can be read when that is frozen and bound again; a locked name would have prevented it.`,
  );
}

/** A value that is not in shared memory, or cannot be. What inside of it is to blame is searched for only here. */
function notShareable(path: string, value: unknown): QuipeError {
  if (typeof value === "object" && value !== null && movedBy(value) !== undefined) {
    return new QuipeError(
      "not-shareable",
      `${path} cannot be bound to what is moved: only one task can have that. Bind freeze(it).`,
    );
  }
  const { path: inside, why } = findUnsendable(value);
  if (why !== undefined) {
    return new QuipeError("not-shareable", `${path}${inside.slice(1)} cannot be bound: ${why}`);
  }
  return new QuipeError(
    "not-shareable",
    `${path} cannot be bound to ordinary data, of which each task would have a copy of its own. Bind freeze(it), or guard(it) if it is to change.`,
  );
}
