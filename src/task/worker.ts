/**
 * A worker thread: waits for a task, runs it, says how it ended, waits for the next.
 *
 *   reaper ── run ──▶ load the code, decode the arguments, call ── ended ──▶ reaper
 *
 * It decides nothing: the reaper settles the outcome, so a kill that comes first wins. The worker only says
 * whether it may be used again; one that was left with timers, sockets, a stray
 * failure or other built-in objects may not.
 */
import { QuipeError } from "../errors.ts";
import { builtInsAreIntact, noteBuiltIns } from "../runtime/built-ins.ts";
import {
  endThread,
  onStrayError,
  openResources,
  rejectionsReported,
  tellsOfTimers,
} from "../runtime/host.ts";
import type { Seat } from "../runtime/start-thread.ts";
import { findParser } from "../runtime/parser.ts";
import { canPrint, printDirectly } from "../runtime/output.ts";
import { countTimers } from "../runtime/timers.ts";
import { countSmall } from "../memory/ballast.ts";
import { leaveRegions } from "../memory/region.ts";
import { isHere } from "../memory/region-table.ts";
import { letNamesTravel } from "../namespace/namespace.ts";
import { toMovingParcel } from "../quipe/parcels.ts";
import { failureParcel } from "../quipe/failures.ts";
import { leaveEnds } from "../quipe/live-handle.ts";
import { letEndsTravel } from "../quipe/travelling-ends.ts";
import { BlockedOn, Phase, advance, noteBlockedOn, openBoard, phaseOfTask } from "../sync/board.ts";
import type { Parcel, Start, ToWorker } from "../sync/messages.ts";
import type { ToReaper } from "../sync/requests.ts";
import { expectBuffers, onceHere, requireHere } from "../sync/supplied.ts";
import { joinThread, listenToReaper, tellReaper, thisThread } from "../sync/thread.ts";
import { abandonWaiters, killedError } from "../sync/wait.ts";
import { runInContexts } from "./context.ts";
import { cancelBehind, enterContexts, enterNames, enterTask, leaveTask } from "./current.ts";
import { hasGuests } from "./guest.ts";
import { leaveHandles } from "./handle.ts";
import { type Handed, assigned, unpackHanded } from "./handed-names.ts";
import { evaluateInline } from "./inline.ts";
import { loadEntry } from "./loading.ts";
import { callBelowName } from "./named-frame.ts";
import { letHandlesTravel } from "./travelling-handles.ts";
import { forgetScopes, leavingScopes } from "./open-scopes.ts";
import { noteBegun, openLife, wakeWatchers } from "./life.ts";

type Ended = Extract<ToReaper, { kind: "ended" }>;

let runningStart: Start | undefined;
/** The error with which what an ended task still waited for is given up, until that is over. */
let givenUp: QuipeError | undefined;
/** Something else failed then. */
let hasStrayed = false;
/** As people count threads. */
let threadNumber = 0;

/** Serves tasks on this thread until the reaper ends it. */
export function serveTasks(board: SharedArrayBuffer, { link, orders, number }: Seat): void {
  printDirectly();
  if (!tellsOfTimers()) countTimers();
  threadNumber = number;
  joinThread({ board: openBoard(board), task: { slot: -1, generation: -1 }, link });
  link.checkBefore?.(throwIfDying);
  expectBuffers();
  listenToReaper();
  letHandlesTravel();
  letEndsTravel();
  letNamesTravel();
  onStrayError(stray);
  noteBuiltIns();
  tellReaper({ kind: "ready" });
  orders.on("message", (message) => {
    const order = message as ToWorker;
    if (order.kind === "run") void run(order.start);
    else endThread(0);
  });
}

/** A task that has been killed and runs on for a moment has nothing more to say: the reaper may not hear it. */
function throwIfDying(): void {
  const { board, task } = thisThread();
  const isDying = task.generation > 0 && phaseOfTask(board, task) === Phase.dying;
  if (isDying) throw killedError();
}

async function run(start: Start): Promise<void> {
  const thread = thisThread();
  const idleResources = openResources();
  thread.task = start.task;
  runningStart = start;
  countSmall(start.quipe.byteLength);
  noteBlockedOn(thread.board, start.task.slot, BlockedOn.nothing); // the slot's last tenant may have died asleep
  enterTask(start);
  const end = begin(start) ? await outcomeOf(start) : CANCELLED_UNBEGUN;
  await rejectionsReported();
  if (runningStart !== start) return; // a stray failure has ended it already
  const hasWaited = leave();
  const reusable = hasWaited ? "later" : isClean(idleResources);
  tellReaper({ kind: "ended", task: start.task, ...end, reusable });
  if (!hasWaited) return;
  await rejectionsReported(); // nobody catches them, and the next task on this thread must not be blamed
  givenUp = undefined;
  tellReaper({ kind: "vacated", reusable: isClean(idleResources) });
}

