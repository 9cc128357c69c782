/** The task that a pool starts as its worker: it answers calls until the pool closes its end. */
import type { End } from "../quipe/end.ts";
import { heapBytesUsed } from "../runtime/host.ts";
import { thisThread } from "../sync/thread.ts";
import { onStopQuestion } from "../sync/wait.ts";
import { current, showAsCurrent } from "../task/current.ts";
import { task } from "../task/entry.ts";
import { forgetScopes } from "../task/open-scopes.ts";
import { loadEntry } from "../task/loading.ts";
import { noteSlot } from "./call-words.ts";
import { showCalls } from "./current-call.ts";
import { type Reply, type Request, serveCalls } from "./server.ts";

/** Measuring a heap takes some microseconds, so it is not done more often. */
const HEAP_LOOK_MS = 5;

/** Serves calls. `heapBytes` is what the heap may grow to before the pool is told. */
export const serverTask: (words: Int32Array, heapBytes: number | undefined) => Promise<void> = task(
  import.meta.url,
  async function serve(words: Int32Array, heapBytes: number | undefined): Promise<void> {
    const end = current().quipe as End<Reply, Request>;
    noteSlot(words, thisThread().task.slot);
    try {
      const isFull = heapBytes === undefined ? (): boolean => false : heapWatch(heapBytes);
      await serveCalls({ end, words, load: loadEntry, show: showCalls(words), isFull });
    } finally {
      onStopQuestion(undefined);
      showAsCurrent(undefined);
      forgetScopes(); // what calls have left open must not keep a pool from closing
    }
  },
  "quipe:serve",
);

function heapWatch(heapBytes: number): () => boolean {
  let lookedAtMs = 0;
  return () => {
    const nowMs = performance.now();
    if (nowMs - lookedAtMs < HEAP_LOOK_MS) return false;
    lookedAtMs = nowMs;
    return heapBytesUsed() > heapBytes;
  };
}
