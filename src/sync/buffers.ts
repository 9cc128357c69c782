/**
 * Shared buffers by number. A reference that crosses threads names its buffer by id; a thread that meets an
 * id it does not know asks the reaper, which keeps the directory, and is answered through its inbox,
 * also while it blocks.
 *
 *   maker:     publish(id, buffer) ──▶ reaper's directory
 *   stranger:  fetch(id) ──▶ reaper ──▶ inbox, doorbell          in a browser: supplied.ts
 *   anybody:   unused(id) ──▶ reaper, which drops it unless somebody holds it still
 */
import { hearsWhileBlocked } from "../runtime/host.ts";
import { takeBufferId } from "./board.ts";
import type { Publication } from "./messages.ts";
import { FETCH, goneError, noteOwn, suppliedBuffer } from "./supplied.ts";
import { onMessage, tellReaper, thisThread } from "./thread.ts";
import { block } from "./wait.ts";

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
  noteOwn(publication);
}

/**
 * Gets a buffer that another thread published, another than `outdated`. Blocks for one exchange with the reaper; in a
 * browser throws `BufferOnItsWay` instead, unless it is here already. Throws `released` if it is gone.
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
  if (buffer === undefined) throw goneError(id);
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

/** Says that this thread has no more use for a buffer, so that the reaper looks whether anybody has. */
export function reportUnused(id: number): void {
  tellReaper({ kind: "unused", id });
}
