/**
 * Tasks that send and receive as fast as they can, and a scoreboard in shared memory that outlives them: what each sender
 * was told that it had sent, and each item that somebody received.
 *
 *   words 0–15    STOP · RECEIVED · TWICE · DISORDER
 *   words 16–     for each life of a sender: how many of its items were accepted
 *   behind        one bit for each item
 */
import { QuipeError } from "../../src/errors.ts";
import type { End } from "../../src/quipe/end.ts";
import { add, load, or, store } from "../../src/runtime/atomics.ts";
import { task } from "../../src/task/entry.ts";

export const SCORE = { STOP: 0, RECEIVED: 1, TWICE: 2, DISORDER: 3, ACCEPTED: 16 } as const;
/** Lives of senders that one board has room for. */
export const MOST_LIVES = 48;
/** The most items of one life. */
export const MOST_ITEMS = 1 << 20;

const BITS = SCORE.ACCEPTED + MOST_LIVES;
/** Every so many items one is sent as an object, and one without blocking. */
const OBJECT_EVERY = 64;
const ASYNC_EVERY = 31;

/** What travels: an item's number, by itself or in an object. */
export type Item = number | { readonly number: number };

/** A fresh scoreboard. */
export function createScores(): SharedArrayBuffer {
  return new SharedArrayBuffer((BITS + (MOST_LIVES * MOST_ITEMS) / 32) * 4);
}

/** How many items of a life were received, and of the first `count` of them. */
export function countReceived(scores: Int32Array, life: number, count: number): number {
  let found = 0;
  for (let i = 0; i < count; i++) {
    const number = life * MOST_ITEMS + i;
    if (((scores[BITS + (number >> 5)] as number) & (1 << (number & 31))) !== 0) found += 1;
  }
  return found;
}

/** Sends until it is told to stop, or nobody receives any more. */
export const sendMany = task(
  import.meta.url,
  async function sendMany(end: End<Item, never>, buffer: SharedArrayBuffer, life: number) {
    const scores = new Int32Array(buffer);
    try {
      for (let i = 0; i < MOST_ITEMS && scores[SCORE.STOP] === 0; i++) {
        const number = life * MOST_ITEMS + i;
        const item = i % OBJECT_EVERY === 1 ? { number } : number;
        if (i % ASYNC_EVERY === 0) await end.send(item);
        else if (i % ASYNC_EVERY !== 1 || !end.trySend(item)) end.sendSync(item);
        store(scores, SCORE.ACCEPTED + life, i + 1);
      }
    } catch (error) {
      if (!(error instanceof QuipeError) || error.code !== "broken") throw error;
    }
    end.close();
  },
);

/** Receives until the end. */
export const receiveMany = task(
  import.meta.url,
  async function receiveMany(end: End<never, Item>, buffer: SharedArrayBuffer) {
    const scores = new Int32Array(buffer);
    const last = new Int32Array(MOST_LIVES).fill(-1);
    try {
      for (let i = 0; ; i++)
        note(scores, last, i % ASYNC_EVERY === 0 ? await end.receive() : end.receiveSync());
    } catch (error) {
      if (!(error instanceof QuipeError)) throw error;
      if (error.code !== "ended" && error.code !== "peer-killed") throw error;
    }
    end.close();
  },
);

function note(scores: Int32Array, last: Int32Array, item: Item): void {
  const number = typeof item === "number" ? item : item.number;
  const life = Math.floor(number / MOST_ITEMS);
  const bit = 1 << (number & 31);
  if ((or(scores, BITS + (number >> 5), bit) & bit) !== 0) add(scores, SCORE.TWICE, 1);
  if (number <= (last[life] as number)) add(scores, SCORE.DISORDER, 1);
  last[life] = number;
  add(scores, SCORE.RECEIVED, 1);
}

/** How many items were received so far. */
export function received(scores: Int32Array): number {
  return load(scores, SCORE.RECEIVED);
}
