/**
 * How a task waits for anything: it sleeps on its own doorbell and tries again whenever that rings.
 *
 *   waiting task                            whoever changes something
 *     seen = doorbell                         change it
 *     attempt(): announce myself, then test   announced? ring the doorbell: add 1, notify
 *     sleep while doorbell = seen
 *
 * An attempt says "I am waiting" in a shared word before it tests, and the other side changes the state
 * before it looks at that word; so one of the two always sees the other, and no wake-up is lost. One word
 * per task instead of one per thing waited for has three more merits: waiting for many things is the
 * same as waiting for one, nobody else can consume a wake-up that was meant for a task that dies, and to
 * tell everybody of a death is a loop over the board.
 *
 * An attempt that succeeds has done its work; one that is given up has done nothing.
 */
import { QuipeError, asSentence } from "../errors.ts";
import { load, wait, waitAsync } from "../runtime/atomics.ts";
import { canBlock, holdLoop, nextTurn, releaseLoop } from "../runtime/host.ts";
import {
  BlockedOn,
  Phase,
  doorbellWord,
  noteBlockedOn,
  phaseOfTask,
  seemsRunning,
} from "./board.ts";
import { checkSignal, onAbort } from "./abort-listeners.ts";
import { LONGEST_TIMER_MS, callAt, checkMilliseconds, nowMs } from "./deadline.ts";
import { type Frame, currentFrame, quietMs, runInFrame, stopIn } from "./frames.ts";
import { isOnItsWay } from "./on-its-way.ts";
import {
  drainInbox,
  isReaperBeginning,
  ringMyself,
  thisThread,
  throwIfNoReaper,
} from "./thread.ts";

