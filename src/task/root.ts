/** Starts the reaper of this program, once, from the thread that is its root. */
import { QuipeBug, QuipeError, inWords } from "../errors.ts";
import { ownWorkerError } from "../runtime/bundled-file.ts";
import { startThread } from "../runtime/start-thread.ts";
import { isPeerGone } from "../quipe/end-errors.ts";
import { letNamesTravel } from "../namespace/namespace.ts";
import { failureIn } from "../quipe/failures.ts";
import { letEndsTravel } from "../quipe/travelling-ends.ts";
import type { ToThread } from "../sync/messages.ts";
import { expectBuffers } from "../sync/supplied.ts";
import { drainInbox, listenToReaper, loseReaper, onMessage, thisThread } from "../sync/thread.ts";
import { abandonWaiters } from "../sync/wait.ts";
import { letHandlesTravel } from "./travelling-handles.ts";

/** Makes sure that this program has a reaper. Returns at once: the reaper finds the messages sent meanwhile. */
export function ensureReaper(): void {
  const thread = thisThread();
  if (thread.link !== undefined) return;
  const reaper = startThread(
    { role: "reaper", board: thread.board.buffer },
    {
      name: "quipe reaper",
      onExit: (code) => fail(new QuipeBug(`the reaper ended with exit code ${code}`)),
      onError: (error) => fail(ownWorkerError(error)),
      onNudge: () => drainInbox(),
    },
  );
  onMessage("reaperFailed", ({ why }) => fail(new QuipeBug(`the reaper failed: ${why}`)));
  reaper.unref();
  thread.link = reaper.link;
  expectBuffers();
  listenToReaper();
  onMessage("lost", raiseLost);
  letHandlesTravel();
  letEndsTravel();
  letNamesTravel();
}

/** Without a reaper nobody would ever be told of anything again; better to end loudly than to wait for ever. */
function fail(why: Error): never {
  loseReaper(why);
  abandonWaiters(why);
  throw why;
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
