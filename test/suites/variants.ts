/**
 * The variants of lanes that every suite runs its list of tests on.
 *
 *   alone        one handle on each side, room for four items
 *   shared       three clones on each side: `left` and `right` are another one of them each time
 *   single       one handle on each side, room for one item: full and empty are next to each other
 *   rendezvous   no room: an item passes from hand to hand
 */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { End, QuipeError, type QuipeOptions, quipe, spawn } from "../../src/index.ts";
import { checkLane } from "../../src/quipe/lane-contents.ts";
import { nextTurn } from "../../src/runtime/host.ts";
import { until } from "../until.ts";

/** Makes pairs of ends of one kind. */
export interface Variant {
  readonly name: "alone" | "shared" | "single" | "rendezvous";
  /** How many items may wait. */
  readonly capacity: number;
  /** How many handles each side has. */
  readonly handles: number;
  make(options?: QuipeOptions): Pair;
}

/** The two ends of one quipe, both held by this task. */
export class Pair {
  readonly lefts: readonly End[];
  readonly rights: readonly End[];
  #turn = 0;

  constructor([left, right]: readonly [End, End], handles: number) {
    const more = Array.from({ length: handles - 1 });
    this.lefts = [left, ...more.map(() => left.clone())];
    this.rights = [right, ...more.map(() => right.clone())];
  }

  /** A handle of the left side: with several of them, not the one of the last time. */
  get left(): End {
    return this.#next(this.lefts);
  }

  /** A handle of the right side. */
  get right(): End {
    return this.#next(this.rights);
  }

  /** Closes all handles of the left side; the error goes with the first one. */
  closeLeft(error?: unknown): void {
    this.lefts.forEach((end, i) => void end.close(i === 0 ? error : undefined));
  }

  /** Closes all handles of the right side. */
  closeRight(error?: unknown): void {
    this.rights.forEach((end, i) => void end.close(i === 0 ? error : undefined));
  }

  /** Asserts that the lanes add up. */
  check(): void {
    for (const lane of End.insideOf(this.lefts[0] as End).live.handle.memory.lanes) checkLane(lane);
  }

  #next(ends: readonly End[]): End {
    this.#turn += 1;
    return ends[this.#turn % ends.length] as End;
  }
}

const kinds = [
  { name: "alone", capacity: 4, handles: 1 },
  { name: "shared", capacity: 4, handles: 3 },
  { name: "single", capacity: 1, handles: 1 },
  { name: "rendezvous", capacity: 0, handles: 1 },
] as const;

/** The variants, each with the same list of tests. */
export const variants: readonly Variant[] = kinds.map(({ name, capacity, handles }) => ({
  name,
  capacity,
  handles,
  make: (options) => new Pair(quipe({ capacity, ...options }), handles),
}));

/** Those in which items can wait. */
export const buffering: readonly Variant[] = variants.filter(({ capacity }) => capacity > 0);

/** Runs a test on fresh ends of each variant, and looks afterwards whether the lanes add up. */
export function everyVariant(
  claim: string,
  body: (pair: Pair, variant: Variant) => void | Promise<void>,
  among: readonly Variant[] = variants,
): void {
  for (const variant of among) {
    test(`${variant.name}: ${claim}`, async () => {
      const pair = variant.make();
      await body(pair, variant);
      pair.check();
    });
  }
}

/** Starts a reaper before the first test, for what does not go through the lanes themselves. */
export function startFirst(): void {
  before(async () => {
    await spawn(() => 0).result;
  });
}

/** Sends items one after the other without waiting for any. The last promise settles last. */
export function sendAll(pair: Pair, items: readonly unknown[]): Promise<void>[] {
  return items.map((item) => pair.left.send(item));
}

/** Receives so many items one after the other. */
export async function take(pair: Pair, count: number): Promise<unknown[]> {
  const items: unknown[] = [];
  while (items.length < count) items.push(await pair.right.receive());
  return items;
}

/** The numbers from 0 on. */
export function numbersTo(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

/** Fills the lane from left to right as far as it takes something without anybody waiting for it. */
export function fill({ left }: Pair): number {
  let count = 0;
  while (left.trySend(count)) count += 1;
  return count;
}

/** One turn of the event loop. */
export function turn(): Promise<void> {
  return nextTurn();
}

/** A promise that does not keep the program alive by itself, kept alive until it is settled. */
export async function settled<T>(promise: Promise<T>): Promise<T> {
  let isOver = false;
  const note = (): void => void (isOver = true);
  promise.then(note, note);
  await until(() => isOver);
  return await promise;
}

/** Whether a promise is settled by the time that everything which can go on without it has done so. */
export async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let isOver = false;
  const note = (): void => void (isOver = true);
  promise.then(note, note);
  for (let i = 0; i < 4; i++) await turn();
  return isOver;
}

/** What a promise comes to: its value, or the code of its error. */
export async function answerOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    return await promise;
  } catch (error) {
    return codeOf(error);
  }
}

/** What a call comes to: its value, or the code of its error. */
export function answerNow(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return codeOf(error);
  }
}

/** The code of a QuipeError, which it must be. */
export function codeOf(error: unknown): string {
  assert.ok(error instanceof QuipeError, String(error));
  return error.code;
}