/** How long an operation of an {@link End} waits, and what ends the wait early. */
export interface WaitOptions {
  /** Milliseconds; 0 tries once. Without it the wait has no end of its own. */
  readonly timeoutMs?: number | undefined;
  /** Gives the wait up when aborted, with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** What is waited for, in words for people and as the code that `blockedOn` shows. */
export interface WaitTarget {
  readonly code: number;
  readonly text: string;
  /** For short waits in the middle of something that must not be left half done. */
  readonly ignoresCancel?: boolean;
  /** When to try again although nothing rings, on the clock of the deadlines. */
  readonly dueMs?: number;
}

interface Waiter {
  readonly attempt: () => boolean;
  /** What `blockedOn` shows of it. */
  readonly code: number;
  /** Whether cancelling or killing the task ends the wait. */
  readonly stoppable: boolean;
  /** Where the flow that waits is. */
  readonly frame: Frame | undefined;
  readonly settle: (error?: unknown) => void;
}

/** Something that is watched for; while it is held, it keeps the thread's event loop open. */
export interface Watch {
  /** Holds the loop open. Holding twice is holding once. */
  hold(): void;
  /** Lets the thread end although this has not come. */
  release(): void;
}

/** What is done before a thread sleeps. */
type GiveWay = (target: WaitTarget) => void;

const beforeSleep = new Set<GiveWay>();

/**
 * Says what this thread does before it sleeps in {@link block}: what it waits for without blocking cannot go on
 * then, so it must not be in anybody's way meanwhile. Saying it twice is saying it once.
 */
export function onBlocking(giveWay: GiveWay): void {
  beforeSleep.add(giveWay);
}

/** In the order of arrival, so whoever waited first tries first. */
const waiters = new Set<Waiter>();
let listening = false;
let cancelReason: unknown;

/** Keeps the reason that the next `cancelled` error of this thread's task carries. */
export function setCancelReason(reason: unknown): void {
  cancelReason = reason;
}

/** Throws `cancelled` or `killed` if that is what has become of this thread's task, here. Never waits. */
export function throwIfStopped(): void {
  if (seemsFree()) return;
  const stopped = whyStopped(currentFrame());
  if (stopped !== undefined) throw stopped;
}

/** Throws what ends a wait before it has begun: as {@link throwIfStopped}, or the reason of the caller's own signal. */
export function throwIfEnded(options: WaitOptions | undefined): void {
  throwIfStopped();
  if (options !== undefined) throwIfGivenUp(options);
}

/** Throws `killed` if this thread's task was: nobody answers it any more, and nothing that it does may be seen. */
export function throwIfKilled(): void {
  const stopped = whyStopped(undefined);
  if (stopped?.code === "killed") throw stopped;
}

/** Whether nothing stops this flow, as far as is known here: a look that costs next to nothing. */
export function seemsFree(): boolean {
  const { board, task } = thisThread();
  return seemsRunning(board, task) && currentFrame() === undefined && whyCallStopped === undefined;
}

let whyCallStopped: (() => QuipeError | undefined) | undefined;

/** Lets a task that works for others ask of each wait whether the piece of work in hand should stop. */
export function onStopQuestion(answer: (() => QuipeError | undefined) | undefined): void {
  whyCallStopped = answer;
}

/** The error of a flow in `frame` that has to stop; undefined if it may go on. */
export function whyStopped(frame: Frame | undefined): QuipeError | undefined {
  const { board, task } = thisThread();
  const phase = phaseOfTask(board, task);
  if (phase === Phase.dying || phase === Phase.free) {
    return killedError();
  }
  const stop = stopIn(frame);
  if (stop === "shielded") return undefined;
  if (stop !== "nothing") return cancelledError(stop.what, stop.reason);
  if (phase !== Phase.cancelling) return whyCallStopped?.();
  drainInbox();
  return cancelledError("This task", cancelReason);
}

/** What somebody gets who has been killed and is not dead yet. */
export function killedError(): QuipeError {
  return new QuipeError("killed", "This task was killed; nothing that it does counts any more.");
}

function cancelledError(what: string, reason: unknown): QuipeError {
  const why = asSentence(reason === undefined ? "no reason was given" : reason);
  return new QuipeError("cancelled", `${what} was cancelled: ${why}`, { cause: reason });
}

/** Waits without blocking the thread until `attempt` succeeds. Rejects `timed-out`, `cancelled`, or the signal's reason. */
export function park(
  attempt: () => boolean,
  target: WaitTarget,
  options: WaitOptions = {},
): Promise<void> {
  try {
    checkMilliseconds("timeoutMs", options.timeoutMs);
    throwIfGivenUp(options);
    throwIfStopped();
    drainInbox(true);
    if (attemptNow(attempt)) return Promise.resolve();
    throwIfNoReaper();
    if (options.timeoutMs !== undefined && options.timeoutMs <= 0) throw timedOut(target, 0);
  } catch (error) {
    return Promise.reject(error);
  }
  return new Promise((resolve, reject) => {
    const answer = (error?: unknown) => (error === undefined ? resolve() : reject(error));
    enlist({ attempt, target, options, stoppable: true, answer });
    void listen();
  });
}

/**
 * Calls `attempt` now and whenever the doorbell rings, until it succeeds. Being cancelled does not end it. Holds the
 * loop open until then, unless it is released.
 */
export function watch(attempt: () => boolean, target: WaitTarget): Watch {
  const watching = enlist({ attempt, target, options: {}, stoppable: false, answer: () => {} });
  if (listening) watching.look(); // nothing may ring any more for what is so already
  else void listen();
  return watching;
}

/** Blocks the thread until `attempt` succeeds. Throws `timed-out`, `cancelled`, `killed` or `cannot-block`. */
export function block(attempt: () => boolean, target: WaitTarget, options: WaitOptions = {}): void {
  if (!blockFor(attempt, target, options)) throw timedOut(target, options.timeoutMs ?? 0);
}

/** As {@link block}; but false, and no error, if the time is over. */
export function blockFor(
  attempt: () => boolean,
  target: WaitTarget,
  options: WaitOptions,
): boolean {
  const { board, task } = thisThread();
  const bell = doorbellWord(task.slot);
  const { timeoutMs } = options;
  checkMilliseconds("timeoutMs", timeoutMs);
  const deadline = timeoutMs === undefined ? Infinity : performance.now() + timeoutMs;
  const frame = target.ignoresCancel === true ? undefined : currentFrame();
  for (;;) {
    const seen = load(board.words, bell);
    const quiet = quietMs(frame); // before the look that it is about
    throwIfGivenUp(options);
    if (target.ignoresCancel === true) throwIfKilled();
    else throwIfStopped();
    drainInbox();
    if (attempt()) return true;
    const leftMs = deadline === Infinity ? Infinity : deadline - performance.now();
    if (leftMs <= 0) return false;
    if (!canBlock()) throw cannotBlock(target);
    if (isReaperBeginning()) throw mustBeginFirst(target);
    for (const giveWay of beforeSleep) giveWay(target);
    noteBlockedOn(board, task.slot, target.code);
    wait(board.words, bell, seen, Math.min(leftMs, quiet, msUntil(target.dueMs)));
    noteBlockedOn(board, task.slot, firstWait());
  }
}

/**
 * Gives up everything that this thread's task waits for, so that the next one starts with a clean slate. False if it
 * waited for nothing: who only watches is not told.
 */
export function abandonWaiters(reason: Error): boolean {
  let waited = false;
  for (const waiter of waiters) {
    waited ||= waiter.stoppable;
    waiter.settle(reason);
  }
  cancelReason = undefined;
  ringMyself(); // wakes the loop below, which goes on with the next task's doorbell
  return waited;
}

interface Enlistment {
  readonly attempt: () => boolean;
  readonly target: WaitTarget;
  readonly options: WaitOptions;
  readonly stoppable: boolean;
  readonly answer: (error?: unknown) => void;
}

function enlist({ attempt, target, options, stoppable, answer }: Enlistment): Hold {
  const { timeoutMs, signal } = options;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const waiter: Waiter = {
    attempt,
    code: target.code,
    stoppable,
    frame: currentFrame(),
    settle(error) {
      if (!waiters.delete(waiter)) return;
      hold.release();
      clearTimeout(timer);
      disarm();
      stopListening?.();
      if (stoppable) showWait();
      answer(error);
    },
  };
  const hold = new Hold(waiter);
  waiters.add(waiter);
  if (stoppable) showWait();
  hold.hold();
  const stopListening = signal && onAbort(signal, () => waiter.settle(signal.reason));
  const disarm = callAt(target.dueMs ?? Infinity, ringMyself);
  // Nobody waits for 24 days to be told that it was in vain.
  if (timeoutMs !== undefined && timeoutMs <= LONGEST_TIMER_MS) {
    timer = setTimeout(() => waiter.settle(timedOut(target, timeoutMs)), timeoutMs);
  }
  return hold;
}

class Hold implements Watch {
  readonly #waiter: Waiter;
  #isHeld = false;

