/**
 * This thread's place in the program: its board, the task that runs here now, and its link to the reaper.
 *
 * The first thread that uses quipe makes the board and is its root task; every other thread is told
 * which board it belongs to before anything else runs in it. Messages wait in the link until the task
 * looks, so a blocked thread can take them; the reaper rings the task's doorbell after each.
 */
import { QuipeBug } from "../errors.ts";
import { checkSharedMemory, takeMessage } from "../runtime/host.ts";
import { type Link, ThreadLink } from "../runtime/links.ts";
import { type Board, type TaskId, createBoard, isSameTask, ring } from "./board.ts";
import { isOnItsWay } from "./on-its-way.ts";
import type { ToThread } from "./messages.ts";
import type { ToReaper } from "./requests.ts";

/** One thread of the program. `task` changes when a warm worker is given its next task. */
export interface Thread {
  readonly board: Board;
  task: TaskId;
  link: Link | undefined;
}

type Handlers = { [K in ToThread["kind"]]?: (message: Extract<ToThread, { kind: K }>) => void };

let current: Thread | undefined;
const handlers: Handlers = {};

/** This thread; it becomes the root of a new program if it belongs to none yet. */
export function thisThread(): Thread {
  return (current ??= newRoot());
}

function newRoot(): Thread {
  checkSharedMemory();
  return { board: createBoard(), task: { slot: 0, generation: 1 }, link: undefined };
}

/** Whether this thread belongs to a program already, its own or another's. */
export function hasThread(): boolean {
  return current !== undefined;
}

/** Whether that is the task of this thread. */
export function isMyself(id: TaskId): boolean {
  return isSameTask(id, thisThread().task);
}

/** Makes this thread part of a program that another thread began. */
export function joinThread(thread: Thread): void {
  current = thread;
}

/** Says what to do with one kind of message that the reaper sends. */
export function onMessage<K extends ToThread["kind"]>(
  kind: K,
  handler: (message: Extract<ToThread, { kind: K }>) => void,
): void {
  handlers[kind] = handler as Handlers[K];
}

let startReaper: (() => void) | undefined;

/** Says how the program gets its reaper, should this thread need it before it has one. */
export function startReaperBy(start: () => void): void {
  startReaper = start;
}

/** Makes everything that this thread waits for be tried again. */
export function ringMyself(): void {
  const { board, task } = thisThread();
  ring(board, task.slot);
}

let whyNoReaper: Error | undefined;

/** The program has no reaper: from now on whatever needs one throws `why`. */
export function loseReaper(why: Error): void {
  whyNoReaper = why;
}

/** Throws why this program has no reaper, if that is so. */
export function throwIfNoReaper(): void {
  if (whyNoReaper !== undefined) throw whyNoReaper;
}

/** Asks something of the reaper. Never waits. */
export function tellReaper(message: ToReaper, transfer?: readonly unknown[]): void {
  throwIfNoReaper();
  if (thisThread().link === undefined) startReaper?.();
  const { link } = thisThread();
  if (link === undefined) throw new QuipeBug("a message for the reaper before there was one");
  link.postMessage(message, (transfer ?? []) as readonly never[]);
}

/** In a browser the link tells when something has come by it; elsewhere the reaper's ring is enough. */
export function listenToReaper(): void {
  const { link } = thisThread();
  if (!(link instanceof ThreadLink)) return;
  link.onArrival(() => {
    drainInbox(true);
    ringMyself(); // who waits for what has just come slept on when the reaper rang
  });
}

/** Whether the reaper is still beginning, for which a browser needs the event loop of the thread that has started it. */
export function isReaperBeginning(): boolean {
  const { link } = thisThread();
  return link instanceof ThreadLink && !link.hasHeard;
}

/**
 * Takes everything that waits in the inbox and acts on it. Never waits; works while the thread blocks. `isInOrder`: only
 * what has been overtaken by nothing, for code that goes on in the event loop.
 */
export function drainInbox(isInOrder = false): void {
  const { link } = thisThread();
  if (link === undefined) return;
  if (postponed.length > 0) for (const message of postponed.splice(0)) handle(message);
  for (;;) {
    const message = takeMessage(link, isInOrder) as ToThread | undefined;
    if (message === undefined) return;
    handle(message);
  }
}

/** Messages that name shared memory which is not here yet. */
const postponed: ToThread[] = [];

/** Whether the outcome of a task has come, but not yet what it names. */
export function isOutcomePostponed(id: TaskId): boolean {
  return postponed.some((message) => message.kind === "outcome" && isSameTask(message.task, id));
}

function handle(message: ToThread): void {
  const handler = handlers[message.kind] as ((message: ToThread) => void) | undefined;
  if (handler === undefined) throw new QuipeBug(`nobody handles "${message.kind}" here`);
  try {
    handler(message);
  } catch (error) {
    if (!isOnItsWay(error)) throw error;
    postponed.push(message);
  }
}
