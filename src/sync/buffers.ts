/**
 * Shared buffers by number. A reference that crosses threads names its buffer by id; a thread that meets an
 * id it does not know asks the reaper, which keeps the directory, and is answered through its inbox,
 * also while it blocks.
 *
 *   maker:     publish(id, buffer) ──▶ reaper's directory
 *   stranger:  fetch(id) ──▶ reaper ──▶ inbox, doorbell
 */
import { QuipeError } from "../errors.ts";
import { BlockedOn, takeBufferId } from "./board.ts";
import { onMessage, tellReaper, thisThread } from "./thread.ts";
import { block } from "./wait.ts";

const published = new WeakSet<SharedArrayBuffer>();
const arrived = new Map<number, SharedArrayBuffer | undefined>();

/** A number that no other shared buffer of this program has. */
export function nextBufferId(): number {
  return takeBufferId(thisThread().board);
}

/** Enters a buffer in the directory, once, so that other threads can fetch it. Never waits. */
export function publishBuffer(id: number, buffer: SharedArrayBuffer): void {
  if (published.has(buffer)) return;
  tellReaper({ kind: "publish", id, buffer });
  published.add(buffer);
}

/** Gets a buffer that another thread published. Blocks for one exchange with the reaper. Throws `released` if it is gone. */
export function fetchBuffer(id: number): SharedArrayBuffer {
  onMessage("buffer", (message) => arrived.set(message.id, message.buffer));
  tellReaper({ kind: "fetch", id, slot: thisThread().task.slot });
  block(() => arrived.has(id), { code: BlockedOn.buffer, text: "a shared buffer" });
  const buffer = arrived.get(id);
  arrived.delete(id);
  if (buffer === undefined) {
    throw new QuipeError("released", `Shared buffer ${id} is gone: its owner released it.`);
  }
  published.add(buffer);
  return buffer;
}

/** Takes a buffer out of the directory. Threads that hold it keep it. */
export function dropBuffer(id: number): void {
  tellReaper({ kind: "drop", id });
}