  constructor(waiter: Waiter) {
    this.#waiter = waiter;
  }

  hold(): void {
    if (this.#isHeld || !waiters.has(this.#waiter)) return;
    this.#isHeld = true;
    holdLoop();
  }

  look(): void {
    attemptOne(this.#waiter);
  }

  release(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    releaseLoop();
  }
}

/** How long to sleep at most until something is due; never negative. */
function msUntil(dueMs: number | undefined): number {
  return dueMs === undefined ? Infinity : Math.max(0, dueMs - nowMs());
}

/** Shows on the board what the oldest wait is for; a task that only watches over others waits for nothing. */
function showWait(): void {
  const { board, task } = thisThread();
  noteBlockedOn(board, task.slot, firstWait());
}

function firstWait(): number {
  for (const { stoppable, code } of waiters) if (stoppable) return code;
  return BlockedOn.nothing;
}

const DONE = Promise.resolve();
/** How often the loop below may find the doorbell changed before it lets timers and sockets have a turn. */
const TURNS_BEFORE_YIELD = 64;

async function listen(): Promise<void> {
  if (listening) return;
  listening = true;
  for (let turn = 1; waiters.size > 0; turn++) {
    const { board, task } = thisThread();
    const bell = doorbellWord(task.slot);
    const seen = load(board.words, bell);
    tryAll();
    await DONE; // who was served goes on first, and is often answered before there is anything to sleep for
    if (waiters.size === 0) break;
    const rung = waitAsync(board.words, bell, seen);
    if (rung.async) await rung.value;
    else if (turn % TURNS_BEFORE_YIELD === 0) await nextTurn();
    else await Promise.resolve();
  }
  listening = false;
}

function tryAll(): void {
  drainInbox(true);
  for (const waiter of waiters) {
    const stopped = waiter.stoppable ? whyStopped(waiter.frame) : undefined;
    if (stopped === undefined) attemptOne(waiter);
    else waiter.settle(stopped);
  }
}

/** False also if it needs shared memory that is on its way here: it is tried again when that has come. */
export function attemptNow(attempt: () => boolean): boolean {
  try {
    return attempt();
  } catch (error) {
    if (isOnItsWay(error)) return false;
    throw error;
  }
}

function attemptOne(waiter: Waiter): void {
  try {
    if (runInFrame(waiter.frame, waiter.attempt)) waiter.settle();
  } catch (error) {
    if (!isOnItsWay(error)) waiter.settle(error);
  }
}

/** Throws the reason of the caller's own signal, if that is aborted. */
export function throwIfGivenUp({ signal }: WaitOptions = {}): void {
  if (signal === undefined) return;
  checkSignal(signal);
  if (signal.aborted) throw signal.reason;
}

function timedOut(target: WaitTarget, timeoutMs: number): QuipeError {
  return new QuipeError(
    "timed-out",
    `Waited ${Math.round(timeoutMs)} ms for ${target.text}, in vain. Nothing has changed; try again or wait longer.`,
  );
}

function mustBeginFirst(target: WaitTarget): QuipeError {
  return new QuipeError(
    "cannot-block",
    `This thread has just used quipe for the first time, and cannot block for ${target.text} yet: in a browser quipe's own thread begins only while the event loop of this one turns. ` +
      "Await the result of a first task, or anything that takes as long; from then on it may block.",
  );
}

function cannotBlock(target: WaitTarget): QuipeError {
  return new QuipeError(
    "cannot-block",
    `This thread may not block, so it cannot wait here for ${target.text}. Use the async form with await.`,
  );
}
