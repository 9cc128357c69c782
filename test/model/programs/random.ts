/**
 * A random program: three threads of a few operations on a few words, which record all that they read
 * and go where it leads them.
 * `random?seed=7` is another one than `random?seed=8`. The explorer's reduction is checked with them.
 */
import { add, compareExchange, exchange, load, store } from "../../../src/runtime/atomics.ts";
import type { Context, Memory, Program, ThreadBody } from "../program.ts";

const OPERATIONS = 3;
const WORDS = 5;

const seed = Number(new URL(import.meta.url).searchParams.get("seed") ?? 1);

/** A number below `limit` that depends on the seed, the thread and the place in its code only. */
function pick(thread: number, place: number, limit: number): number {
  let mixed = (seed * 0x9e37_79b1) ^ (thread * 0x85eb_ca6b) ^ (place * 0xc2b2_ae35);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b_3c6d);
  mixed = Math.imul(mixed ^ (mixed >>> 12), 0x297a_2d39);
  return ((mixed ^ (mixed >>> 15)) >>> 0) % limit;
}

function randomThread(thread: number): ThreadBody<"words"> {
  return (memory: Memory<"words">, context: Context) => {
    const words = new Int32Array(memory.words);
    let seen = 0;
    for (let i = 0; i < OPERATIONS; i++) {
      const index = (pick(thread, 2 * i, WORDS) + Math.abs(seen)) % WORDS;
      const value = 10 * thread + i + 1;
      seen = operate(words, index, value, pick(thread, 2 * i + 1, 5));
      context.record(seen);
    }
  };
}

function operate(words: Int32Array, index: number, value: number, kind: number): number {
  if (kind === 0) return load(words, index);
  if (kind === 1) return add(words, index, value);
  if (kind === 2) return exchange(words, index, value);
  if (kind === 3) return compareExchange(words, index, 0, value);
  store(words, index, value);
  return -1;
}

export const random: Program<"words"> = {
  claim: "three threads of random operations come to an end",
  buffers: { words: 4 * WORDS },
  threads: { first: randomThread(1), second: randomThread(2), third: randomThread(3) },
};
