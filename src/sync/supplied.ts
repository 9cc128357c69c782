/**
 * Shared buffers in a browser, where shared memory comes in by the event loop only. The reaper sends the buffers that a
 * message names before the message, and this thread keeps each until the reaper says that its number means nothing any more.
 *
 *   here ──▶ used as often as needed            asked for ──▶ coming ──▶ here, with the next turn of the event loop
 *                                                       ├──▶ in vain: no such buffer yet
 *                                                       └──▶ gone
 *
 * One that is not here yet is asked for, and whoever needs it gets {@link BufferOnItsWay}: a wait that does not block tries
 * again when it is here (wait.ts), and anything else fails with that, having done nothing. Only parcels, which never
 * change, come as a copy of their bytes, also while the thread blocks.
 */
import { QuipeError } from "../errors.ts";
import { canBlock, hearsWhileBlocked } from "../runtime/host.ts";
import { BlockedOn } from "./board.ts";
import type { Publication, Supplied } from "./messages.ts";
import { BufferOnItsWay } from "./on-its-way.ts";
import { onMessage, tellReaper, thisThread } from "./thread.ts";
import { type WaitTarget, block, park } from "./wait.ts";

/** What a wait for a shared buffer is called. */
export const FETCH: WaitTarget = {
  code: BlockedOn.buffer,
  text: "a shared buffer",
  ignoresCancel: true,
};

interface Supply extends Supplied {
  /** Whether the reaper, when asked for a later edition, knew of none. */
  readonly isLatest: boolean;
}

const supplies = new Map<number, Supply>();
/** What the parcels that are here carry. */
const carriedBy = new Map<number, readonly number[]>();
/** What was asked for and is not here. */
const asked = new Map<number, "unanswered" | "coming" | "in vain" | "gone">();

/** Takes in what the reaper sends, in a browser. */
export function expectBuffers(): void {
  if (hearsWhileBlocked()) return;
  onMessage("supply", ({ buffers, gone }) => {
    for (const one of buffers) supply(one);
    for (const id of gone) {
      supplies.delete(id);
      carriedBy.delete(id);
    }
  });
  onMessage("fetched", ({ id, found, parcel }) => {
    if (parcel !== undefined) {
      carriedBy.set(id, parcel.carries);
      supply({ id, buffer: sharedCopy(parcel.bytes) });
    } else if (asked.has(id)) asked.set(id, found);
  });
}

function supply({ id, buffer, edition }: Supplied): void {
  const known = supplies.get(id);
  const isLatest = asked.delete(id) && known?.buffer === buffer && known.edition === edition;
  supplies.set(id, { id, buffer, edition, isLatest });
}

function sharedCopy(bytes: ArrayBufferLike): SharedArrayBuffer {
  const copy = new SharedArrayBuffer(bytes.byteLength);
  new Uint8Array(copy).set(new Uint8Array(bytes));
  return copy;
}

/**
 * The buffer with this number, another than `outdated`, if it is here. For a parcel a thread that may block does so for one
 * exchange with the reaper. Throws {@link BufferOnItsWay}, or `released` if it is gone.
 */
export function suppliedBuffer(
  id: number,
  outdated: SharedArrayBuffer | undefined,
): SharedArrayBuffer {
  const here = supplies.get(id)?.buffer;
  if (here !== undefined && here !== outdated) return here;
  supplies.delete(id);
  if (!asked.has(id)) {
    tellReaper({ kind: "fetch", id, slot: thisThread().task.slot });
    asked.set(id, "unanswered");
  }
  awaitAnswers([id]);
  const known = supplies.get(id)?.buffer;
  if (known !== undefined) return known;
  if (!isInVain(id)) throw new BufferOnItsWay(id);
  asked.delete(id);
  throw goneError(id);
}

/**
 * Makes sure, before a message is read, that what it names is here as far as there is such a buffer, so that no message is
 * read by half. `isHere` says of what is supplied whether that is all. Throws {@link BufferOnItsWay}. Does nothing where
 * buffers can be fetched one by one.
 */
export function requireHere(
  ids: readonly number[],
  isHere: (id: number, supply: Supplied | undefined) => boolean,
): void {
  if (ids.length === 0 || hearsWhileBlocked()) return;
  const missing = ids.filter((id) => {
    const supplied = supplies.get(id);
    return supplied?.isLatest !== true && !isHere(id, supplied);
  });
  const unasked = missing.filter((id) => !asked.has(id));
  if (unasked.length > 0) {
    tellReaper({ kind: "prefetch", ids: unasked, slot: thisThread().task.slot });
    for (const id of unasked) asked.set(id, "unanswered");
  }
  awaitAnswers(missing);
  const coming = missing.find((id) => asked.has(id) && !isInVain(id));
  if (coming !== undefined) throw new BufferOnItsWay(coming);
  for (const id of missing) if (asked.get(id) === "in vain") asked.delete(id); // it may come yet
}

function isInVain(id: number): boolean {
  const state = asked.get(id);
  return state === "in vain" || state === "gone";
}

/** What this thread publishes it has itself; what lives only as long as the program uses it is not kept. */
export function noteOwn(publication: Publication): void {
  if (!hearsWhileBlocked() && publication.holding !== "publisher") supply(publication);
}

/** The program has the buffer now, and says when it uses it no more. */
export function letGoOfSupply(id: number): void {
  supplies.delete(id);
}

/** What a parcel that is here carries. */
export function carriedWith(id: number): readonly number[] {
  return carriedBy.get(id) ?? [];
}

/** The answers come also while the thread blocks, other than the memory itself. */
function awaitAnswers(ids: readonly number[]): void {
  if (canBlock()) block(() => ids.every((id) => asked.get(id) !== "unanswered"), FETCH);
}

/** Does something again that failed because a buffer was on its way, once that is here; rejects with any other failure. */
export async function onceHere<T>(failure: unknown, again: () => Promise<T>): Promise<T> {
  if (!(failure instanceof BufferOnItsWay)) throw failure;
  const { id } = failure;
  await park(() => !asked.has(id) || isInVain(id), FETCH);
  return await again();
}

/** What is thrown for a buffer that is gone. */
export function goneError(id: number): QuipeError {
  return new QuipeError("released", `Shared buffer ${id} is gone: its owner released it.`);
}
