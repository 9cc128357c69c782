/** Starts the reaper of this program, once, from the thread that is its root. */
import { QuipeBug } from "../errors.ts";
import { threads } from "../runtime/host.ts";
import type { Enrolment } from "../sync/messages.ts";
import { onMessage, thisThread } from "../sync/thread.ts";

/** Makes sure that this program has a reaper. Returns at once: the reaper finds the messages sent meanwhile. */
export function ensureReaper(): void {
  const thread = thisThread();
  if (thread.link !== undefined) return;
  const { MessageChannel, Worker } = threads();
  const { port1, port2 } = new MessageChannel();
  const enrolment: Enrolment = { role: "reaper", board: thread.board.buffer, link: port2 };
  const reaper = new Worker(new URL("./boot.js", import.meta.url), {
    workerData: { quipe: enrolment },
    transferList: [port2],
    name: "quipe reaper",
  });
  // Without it nobody would ever be told of anything again; better to end loudly than to wait for ever.
  onMessage("reaperFailed", ({ why }) => {
    throw new QuipeBug(`the reaper failed: ${why}`);
  });
  reaper.once("exit", (code) => {
    throw new QuipeBug(`the reaper ended with exit code ${code}`);
  });
  reaper.unref();
  port1.unref();
  thread.link = port1;
}
