/**
 * What src/runtime/atomics.ts is replaced by under the explorer: the same exports, each a step of the
 * thread that calls it. Outside of an explored thread (in `setup`, `after` and `always`, which run alone)
 * the same calls simply operate, and waiting is an error.
 */
import { currentSeat } from "./seat.ts";
import type { WaitAnswer } from "./seat.ts";

/** Reads a word. */
export function load(words: Int32Array, index: number): number {
  const operate = (): number => Atomics.load(words, index);
  const request = { operation: "load", words, index, first: 0, second: 0 } as const;
  return currentSeat()?.take(request, operate) ?? operate();
}

/** Reads a word; a step as well, since others may have written it at any moment before. */
export function glance(words: Int32Array, index: number): number {
  return load(words, index);
}

/** Writes a word. */
export function store(words: Int32Array, index: number, value: number): void {
  const operate = (): number => Atomics.store(words, index, value);
  const request = { operation: "store", words, index, first: value, second: 0 } as const;
  void (currentSeat()?.take(request, operate) ?? operate());
}

/** Adds to a word and returns what it was before. */
export function add(words: Int32Array, index: number, value: number): number {
  const operate = (): number => Atomics.add(words, index, value);
  const request = { operation: "add", words, index, first: value, second: 0 } as const;
  return currentSeat()?.take(request, operate) ?? operate();
}

/** Sets bits of a word and returns what it was before. */
export function or(words: Int32Array, index: number, bits: number): number {
  const operate = (): number => Atomics.or(words, index, bits);
  const request = { operation: "or", words, index, first: bits, second: 0 } as const;
  return currentSeat()?.take(request, operate) ?? operate();
}

/** Keeps only the given bits of a word and returns what it was before. */
export function and(words: Int32Array, index: number, bits: number): number {
  const operate = (): number => Atomics.and(words, index, bits);
  const request = { operation: "and", words, index, first: bits, second: 0 } as const;
  return currentSeat()?.take(request, operate) ?? operate();
}

/** Replaces a word and returns what it was before. */
export function exchange(words: Int32Array, index: number, value: number): number {
  const operate = (): number => Atomics.exchange(words, index, value);
  const request = { operation: "exchange", words, index, first: value, second: 0 } as const;
  return currentSeat()?.take(request, operate) ?? operate();
}

/** Replaces a word if it is `expected`; returns what it was before. */
export function compareExchange(
  words: Int32Array,
  index: number,
  expected: number,
  replacement: number,
): number {
  const operate = (): number => Atomics.compareExchange(words, index, expected, replacement);
  const operands = { first: expected, second: replacement };
  const request = { operation: "compareExchange", words, index, ...operands } as const;
  return currentSeat()?.take(request, operate) ?? operate();
}

/** Stops this thread while the word is `value`, until notified or until the scheduler lets the timeout fire. */
export function wait(
  words: Int32Array,
  index: number,
  value: number,
  timeoutMs: number = Number.POSITIVE_INFINITY,
): WaitAnswer {
  const seat = currentSeat();
  if (seat === undefined)
    throw new Error("`wait` outside of an explored thread would never return.");
  return seat.wait({ operation: "wait", words, index, first: value, second: 0 }, timeoutMs);
}

/** Like {@link wait}, but a promise: the thread stops when it has nothing else to do. */
export function waitAsync(
  words: Int32Array,
  index: number,
  value: number,
  timeoutMs: number = Number.POSITIVE_INFINITY,
):
  | { readonly async: false; readonly value: "not-equal" | "timed-out" }
  | { readonly async: true; readonly value: Promise<"ok" | "timed-out"> } {
  const seat = currentSeat();
  if (seat === undefined)
    throw new Error("`waitAsync` outside of an explored thread never settles.");
  return seat.waitAsync(
    { operation: "waitAsync", words, index, first: value, second: 0 },
    timeoutMs,
  );
}

/** Wakes every thread that waits on the word. */
export function notify(words: Int32Array, index: number): void {
  currentSeat()?.notify(words, index);
}

/** Nothing: an explored thread runs alone. */
export function pause(): void {}

/** Never: each look would be a step that shows nothing new. */
export function looksBeforeSleep(): number {
  return 0;
}
