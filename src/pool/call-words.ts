/**
 * Where a pool and one of its workers agree on which calls have begun, in three shared words.
 *
 *   | word  | written by                                     | meaning                                            |
 *   | BEGUN | the worker, by compare-and-set; WITHDRAWN in   | how many calls have begun, modulo 2^31; and        |
 *   |       | it: the pool sets it, the worker takes it away | WITHDRAWN: no further one will                     |
 *   | STOP  | the pool                                       | the number of the call that should stop, with the  |
 *   |       |                                                | top bit set; 0 while none should                   |
 *   | SLOT  | the worker, once, before its first reply       | its place on the board, for whoever rings it       |
 *
 * A worker begins a call by moving BEGUN one on. The pool takes back everything that has not begun by setting
 * WITHDRAWN, and the count that it finds is final: one more begin would fail. So each call is either begun or
 * withdrawn, never both and never neither, whenever either of them dies. The worker takes WITHDRAWN away only when
 * it has dropped what was withdrawn, which it knows by a message in the lane behind it, and the pool gives it
 * nothing before it has heard of that. Nobody waits for these words.
 */
import { and, compareExchange, load, or, store } from "../runtime/atomics.ts";

const BEGUN = 0;
const STOP = 1;
const SLOT = 2;
const WORDS = 3;

const TOP_BIT = 0x8000_0000 | 0;
const COUNT_BITS = 0x7fff_ffff;
const WITHDRAWN = TOP_BIT;

/** The words of a worker that has not begun. */
export function createCallWords(): Int32Array<SharedArrayBuffer> {
  return new Int32Array(new SharedArrayBuffer(WORDS * 4));
}

/** For the worker: begins its next call and returns that one's number; undefined if it was withdrawn. */
export function beginCall(words: Int32Array): number | undefined {
  const begun = load(words, BEGUN);
  if ((begun & WITHDRAWN) !== 0) return undefined;
  const next = (begun + 1) & COUNT_BITS;
  return compareExchange(words, BEGUN, begun, next) === begun ? next : undefined;
}

/** For the pool: lets no further call begin. Returns how many have. */
export function withdrawCalls(words: Int32Array): number {
  return or(words, BEGUN, WITHDRAWN) & COUNT_BITS;
}

/** For the worker: what was withdrawn has been dropped, so calls may begin again. */
export function resumeCalls(words: Int32Array): void {
  and(words, BEGUN, COUNT_BITS);
}

/** How many calls have begun, modulo 2^31. */
export function begunCalls(words: Int32Array): number {
  return load(words, BEGUN) & COUNT_BITS;
}

/** How far one such count is ahead of another. */
export function callsBetween(earlier: number, later: number): number {
  return (later - earlier) & COUNT_BITS;
}

/** For the pool: the call with this number should stop. */
export function askToStop(words: Int32Array, number: number): void {
  store(words, STOP, number | TOP_BIT);
}

/** For the worker: whether the call with this number should stop. */
export function isAskedToStop(words: Int32Array, number: number): boolean {
  return load(words, STOP) === (number | TOP_BIT);
}

/** For the worker: where it can be rung. */
export function noteSlot(words: Int32Array, slot: number): void {
  store(words, SLOT, slot);
}

/** The worker's place on the board. */
export function slotOfWorker(words: Int32Array): number {
  return load(words, SLOT);
}
