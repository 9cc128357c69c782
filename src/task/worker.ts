/**
 * A worker thread: waits for a task, runs it, says how it ended, waits for the next.
 *
 *   reaper ── run ──▶ load the code, decode the arguments, call ── ended ──▶ reaper
 *
 * It decides nothing: the reaper settles the outcome, so a kill that comes first wins. The worker only says
 * whether it may be used again; one that was left with timers, sockets or a stray failure may not.
 */
import type { MessagePort } from "node:worker_threads";
import { QuipeError } from "../errors.ts";
import { endThread, flushOutput, onStrayError, openResources } from "../runtime/host.ts";
import { leaveRegions } from "../memory/holding.ts";
import { fromParcel } from "../quipe/decode.ts";
import { toParcel } from "../quipe/encode.ts";
import { Phase, advance, openBoard, phaseOfTask } from "../sync/board.ts";
import type { Enrolment, Parcel, Start, ToReaper, ToWorker } from "../sync/messages.ts";
import { joinThread, tellReaper, thisThread } from "../sync/thread.ts";
import { abandonWaiters } from "../sync/wait.ts";
import { enterTask, leaveTask } from "./current.ts";
import { loadEntry } from "./entry.ts";

type Ended = Extract<ToReaper, { kind: "ended" }>;

let runningStart: Start | undefined;

/** Serves tasks on this thread until the reaper ends it. */
export function serveTasks(enrolment: Enrolment, port: MessagePort): void {
  joinThread({
    board: openBoard(enrolment.board),
    task: { slot: -1, generation: -1 },
    link: enrolment.link,
  });
  port.on("message", (message: ToWorker) => {
    if (message.kind === "run") void run(message.start);
    else endThread(0);
  });
  onStrayError(stray);
}

async function run(start: Start): Promise<void> {
  const thread = thisThread();
  const idleResources = openResources();
  thread.task = start.task;
  runningStart = start;
  enterTask(start);
  const end = advance(thread.board, start.task, Phase.starting, Phase.running)
    ? await outcomeOf(start)
    : cancelled(undefined);
  if (runningStart !== start) return; // a stray failure has ended it already
  await flushOutput();
  finish(start, end, () => openResources() <= idleResources);
}

interface End {
  readonly how: Ended["how"];
  readonly parcel: Parcel;
}

async function outcomeOf(start: Start): Promise<End> {
  try {
    const fn = await loadEntry(start.entry);
    const args = fromParcel(start.arguments) as never[];
    return { how: "done", parcel: toParcel(await fn(...args)) };
  } catch (error) {
    if (isOwnCancel(error)) return cancelled(error);
    const how =
      error instanceof QuipeError && error.code === "module-not-loaded" ? "crashed" : "failed";
    return { how, parcel: failureParcel(explained(error, start)) };
  }
}

/** Ends the task with a failure that no `await` of it would have seen. */
function stray(error: unknown): void {
  const start = runningStart;
  if (start === undefined) endThread(1); // left over from an earlier task: this thread is not clean
  finish(start, { how: "failed", parcel: failureParcel(error) }, () => false);
}

function finish(start: Start, end: End, isClean: () => boolean): void {
  runningStart = undefined;
  leaveTask();
  leaveRegions();
  abandonWaiters(new QuipeError("closed", "The task that waited for this has ended."));
  tellReaper({ kind: "ended", task: start.task, ...end, reusable: isClean() });
}

function isOwnCancel(error: unknown): boolean {
  const { board, task } = thisThread();
  if (phaseOfTask(board, task) !== Phase.cancelling) return false;
  return error instanceof QuipeError && error.code === "cancelled";
}

function cancelled(error: unknown): End {
  return {
    how: "cancelled",
    parcel: failureParcel(error instanceof QuipeError ? error.cause : error),
  };
}

/** A failure as bytes, whatever was thrown: what cannot be sent is described instead. */
function failureParcel(error: unknown): Parcel {
  try {
    return toParcel(error);
  } catch (refusal) {
    const kind = typeof error === "function" ? `function ${error.name}` : String(error);
    return toParcel(
      new QuipeError("not-sendable", `The task threw a value that cannot be sent: ${kind}.`, {
        cause: refusal,
      }),
    );
  }
}

/** How V8 and JavaScriptCore say that a name means nothing. */
const MISSING_NAME = /^(?:Can't find variable: )?([\w$]+)(?: is not defined)?$/;

/** A name that an inline function does not find is most likely one that it closed over. */
function explained(error: unknown, { entry, name }: Start): unknown {
  if (entry.kind !== "source" || !(error instanceof ReferenceError)) return error;
  const missing = MISSING_NAME.exec(error.message)?.[1];
  if (missing === undefined || !entry.text.includes(missing)) return error;
  return new QuipeError(
    "not-isolated",
    `${error.message} in the inline task "${name}". It runs on another thread and closes over nothing: pass what it needs as an argument, or use task(import.meta.url, fn).`,
    { cause: error },
  );
}
