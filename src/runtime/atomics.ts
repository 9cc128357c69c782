/**
 * The only use of `Atomics` in quipe.
 *
 * Every word that two threads may touch at once is read and written through these functions, so that
 * replacing this one module puts production code under the interleaving explorer (test/model): there
 * each call becomes a step at which another thread may run, or at which this thread may be killed.
 *
 * JavaScript's atomics are sequentially consistent; there is no weaker order to choose. A call costs
 * about ten times a plain access, so hot paths keep copies of the far side's words and refresh them
 * only when the copy says "full" or "empty".
 */

import { parallelism } from "./host.ts";
import { type SleepOrder, sleepElsewhere } from "./sleeping.ts";

/** Reads a word. */
export function load(words: Int32Array, index: number): number {
  return Atomics.load(words, index);
}

/**
 * Reads a word without an atomic operation, for a tenth of its price. What was written before this thread last heard
 * from the writer is seen; of what is written meanwhile it may be seen later, never in a wrong order with itself.
 * So it is for looks whose answer may be outdated as soon as it is given.
 */
export function glance(words: Int32Array, index: number): number {
  return words[index] as number;
}

/** Writes a word. */
export function store(words: Int32Array, index: number, value: number): void {
  Atomics.store(words, index, value);
}

/** Adds to a word and returns what it was before. */
export function add(words: Int32Array, index: number, value: number): number {
  return Atomics.add(words, index, value);
}

/** Sets bits of a word and returns what it was before. */
export function or(words: Int32Array, index: number, bits: number): number {
  return Atomics.or(words, index, bits);
}

/** Keeps only the given bits of a word and returns what it was before. */
export function and(words: Int32Array, index: number, bits: number): number {
  return Atomics.and(words, index, bits);
}

/** Replaces a word and returns what it was before. */
export function exchange(words: Int32Array, index: number, value: number): number {
  return Atomics.exchange(words, index, value);
}

/** Replaces a word if it is `expected`; returns what it was before, so success is `=== expected`. */
export function compareExchange(
  words: Int32Array,
  index: number,
  expected: number,
  replacement: number,
): number {
  return Atomics.compareExchange(words, index, expected, replacement);
}

/** Blocks this thread while the word is `value`, until notified or `timeoutMs` has passed. */
export function wait(
  words: Int32Array,
  index: number,
  value: number,
  timeoutMs: number = Number.POSITIVE_INFINITY,
): "ok" | "not-equal" | "timed-out" {
  return Atomics.wait(words, index, value, timeoutMs);
}

/** Like {@link wait}, but never blocks: an answer at once, or a promise of it. */
export function waitAsync(
  words: Int32Array,
  index: number,
  value: number,
  timeoutMs: number = Number.POSITIVE_INFINITY,
):
  | { readonly async: false; readonly value: "not-equal" | "timed-out" }
  | { readonly async: true; readonly value: Promise<"ok" | "timed-out"> } {
  const { waitAsync: native } = Atomics as Partial<typeof Atomics>;
  if (native === undefined) return waitBySleeper({ words, index, value, timeoutMs });
  return Atomics.waitAsync(words, index, value, timeoutMs);
}

function waitBySleeper(order: SleepOrder): ReturnType<typeof waitAsync> {
  if (load(order.words, order.index) !== order.value) return { async: false, value: "not-equal" };
  const woken = sleepElsewhere(order).then((how) => (how === "timed-out" ? how : "ok"));
  return { async: true, value: woken };
}

/** Wakes every thread that waits on the word. Never only one: a wake-up aimed at one thread dies with it. */
export function notify(words: Int32Array, index: number): void {
  Atomics.notify(words, index);
}

/** Lets some 30 ns go by; where the engine can say it, the processor knows that this thread only waits. */
export function pause(): void {
  const { pause: rest } = Atomics as { pause?: () => void };
  if (rest !== undefined) rest();
  else for (let i = 0; i < PAUSE_STEPS; i++) idled = Math.imul(idled, 5) + i;
}

const PAUSE_STEPS = 24;
let idled = 0;

/**
 * For how many pauses it is worth looking at a word again and again before going to sleep: a sleep and a wake-up cost
 * some microseconds, a pause and a look some nanoseconds. None where the other thread cannot run meanwhile.
 */
export function looksBeforeSleep(): number {
  return parallelism() > 1 ? 600 : 0;
}
