/** What callers may say of calls and pools, checked before anything starts. */
import { checkMilliseconds } from "../sync/deadline.ts";
import { checkSignal } from "../sync/abort-listeners.ts";
import type { CallLimits } from "./call.ts";

interface Limits extends CallLimits {
  readonly signal?: AbortSignal | undefined;
}

/** `count`, if it is one. */
export function checkedCount(name: string, count: number): number {
  if (Number.isInteger(count) && count >= 1) return count;
  throw new RangeError(`Expected \`${name}\` to be a whole number of at least 1, got ${count}.`);
}

/** Throws unless these are times that may pass, and a signal. */
export function checkLimits({ timeoutMs, graceMs, signal }: Limits): void {
  checkMilliseconds("timeoutMs", timeoutMs);
  checkMilliseconds("graceMs", graceMs);
  checkSignal(signal);
  if (timeoutMs !== undefined && timeoutMs <= 0)
    throw new RangeError(`Expected \`timeoutMs\` to be more than 0, got ${timeoutMs}.`);
  if (graceMs !== undefined && graceMs < 0)
    throw new RangeError(`Expected \`graceMs\` to be at least 0, got ${graceMs}.`);
}

/** Throws unless it is an amount of memory. */
export function checkHeap(heapMb: number | undefined): void {
  if (heapMb === undefined || heapMb > 0) return;
  throw new RangeError(`Expected \`heapMb\` to be more than 0, got ${heapMb}.`);
}
