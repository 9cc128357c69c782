/** What a running task knows of itself: its quipe to the spawner, its name and names, whether it should stop, and by when. */
import { QuipeBug, QuipeError } from "../errors.ts";
import type { End } from "../quipe/end.ts";
import { openEnd } from "../quipe/sides.ts";
import { failureIn } from "../quipe/failures.ts";
import { BlockedOn, Phase, isSameTask, phaseOfTask } from "../sync/board.ts";
import { onAbort } from "../sync/abort-listeners.ts";
import { nowMs } from "../sync/deadline.ts";
import { type Frame, currentFrame, deadlineIn } from "../sync/frames.ts";
import { LiveSignal } from "../sync/live-signal.ts";
import type { Start } from "../sync/messages.ts";
import { drainInbox, onMessage, thisThread } from "../sync/thread.ts";
import { setCancelReason, throwIfStopped, watch } from "../sync/wait.ts";
import { type Contexts, NO_CONTEXTS, runInContexts } from "./context.ts";
import { type HandedNames, namesGiven } from "./handed-names.ts";
import { openLife } from "./life.ts";
import { Reports } from "./progress.ts";

/** A running task, seen from inside; {@link current} gives it. */
export interface CurrentTask<Out = unknown, In = unknown> {
  /** The name given to `spawn`. */
  readonly name: string;
  /** The names handed over by `spawn(fn, args, { names })`; none while the task's module is being loaded. */
  readonly names: Readonly<Record<string, unknown>>;
  /** The end that leads to the task that spawned this one. */
  readonly quipe: End<Out, In>;
  /**
   * Aborted when the task is cancelled. Asking it, also one that was taken earlier, reads shared memory, so a loop
   * without `await` sees it too; whoever listens to it hears of it at the next turn of the event loop.
   */
  readonly signal: AbortSignal;
  /**
   * When the task, or the scope or shield around this call, has to be over, in milliseconds since 1970; `Infinity`
   * if there is no deadline. Its clock never jumps: `performance.timeOrigin + performance.now()`.
   */
  readonly deadline: number;
  /** Milliseconds until {@link deadline}; never less than 0. */
  readonly timeLeftMs: number;
  /** Throws `cancelled` or `killed` if this task should stop. Never waits; cheap enough for a loop. */
  checkpoint(): void;
  /**
   * Reports how far this task is, to whoever watches its `events`: any value that can be sent, as it is now. Only the
   * last report counts, so report as often as you like: up to ten go out at once, then one in ten milliseconds, and
   * what is held back meanwhile goes out with the next turn of the event loop after that, or at the end of the task.
   * Throws `not-sendable`. Never waits.
   *
   * @example
   * ```ts
   * import { spawn } from "quipe";
   *
   * const count = async (to: number): Promise<void> => {
   *   const { current } = await import("quipe");
   *   for (let i = 1; i <= to; i++) current().progress(i / to);
   * };
   * let last: unknown;
   * for await (const event of spawn(count, [1000]).events) {
   *   if (event.kind === "progress") last = event.value;
   * }
   * console.log(last); // prints: 1
   * ```
   */
  progress(value: unknown): void;
}

class RunningTask implements CurrentTask {
  readonly name: string;
  readonly quipe: End;
  names: HandedNames = namesGiven(undefined);
  /** Who listens to the signal is called in it, like the function itself. */
  contexts: Contexts = NO_CONTEXTS;
  readonly #deadline: number;
  readonly #signal: LiveSignal = new LiveSignal(() => (running === this ? cancelNow() : undefined));

  readonly #reports: Reports;

  constructor({ name, quipe, deadline }: Start) {
    this.name = name;
    this.#reports = new Reports(openLife(quipe));
    this.quipe = openEnd(quipe, 1);
    this.#deadline = deadline;
  }

  get signal(): AbortSignal {
    return this.#signal.signal;
  }

  get deadline(): number {
    return this.deadlineIn(currentFrame());
  }

