/**
 * What holds for a part of a task only: shields, which hold off its cancellation, and scopes, which may be
 * cancelled by themselves.
 *
 *   task ◂── scope ◂── shield ◂── scope        a wait asks outwards: who is stopped first, unless a shield
 *                                              that has not run out lies between
 *
 * A flow of asynchronous code knows the innermost frame that it runs in, so two flows of one task may be in
 * different ones. Frames belong to one thread; nothing of them is shared. What stops a flow for good, being
 * killed, is no frame's business.
 */
import { AsyncContext } from "../runtime/async-context.ts";
import { callAt, nowMs } from "./deadline.ts";
import { ringMyself } from "./thread.ts";

/** Why what runs in a frame has to stop. */
export interface Stop {
  /** What was stopped, in words for people. */
  readonly what: string;
  readonly reason: unknown;
}

/** What a frame is made of. */
export interface FrameParts {
  readonly parent: Frame | undefined;
  /** Until then nothing outside of the frame stops what runs in it. */
  readonly shieldedUntil?: number;
  /** When what runs in it has to stop, and what is called then. */
  readonly deadline?: number;
  readonly onDeadline?: () => void;
}

const NO_SHIELD = -Infinity;

/** One shield or one scope of this thread's task. */
export class Frame {
  readonly parent: Frame | undefined;
  readonly deadline: number;
  #shieldedUntil: number;
  #stop: Stop | undefined;
  readonly #onDeadline: () => void;
  readonly #disarm: () => void;

  constructor({ parent, shieldedUntil = NO_SHIELD, deadline = Infinity, onDeadline }: FrameParts) {
    this.parent = parent;
    this.deadline = deadline;
    this.#shieldedUntil = Math.min(shieldedUntil, endOfShieldAround(parent));
    this.#onDeadline = onDeadline ?? (() => {});
    const next = this.#shieldedUntil > NO_SHIELD ? this.#shieldedUntil : deadline;
    this.#disarm = callAt(next, () => this.#look());
  }

  /** Until when nothing outside of it stops what runs in it; in the past if it is no shield. */
  get shieldedUntil(): number {
    return this.#shieldedUntil;
  }

  /** Why what runs in it has to stop, if it has to. */
  get stopped(): Stop | undefined {
    if (this.#stop === undefined && this.deadline <= nowMs()) this.#onDeadline();
    return this.#stop;
  }

  /** Stops what runs in it; the first reason stays. */
  stop(stop: Stop): void {
    if (this.#stop !== undefined) return;
    this.#stop = stop;
    ringMyself();
  }

  /** Nothing is held off any more, and no time is kept. */
  close(): void {
    this.#disarm();
    if (this.#shieldedUntil > NO_SHIELD) this.#shieldedUntil = 0;
  }

  #look(): void {
    if (this.deadline <= nowMs()) this.#onDeadline();
    ringMyself();
  }
}

const context = new AsyncContext<Frame>();

/** The innermost frame around this call. */
export function currentFrame(): Frame | undefined {
  return context.current;
}

/** Calls `fn` inside `frame`. */
export function runInFrame<R>(frame: Frame | undefined, fn: () => R): R {
  return context.current === frame ? fn() : context.run(frame, fn);
}

/**
 * What stops a flow in `frame`: the stop of a scope, `"shielded"` if a shield holds off all that there may be, and
 * `"nothing"` if it is up to the task.
 */
export function stopIn(frame: Frame | undefined): Stop | "shielded" | "nothing" {
  for (let at = frame; at !== undefined; at = at.parent) {
    const stop = at.stopped;
    if (stop !== undefined) return stop;
    if (at.shieldedUntil > nowMs()) return "shielded";
  }
  return "nothing";
}

/** When a flow in `frame` has to stop at the latest, `limit` being the deadline of its task. */
export function deadlineIn(frame: Frame | undefined, limit: number): number {
  let earliest = Infinity;
  for (let at = frame; at !== undefined; at = at.parent) {
    earliest = Math.min(earliest, at.deadline);
    if (at.shieldedUntil > nowMs()) return Math.min(earliest, at.shieldedUntil);
  }
  return Math.min(earliest, limit);
}

/** Whether a shield holds off what comes from outside of `frame`. */
export function isShielded(frame: Frame | undefined): boolean {
  for (let at = frame; at !== undefined; at = at.parent) {
    if (at.shieldedUntil > nowMs()) return true;
  }
  return false;
}

/** How long a flow in `frame` may sleep until something may stop it that wakes nobody. */
export function quietMs(frame: Frame | undefined): number {
  let leastMs = Infinity;
  for (let at = frame; at !== undefined; at = at.parent) {
    for (const end of [at.deadline, at.shieldedUntil]) {
      const leftMs = end - nowMs();
      if (leftMs > 0) leastMs = Math.min(leastMs, leftMs);
    }
  }
  return leastMs;
}

/** When the nearest shield around ends: one inside it cannot hold longer. `Infinity` if there is none. */
function endOfShieldAround(frame: Frame | undefined): number {
  for (let at = frame; at !== undefined; at = at.parent) {
    if (at.shieldedUntil > NO_SHIELD) return at.shieldedUntil;
  }
  return Infinity;
}
