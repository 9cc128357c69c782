/**
 * Points in time that all threads of a program agree on, and timers that keep them.
 *
 * A deadline is a number of milliseconds since 1970, as of the clock that never jumps: `performance.timeOrigin`
 * plus `performance.now()`. It means the same in every thread, so it can be handed on and compared; `Infinity`
 * is no deadline. Since it is absolute, what is left of it shrinks by itself on the way down.
 */
import { given } from "../errors.ts";

/** When something has to be over, as {@link shield} takes it, said in one way or the other; the earlier one counts. */
export interface TimeLimit {
  /** Milliseconds from now. */
  readonly timeoutMs?: number | undefined;
  /** Milliseconds since 1970, as `current().deadline` tells it. */
  readonly deadline?: number | undefined;
}

/** Now, on the clock of the deadlines. */
export function nowMs(): number {
  return performance.timeOrigin + performance.now();
}

/** The deadline that `limit` sets; `Infinity` if it sets none. Throws `TypeError` for what is no time. */
export function deadlineOf({ timeoutMs, deadline }: TimeLimit): number {
  checkMilliseconds("timeoutMs", timeoutMs);
  checkMilliseconds("deadline", deadline);
  return Math.min(timeoutMs === undefined ? Infinity : nowMs() + timeoutMs, deadline ?? Infinity);
}

/** A time that is none would be over at once in one place, and never in another. */
export function checkMilliseconds(name: string, value: unknown): void {
  if (value === undefined || (typeof value === "number" && !Number.isNaN(value))) return;
  throw new TypeError(`Expected \`${name}\` to be a number of milliseconds, got ${given(value)}.`);
}

/** A timer with a longer delay fires at once. */
export const LONGEST_TIMER_MS: number = 0x7fff_ffff;

/** Calls `fn` once `deadline` has passed, however far away that is; returns how to take it back. */
export function callAt(deadline: number, fn: () => void): () => void {
  if (deadline === Infinity) return () => {};
  let timer: ReturnType<typeof setTimeout> | undefined;
  const arm = (): void => {
    const leftMs = deadline - nowMs();
    if (leftMs <= 0) fn();
    else timer = setTimeout(arm, Math.min(Math.ceil(leftMs), LONGEST_TIMER_MS));
  };
  timer = setTimeout(arm, Math.min(Math.max(0, Math.ceil(deadline - nowMs())), LONGEST_TIMER_MS));
  return () => clearTimeout(timer);
}
