/** Waiting for a word and waking who waits, right and wrong, blocking and asynchronous. */
import assert from "node:assert/strict";
import { add, load, notify, store, wait, waitAsync } from "../../../src/runtime/atomics.ts";
import { recordedBy } from "../program.ts";
import type { Context, Memory, Program } from "../program.ts";

const READY = 0;
const BELL = 1;
const ITEMS = 2;

const TIMED_OUT = 1;

const buffers = { words: 16 };

function wordsOf(memory: Memory<"words">): Int32Array {
  return new Int32Array(memory.words);
}

function sayReady(memory: Memory<"words">): void {
  const words = wordsOf(memory);
  store(words, READY, 1);
  add(words, BELL, 1);
  notify(words, BELL);
}

/** The bell is read before the condition, so a ring in between makes the wait return at once. */
function waitForBell(memory: Memory<"words">): void {
  const words = wordsOf(memory);
  for (;;) {
    const bell = load(words, BELL);
    if (load(words, READY) === 1) return;
    wait(words, BELL, bell);
  }
}

/** The condition first, the bell afterwards: a ring in between is slept through. */
function waitForBellReadLate(memory: Memory<"words">): void {
  const words = wordsOf(memory);
  while (load(words, READY) === 0) wait(words, BELL, load(words, BELL));
}

function waitWithSafetyNet(memory: Memory<"words">): void {
  const words = wordsOf(memory);
  while (load(words, READY) === 0) wait(words, BELL, load(words, BELL), 50);
}

async function awaitBell(memory: Memory<"words">): Promise<void> {
  const words = wordsOf(memory);
  for (;;) {
    const bell = load(words, BELL);
    if (load(words, READY) === 1) return;
    await waitAsync(words, BELL, bell).value;
  }
}

async function awaitBellReadLate(memory: Memory<"words">): Promise<void> {
  const words = wordsOf(memory);
  while (load(words, READY) === 0) await waitAsync(words, BELL, load(words, BELL)).value;
}

function waitOnce(memory: Memory<"words">, context: Context): void {
  const answer = wait(wordsOf(memory), BELL, 0, 50);
  context.record(answer === "timed-out" ? TIMED_OUT : 0);
}

export const bell: Program<"words"> = {
  claim: "a bell read before the condition wakes every waiter, in any order of events",
  buffers,
  threads: { waiter: waitForBell, second: waitForBell, caller: sayReady },
  preemptions: 3,
};

export const lostWakeUp: Program<"words"> = {
  claim: "a bell read after the condition loses the wake-up",
  buffers,
  threads: { waiter: waitForBellReadLate, caller: sayReady },
  fails: { message: /Deadlock: waiter waits on words\[1\]/, preemptions: 1 },
};

export const notifyWithoutChange: Program<"words"> = {
  claim: "a notify that changes no word is lost if it comes before the wait",
  buffers,
  threads: {
    waiter: (memory) => void wait(wordsOf(memory), BELL, 0),
    caller: (memory) => notify(wordsOf(memory), BELL),
  },
  // The waiter runs first by default; that the caller comes first is a free choice at the start.
  fails: { message: /Deadlock: waiter waits on words\[1\]/, preemptions: 0 },
};

export const safetyNet: Program<"words"> = {
  claim: "a timeout as safety net gets over a lost wake-up",
  buffers,
  threads: { waiter: waitWithSafetyNet, caller: sayReady },
};

export const safetyNetRemoved: Program<"words"> = {
  claim: "without its safety net the lost wake-up shows",
  buffers,
  threads: { waiter: waitWithSafetyNet, caller: sayReady },
  timeouts: "never",
  fails: { message: /Deadlock: waiter waits on words\[1\]/, preemptions: 1 },
};

export const eitherAnswer: Program<"words"> = {
  claim:
    "taking for granted that a timed wait is notified is refuted by a timeout that comes early",
  buffers,
  threads: { waiter: waitOnce, caller: sayReady },
  after: (_memory, run) => assert.deepEqual(recordedBy(run, "waiter"), [0]),
  fails: { message: /deep-equal/, preemptions: 1 },
};

export const asyncBell: Program<"words"> = {
  claim: "a bell read before the condition wakes an asynchronous waiter and a blocked one",
  buffers,
  threads: { waiter: awaitBell, blocked: waitForBell, caller: sayReady },
};

export const asyncLostWakeUp: Program<"words"> = {
  claim: "a bell read after the condition loses the wake-up of an asynchronous waiter",
  buffers,
  threads: { waiter: awaitBellReadLate, caller: sayReady },
  fails: { message: /Deadlock: waiter waits on words\[1\]/, preemptions: 1 },
};

export const unseenPromise: Program<"words"> = {
  claim: "a thread that awaits what nothing settles is reported instead of being waited for",
  buffers,
  threads: { waiter: () => new Promise<void>(() => undefined) },
  fails: { message: /awaits something that no explored wait settles/, preemptions: 0 },
};

export const handOver: Program<"words"> = {
  claim: "items handed over through one word arrive complete and in order",
  buffers,
  threads: {
    sender(memory) {
      const words = wordsOf(memory);
      for (const item of [7, 8]) {
        for (let full = load(words, ITEMS); full !== 0; full = load(words, ITEMS))
          wait(words, ITEMS, full);
        store(words, ITEMS, item);
        notify(words, ITEMS);
      }
    },
    receiver(memory, context) {
      const words = wordsOf(memory);
      for (let count = 0; count < 2; count++) {
        while (load(words, ITEMS) === 0) wait(words, ITEMS, 0);
        context.record(load(words, ITEMS));
        store(words, ITEMS, 0);
        notify(words, ITEMS);
      }
    },
  },
  after: (_memory, run) => assert.deepEqual(recordedBy(run, "receiver"), [7, 8]),
  preemptions: 3,
};
