/** Locks, right and wrong. Each thread notes itself inside, so that two of them in there are caught. */
import assert from "node:assert/strict";
import {
  add,
  compareExchange,
  exchange,
  load,
  notify,
  store,
  wait,
} from "../../../src/runtime/atomics.ts";
import type { Memory, Program, ThreadBody } from "../program.ts";

const LOCK = 0;
const INSIDE = 1;
const TURN = 2;
const WANTS = 3;

const FREE = 0;
const HELD = 1;
const HELD_WITH_WAITERS = 2;

const buffers = { words: 32 };

function wordsOf(memory: Memory<"words">): Int32Array {
  return new Int32Array(memory.words);
}

function beInside(words: Int32Array): void {
  assert.equal(add(words, INSIDE, 1), 0, "two threads are inside");
  add(words, INSIDE, -1);
}

/** Three states, so that an uncontended unlock need not notify. */
function lock(words: Int32Array): void {
  if (compareExchange(words, LOCK, FREE, HELD) === FREE) return;
  while (exchange(words, LOCK, HELD_WITH_WAITERS) !== FREE) wait(words, LOCK, HELD_WITH_WAITERS);
}

function unlock(words: Int32Array): void {
  if (exchange(words, LOCK, FREE) === HELD_WITH_WAITERS) notify(words, LOCK);
}

function useLock(memory: Memory<"words">): void {
  const words = wordsOf(memory);
  lock(words);
  beInside(words);
  unlock(words);
}

function testThenSet(memory: Memory<"words">): void {
  const words = wordsOf(memory);
  while (load(words, LOCK) !== FREE) wait(words, LOCK, HELD);
  store(words, LOCK, HELD);
  beInside(words);
  store(words, LOCK, FREE);
  notify(words, LOCK);
}

/** Takes the lock right, but says only "held", so that the holder does not know of the waiter. */
function lockUnannounced(memory: Memory<"words">): void {
  const words = wordsOf(memory);
  while (compareExchange(words, LOCK, FREE, HELD) !== FREE) wait(words, LOCK, HELD);
  beInside(words);
  unlock(words);
}

function peterson(me: 0 | 1): ThreadBody<"words"> {
  const other = 1 - me;
  return (memory) => {
    const words = wordsOf(memory);
    store(words, WANTS + me, 1);
    store(words, TURN, other);
    while (load(words, WANTS + other) === 1 && load(words, TURN) === other);
    beInside(words);
    store(words, WANTS + me, 0);
  };
}

/** Gives way before it says that it wants: the two stores the wrong way round. */
function petersonReversed(me: 0 | 1): ThreadBody<"words"> {
  const other = 1 - me;
  return (memory) => {
    const words = wordsOf(memory);
    store(words, TURN, other);
    store(words, WANTS + me, 1);
    while (load(words, WANTS + other) === 1 && load(words, TURN) === other);
    beInside(words);
    store(words, WANTS + me, 0);
  };
}

/** Takes two locks in the order given. */
function takeBoth(first: number, second: number): ThreadBody<"words"> {
  return (memory) => {
    const words = wordsOf(memory);
    for (const word of [first, second]) {
      while (compareExchange(words, word, FREE, HELD) !== FREE) wait(words, word, HELD);
    }
    for (const word of [first, second]) {
      store(words, word, FREE);
      notify(words, word);
    }
  };
}

export const sleepingLock: Program<"words"> = {
  claim: "a lock taken by compare-and-swap, with a wait and a notify, keeps three threads apart",
  buffers,
  threads: { first: useLock, second: useLock, third: useLock },
  after: (memory) => assert.equal(load(wordsOf(memory), LOCK), FREE),
};

export const testThenSetLock: Program<"words"> = {
  claim: "a lock that tests and then sets lets two threads in",
  buffers,
  threads: { first: testThenSet, second: testThenSet },
  fails: { message: /two threads are inside/, preemptions: 2 },
};

export const unannouncedWaiter: Program<"words"> = {
  claim: "a waiter that does not announce itself is never woken",
  buffers,
  threads: { first: lockUnannounced, second: lockUnannounced },
  fails: { message: /Deadlock: first waits on words\[0\]/, preemptions: 1 },
};

export const petersonLock: Program<"words"> = {
  claim: "Peterson's lock keeps two spinning threads apart",
  buffers,
  threads: { first: peterson(0), second: peterson(1) },
  preemptions: 3,
};

export const petersonReversedLock: Program<"words"> = {
  claim: "Peterson's lock with its stores the wrong way round lets both in",
  buffers,
  threads: { first: petersonReversed(0), second: petersonReversed(1) },
  fails: { message: /two threads are inside/, preemptions: 2 },
};

export const oppositeOrders: Program<"words"> = {
  claim: "two locks taken in opposite orders deadlock",
  buffers,
  threads: { first: takeBoth(0, 1), second: takeBoth(1, 0) },
  fails: { message: /first waits on words\[1\], second waits on words\[0\]/, preemptions: 1 },
};

export const deserted: Program<"words"> = {
  claim: "a spinning thread whose partner never comes has no end",
  buffers,
  threads: {
    first(memory) {
      const words = wordsOf(memory);
      while (load(words, LOCK) === FREE);
    },
  },
  stepLimit: 100,
  fails: { message: /No end after 100 steps: first is still running/, preemptions: 0 },
};
