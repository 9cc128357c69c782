/**
 * What bounds a task from outside: its time, its caller's signal, the scope it belongs to and its spawner's own
 * deadline. All of it is settled when the task starts, and the reaper enforces it.
 *
 * A task for which it is too late already is born cancelled: it has an outcome like any other, and never runs.
 */
import { QuipeError } from "../errors.ts";
import { failureParcel } from "../quipe/failures.ts";
import { checkSignal, onAbort } from "../sync/abort-listeners.ts";
import { type TimeLimit, checkMilliseconds, deadlineOf, nowMs } from "../sync/deadline.ts";
import type { Start } from "../sync/messages.ts";
import { deadlineHere } from "./current.ts";
import type { Task } from "./handle.ts";

/** What bounds a task of {@link spawn} from outside. */
export interface Limits extends TimeLimit {
  /**
   * How long the task may take to end, in milliseconds. Then it is cancelled, for a reason that is a `timed-out` error,
   * and killed after {@link graceMs}. What the spawner itself has left counts if that is less.
   */
  readonly timeoutMs?: number | undefined;
  /** The same as a point in time, in milliseconds since 1970, as `current().deadline` tells it. */
  readonly deadline?: number | undefined;
  /** Cancels the task when aborted, with the signal's reason. Aborted already: the task is born cancelled. */
  readonly signal?: AbortSignal | undefined;
  /**
   * How many milliseconds the task may go on after its deadline has passed or its signal was aborted, before it is
   * killed: 5,000 unless said otherwise; `Infinity` for a task that must not be killed.
   */
  readonly graceMs?: number | undefined;
}

/** How long what was cancelled by quipe itself may go on. */
export const DEFAULT_GRACE_MS = 5000;

/** The part of a start that says what bounds the task. */
export type Bounds = Pick<Start, "deadline" | "graceMs" | "stillborn">;

/** What bounds a task that is started here and now. Throws `TypeError` for what is no time and no signal. */
export function boundsOf(limits: Limits, outer: number = deadlineHere()): Bounds {
  const { signal, graceMs = DEFAULT_GRACE_MS } = limits;
  checkMilliseconds("graceMs", graceMs);
  checkSignal(signal);
  const deadline = Math.min(deadlineOf(limits), outer);
  return { deadline, graceMs, stillborn: lateness(deadline, signal) };
}

/** Why a task comes too late to run. */
function lateness(deadline: number, signal: AbortSignal | undefined): Bounds["stillborn"] {
  if (signal?.aborted === true) return failureParcel(signal.reason);
  if (deadline > nowMs()) return undefined;
  return failureParcel(
    new QuipeError("timed-out", "Its deadline had passed before the task was started."),
  );
}

/** Cancels `task` when the signal is aborted, and listens no longer than it lives. */
export function obey(signal: AbortSignal | undefined, task: Task, graceMs: number): () => void {
  if (signal === undefined || signal.aborted) return () => {};
  return onAbort(signal, () => void task.cancel(signal.reason, { graceMs }));
}
