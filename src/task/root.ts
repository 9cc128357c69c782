/** Starts the reaper of this program, once, from the thread that is its root. */
import { QuipeBug, QuipeError, inWords } from "../errors.ts";
import { threads } from "../runtime/host.ts";
import { isPeerGone } from "../quipe/end-errors.ts";
import { letNamesTravel } from "../namespace/namespace.ts";
import { failureIn } from "../quipe/failures.ts";
import { letEndsTravel } from "../quipe/travelling-ends.ts";
import type { Enrolment } from "../sync/enrolment.ts";
import type { ToThread } from "../sync/messages.ts";
import { drainInbox, onMessage, thisThread } from "../sync/thread.ts";
import { letHandlesTravel } from "./travelling-handles.ts";

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
  reaper.on("message", drainInbox);
  reaper.unref();
  port1.unref();
  thread.link = port1;
  onMessage("lost", raiseLost);
  letHandlesTravel();
  letEndsTravel();
  letNamesTravel();
}

/**
 * A task has failed, and no task is left that could be told: it is raised here, as an unhandled rejection. Unless it
 * failed because whoever it talked to is gone: that end has been told, and ending the program for it would make
 * killing a task mean killing the program.
 */
function raiseLost({ name, parcel }: Extract<ToThread, { kind: "lost" }>): void {
  const error = failureIn(parcel);
  if (isPeerGone(error)) return;
  void Promise.reject(
    new QuipeError(
      "peer-failed",
      `The task "${name}" failed, and nobody is left to be told: the task that spawned it is gone, or its handles are. ${inWords(error)}`,
      { cause: error },
    ),
  );
}
