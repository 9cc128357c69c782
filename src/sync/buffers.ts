/**
 * Shared buffers by number. A reference that crosses threads names its buffer by id; a thread that meets an
 * id it does not know asks the reaper, which keeps the directory, and is answered through its inbox,
 * also while it blocks.
 *
 *   maker:     publish(id, buffer) ──▶ reaper's directory
 *   stranger:  fetch(id) ──▶ reaper ──▶ inbox, doorbell
 *   anybody:   unused(id) ──▶ reaper, which drops it unless somebody holds it still
 */
import { QuipeError } from "../errors.ts";
import { BlockedOn, takeBufferId } from "./board.ts";
import type { Publication } from "./messages.ts";
import { onMessage, tellReaper, thisThread } from "./thread.ts";
import { type WaitTarget, block } from "./wait.ts";

const FETCH: WaitTarget = { code: BlockedOn.buffer, text: "a shared buffer", ignoresCancel: true };
const arrived = new Map<number, SharedArrayBuffer | undefined>();

/** A number that no other shared buffer of this program has. */
export function nextBufferId(): number {
  return takeBufferId(thisThread().board);
}

/** Enters a buffer in the directory, so that other threads can fetch it. Never waits. */
export function publishBuffer(publication: Publication): void {
  tellReaper({ kind: "publish", publication });
}

/** Gets a buffer that another thread published. Blocks for one exchange with the reaper. Throws `released` if it is gone. */
export function fetchBuffer(id: number): SharedArrayBuffer {
  onMessage("buffer", (message) => arrived.set(message.id, message.buffer));
  tellReaper({ kind: "fetch", id, slot: thisThread().task.slot });
  block(() => arrived.has(id), FETCH);
  const buffer = arrived.get(id);
  arrived.delete(id);
  if (buffer === undefined) {
    throw new QuipeError("released", `Shared buffer ${id} is gone: its owner released it.`);
  }
  return buffer;
}

/** Says that this thread has no more use for a buffer, so that the reaper looks whether anybody has. */
export function reportUnused(id: number): void {
  tellReaper({ kind: "unused", id });
}
