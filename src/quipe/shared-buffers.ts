/**
 * SharedArrayBuffers of the program itself, as they go through lanes: by number, never copied. The task that
 * sends one keeps it in the directory for as long as it lives and uses it; so does each task that passes it on.
 */
import { fetchBuffer, nextBufferId, publishBuffer, reportUnused } from "../sync/buffers.ts";
import { keyOfTask } from "../sync/board.ts";
import { letGoOfSupply } from "../sync/supplied.ts";
import { thisThread } from "../sync/thread.ts";

interface Known {
  readonly id: number;
  /** The generation and slot of the task that published it from here last. */
  publisher: string;
}

const known = new WeakMap<SharedArrayBuffer, Known>();
const collected = new FinalizationRegistry<number>(reportUnused);

/** The number of a buffer, which is in the directory from now on. */
export function sharedBufferId(buffer: SharedArrayBuffer): number {
  const publisher = keyOfTask(thisThread().task);
  const entry = known.get(buffer) ?? remember(buffer, nextBufferId());
  if (entry.publisher !== publisher) {
    publishBuffer({ id: entry.id, buffer, holding: "publisher", carries: [] });
    entry.publisher = publisher;
  }
  return entry.id;
}

/** The buffer with number `id`, got from the reaper. */
export function sharedBuffer(id: number): SharedArrayBuffer {
  const buffer = fetchBuffer(id);
  letGoOfSupply(id);
  remember(buffer, id);
  return buffer;
}

function remember(buffer: SharedArrayBuffer, id: number): Known {
  const entry: Known = { id, publisher: "" };
  known.set(buffer, entry);
  collected.register(buffer, id);
  return entry;
}