  deadlineIn(frame: Frame | undefined): number {
    return deadlineIn(frame, this.#deadline);
  }

  get timeLeftMs(): number {
    return Math.max(0, this.deadline - nowMs());
  }

  checkpoint(): void {
    throwIfStopped();
  }

  progress(value: unknown): void {
    if (running === this) this.#reports.add(value);
  }

  /** Nothing more is reported. */
  leave(): void {
    this.#reports.flush();
    this.quipe.detach();
  }

  /** Lets those who listen to the signal hear of a cancel. */
  look(): boolean {
    return runInContexts(this.contexts, () => this.#signal.look());
  }
}

/** The cancel of the task of this thread, if there is one. */
function cancelNow(): { readonly reason: unknown } | undefined {
  const { board, task } = thisThread();
  if (phaseOfTask(board, task) !== Phase.cancelling) return undefined;
  drainInbox();
  return { reason };
}

let running: RunningTask | undefined;
let shown: CurrentTask | undefined;
let reason: unknown;

/**
 * The task that runs on this thread. Throws `unsupported` where there is none: on the main thread, and in a
 * worker that quipe did not start.
 *
 * @example
 * ```ts
 * import { QuipeError, current } from "quipe";
 *
 * try {
 *   current();
 * } catch (error) {
 *   console.log(error instanceof QuipeError && error.code); // unsupported
 * }
 * ```
 */
export function current<Out = unknown, In = unknown>(): CurrentTask<Out, In> {
  if (running === undefined) {
    throw new QuipeError(
      "unsupported",
      "No task runs on this thread; current() is for code inside a task.",
    );
  }
  return (shown ?? running) as CurrentTask<Out, In>;
}

/** While a task works for others, {@link current} shows the piece of work in hand in place of the task. */
export function showAsCurrent(work: CurrentTask | undefined): void {
  shown = work;
}

/** When what is started in `frame` has to be over at the latest; outside of all, that is up to the task. */
export function deadlineHere(frame: Frame | undefined = currentFrame()): number {
  return running === undefined ? deadlineIn(frame, Infinity) : running.deadlineIn(frame);
}

/** Calls `listener` when the task of this thread is cancelled; returns how to take it back. */
export function onCancel(listener: () => void): () => void {
  return running === undefined ? () => {} : onAbort(running.signal, listener);
}

/** Makes `start` the task of this thread. */
export function enterTask(start: Start): void {
  if (running !== undefined) throw new QuipeBug("a task was started on a thread that has one");
  const entered = new RunningTask(start);
  running = entered;
  reason = undefined;
  onMessage("cancel", (message) => {
    if (!isSameTask(message.task, start.task)) return;
    reason = failureIn(message.reason);
    setCancelReason(reason);
  });
  watch(() => running !== entered || entered.look(), {
    code: BlockedOn.other,
    text: "a cancel",
  });
}

/** Gives the task of this thread the names that were handed over to it. */
export function enterNames(names: HandedNames): void {
  if (running !== undefined) running.names = names;
}

/** Says in which context the function of this thread's task runs. */
export function enterContexts(contexts: Contexts): void {
  if (running !== undefined) running.contexts = contexts;
}

/** Why the task of this thread was cancelled, if `error` is how it learnt of that; undefined for any other error. */
export function cancelBehind(error: unknown): { readonly reason: unknown } | undefined {
  const { board, task } = thisThread();
  if (phaseOfTask(board, task) !== Phase.cancelling) return undefined;
  drainInbox();
  const isCancel =
    Object.is(error, running?.signal.reason) ||
    (error instanceof QuipeError && error.code === "cancelled") ||
    (error instanceof Error && error.name === "AbortError");
  return isCancel ? { reason } : undefined;
}

/** Ends the task of this thread: its end can no longer be used here. */
export function leaveTask(): void {
  running?.leave();
  running = undefined;
  shown = undefined;
}