/** Whether the next task would find the thread as this one did. */
function isClean(idleResources: number): boolean {
  return (
    !hasStrayed &&
    openResources() <= idleResources &&
    canPrint() &&
    !hasGuests() &&
    builtInsAreIntact()
  );
}

/** False if the task was cancelled before it began. */
function begin({ task, quipe }: Start): boolean {
  const { board } = thisThread();
  if (!advance(board, task, Phase.starting, Phase.running)) return false;
  const life = openLife(quipe);
  noteBegun(life, threadNumber);
  wakeWatchers(life, board);
  return true;
}

interface End {
  readonly how: Ended["how"];
  readonly parcel: Parcel;
}

/** The reaper has settled this outcome already. */
const CANCELLED_UNBEGUN: End = {
  how: "cancelled",
  parcel: { bytes: new ArrayBuffer(0), carries: [] },
};

async function outcomeOf(start: Start): Promise<End> {
  try {
    const body = await bodyOf(start);
    if (start.arguments.carries.length > 0) tellReaper({ kind: "begun", task: start.task });
    const { parcel, moves } = toMovingParcel(await leavingScopes(body));
    return { how: "done", parcel: moves.length > 0 ? { ...parcel, isMoving: true } : parcel };
  } catch (error) {
    const cancel = cancelBehind(error);
    if (cancel !== undefined) return { how: "cancelled", parcel: failureParcel(cancel.reason) };
    const how =
      error instanceof QuipeError && error.code === "module-not-loaded" ? "crashed" : "failed";
    return { how, parcel: failureParcel(explained(error, start)) };
  }
}

/** The function with its arguments. They are decoded once its module is there, which may register their classes. */
async function bodyOf(start: Start): Promise<() => unknown> {
  const { entry } = start;
  const loaded = entry.kind === "source" ? undefined : await loadEntry(entry);
  const { args, names, contexts } = await handedTo(start);
  enterNames(names);
  enterContexts(contexts);
  const fn = entry.kind === "source" ? evaluateInline(entry, start.name, names) : loaded;
  const body = (): unknown => callBelowName(start.name, () => fn?.(...(args as never[])));
  return () => runInContexts(contexts, body);
}

/** What a task is given. In a browser the memory that it names may be on its way still. */
async function handedTo(start: Start): Promise<Handed> {
  try {
    requireHere(start.arguments.carries, isHere);
    return unpackHanded(start);
  } catch (error) {
    return await onceHere(error, () => handedTo(start));
  }
}

/** Ends the task with a failure that no `await` of it would have seen. */
function stray(error: unknown): void {
  const start = runningStart;
  if (start !== undefined) {
    const parcel = failureParcel(error);
    leave();
    tellReaper({ kind: "ended", task: start.task, how: "failed", parcel, reusable: false });
  } else if (givenUp === undefined) {
    endThread(1); // left over from an earlier task: this thread is not clean
  } else if (error !== givenUp) {
    hasStrayed = true;
  }
}

/** Leaves everything that the task has, and gives up what it still waits for; false if it waited for nothing. */
function leave(): boolean {
  runningStart = undefined;
  leaveTask();
  leaveHandles();
  leaveEnds();
  forgetScopes();
  leaveRegions();
  const why = new QuipeError("closed", "The task that waited for this has ended.");
  const hasWaited = abandonWaiters(why);
  if (hasWaited) givenUp = why;
  // Nothing that it may have left running acts for it any more: what it could change is about to be repaired.
  const thread = thisThread();
  thread.task = { slot: thread.task.slot, generation: 0 };
  return hasWaited;
}

/** How V8 and JavaScriptCore say that a name means nothing. */
const MISSING_NAME = /^(?:Can't find variable: )?([\w$]+)(?: is not defined)?$/;

/** How V8 and JavaScriptCore say that a constant was assigned to. */
const CONSTANT = /^(?:Assignment to constant variable|Attempted to assign to readonly property)\.$/;

/** A name that an inline function does not find is most likely one that it closed over. */
function explained(error: unknown, { entry, name, hasNames }: Start): unknown {
  if (entry.kind !== "source" || !(error instanceof Error)) return error;
  // With a parser such a function would not have been started; without one it is most likely one of its names.
  if (hasNames && findParser() === undefined && CONSTANT.test(error.message)) {
    return assigned(`The inline task "${name}" has assigned to a constant`, "the name");
  }
  if (!(error instanceof ReferenceError)) return error;
  const missing = MISSING_NAME.exec(error.message)?.[1];
  if (missing === undefined || !entry.text.includes(missing)) return error;
  return new QuipeError(
    "not-isolated",
    `${error.message} in the inline task "${name}". It runs on another thread and closes over nothing: pass what it needs as an argument, or use task(import.meta.url, fn).`,
    { cause: error },
  );
}
