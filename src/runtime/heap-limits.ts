/**
 * Limits of a thread's heap under which an exhausted heap ends the thread, not the whole program.
 *
 * Near the limit of the old generation Node ends the thread and allows 16 MB more until it has stopped. A
 * collection of the young generation may move all that survives, a third of that generation's limit, into
 * the old one at once; where this is more than was allowed, V8 aborts the process. Left alone, the young
 * generation grows to 48 MB and more: 3 of 60 exhausted threads took their program with them.
 */

/** Limits of the heap of a thread, as `new Worker` takes them. */
export type HeapLimits = Readonly<Record<string, number>>;

/** A third of it stays well below the 16 MB. */
const YOUNG_MB = 32;

/** The limits with one for the young generation, unless it is limited already or the old one is not. */
export function survivableLimits(limits: HeapLimits): HeapLimits {
  if (limits["maxOldGenerationSizeMb"] === undefined) return limits;
  return { maxYoungGenerationSizeMb: YOUNG_MB, ...limits };
}
