/** Starts the reaper of this program, once, from the thread that is its root. */
import { threads } from "../runtime/host.ts";
import type { Enrolment } from "../sync/messages.ts";
import { thisThread } from "../sync/thread.ts";

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
  reaper.unref();
  port1.unref();
  thread.link = port1;
}
