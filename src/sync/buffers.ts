/**
 * Shared buffers by number. A reference that crosses threads names its buffer by id; a thread that meets an
 * id it does not know asks the reaper, which keeps the directory, and is answered through its inbox,
 * also while it blocks.
 *
 *   maker:     publish(id, buffer) ──▶ reaper's directory
 *   stranger:  fetch(id) ──▶ reaper ──▶ inbox, doorbell
 *   anybody:   unused(id) ──▶ reaper, which drops it unless somebody holds it still
 *
 * In a browser shared memory comes in by the event loop only. There the reaper sends the buffers that a message names before
 * the message, and this thread keeps each until the reaper says that its number means nothing any more. One that is not
 * here yet is asked for, and whoever needs it gets {@link BufferOnItsWay}: a wait that does not block tries again when it
 * is here (wait.ts), and anything else fails with that, having done nothing. Only parcels, which never change, come as a
 * copy of their bytes, also while the thread blocks.
 */
import { QuipeError } from "../errors.ts";
import { canBlock, hearsWhileBlocked } from "../runtime/host.ts";
import { BlockedOn, takeBufferId } from "./board.ts";
import type { Publication } from "./messages.ts";
import { onMessage, tellReaper, thisThread } from "./thread.ts";
import { type WaitTarget, block } from "./wait.ts";
import { BufferOnItsWay } from "./on-its-way.ts";

const FETCH: WaitTarget = { code: BlockedOn.buffer, text: "a shared buffer", ignoresCancel: true };

/** A question to the reaper, and its answer. */
interface Fetch {
  /** How many calls wait for it: a message that is acted on while one waits may need the same buffer. */
  askers: number;
  answer: { readonly buffer: SharedArrayBuffer | undefined } | undefined;
}

const fetches = new Map<number, Fetch>();

/** A number that no other shared buffer of this program has. */
export function nextBufferId(): number {
  return takeBufferId(thisThread().board);
}

/** Enters a buffer in the directory, so that other threads can fetch it. Never waits. */
export function publishBuffer(publication: Publication): void {
  tellReaper({ kind: "publish", publication });
}

/**
 * Gets a buffer that another thread published, another than `outdated`. Blocks for one exchange with the reaper; in a
 * browser throws {@link BufferOnItsWay} instead. Throws `released` if it is gone.
 */
export function fetchBuffer(id: number, outdated?: SharedArrayBuffer): SharedArrayBuffer {
  if (!hearsWhileBlocked()) return suppliedBuffer(id, outdated);
  const fetch = fetches.get(id) ?? ask(id);
  fetch.askers += 1;
  try {
    block(() => fetch.answer !== undefined, FETCH);
  } finally {
    fetch.askers -= 1;
    if (fetch.askers === 0) fetches.delete(id); // the buffer may be another one when it is fetched next
  }
  const buffer = fetch.answer?.buffer;
  if (buffer === undefined) throw gone(id);
  return buffer;
}

function ask(id: number): Fetch {
  const fetch: Fetch = { askers: 0, answer: undefined };
  onMessage("buffer", ({ id: asked, buffer }) => {
    const known = fetches.get(asked);
    if (known !== undefined) known.answer = { buffer };
  });
  tellReaper({ kind: "fetch", id, slot: thisThread().task.slot });
  fetches.set(id, fetch); // not before it is asked for: that may throw
  return fetch;
}

/** What is here, in a browser: buffers by number. */
const supplies = new Map<number, SharedArrayBuffer>();
/** What was asked for and is not here: what was answered so far. */
const asked = new Map<number, "nothing" | "coming" | "gone">();

/** Takes in what the reaper sends, in a browser. */
export function expectBuffers(): void {
  if (hearsWhileBlocked()) return;
  onMessage("supply", ({ buffers, gone: ids }) => {
    for (const { id, buffer } of buffers) supply(id, buffer);
    for (const id of ids) supplies.delete(id);
  });
  onMessage("fetched", ({ id, isComing, bytes }) => {
    if (bytes !== undefined) supply(id, sharedCopy(bytes));
    else if (asked.has(id)) asked.set(id, isComing ? "coming" : "gone");
  });
}

function supply(id: number, buffer: SharedArrayBuffer): void {
  supplies.set(id, buffer);
  asked.delete(id);
}

function sharedCopy(bytes: ArrayBuffer): SharedArrayBuffer {
  const copy = new SharedArrayBuffer(bytes.byteLength);
  new Uint8Array(copy).set(new Uint8Array(bytes));
  return copy;
}

/** What is here, or the bytes of a parcel, for which a thread that may block does so for one exchange with the reaper. */
function suppliedBuffer(id: number, outdated: SharedArrayBuffer | undefined): SharedArrayBuffer {
  const here = supplies.get(id);
  if (here !== undefined && here !== outdated) return here;
  supplies.delete(id);
  if (!asked.has(id)) {
    tellReaper({ kind: "fetch", id, slot: thisThread().task.slot });
    asked.set(id, "nothing");
  }
  if (canBlock()) block(() => asked.get(id) !== "nothing", FETCH);
  const known = supplies.get(id);
  if (known !== undefined) return known;
  if (asked.get(id) !== "gone") throw new BufferOnItsWay();
  asked.delete(id);
  throw gone(id);
}

function gone(id: number): QuipeError {
  return new QuipeError("released", `Shared buffer ${id} is gone: its owner released it.`);
}

/** Says that this thread has no more use for a buffer, so that the reaper looks whether anybody has. */
export function reportUnused(id: number): void {
  tellReaper({ kind: "unused", id });
}
