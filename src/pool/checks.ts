/** What callers may say of numbers, checked before anything starts. */

/** `count`, if it is one. */
export function checkedCount(name: string, count: number): number {
  if (Number.isInteger(count) && count >= 1) return count;
  throw new RangeError(`Expected \`${name}\` to be a whole number of at least 1, got ${count}.`);
}

/** Throws unless it is a time that may pass. */
export function checkTimeout(timeoutMs: number | undefined): void {
  if (timeoutMs === undefined || timeoutMs > 0) return;
  throw new RangeError(`Expected \`timeoutMs\` to be more than 0, got ${timeoutMs}.`);
}

/** Throws unless it is a time that may pass, or none. */
export function checkGrace(graceMs: number | undefined): void {
  if (graceMs === undefined || graceMs >= 0) return;
  throw new RangeError(`Expected \`graceMs\` to be at least 0, got ${graceMs}.`);
}

/** Throws unless it is an amount of memory. */
export function checkHeap(heapMb: number | undefined): void {
  if (heapMb === undefined || heapMb > 0) return;
  throw new RangeError(`Expected \`heapMb\` to be more than 0, got ${heapMb}.`);
}
