/** Programs about the explorer itself: how much it runs, what it sees, and what becomes of time. */
import assert from "node:assert/strict";
import { add, load, notify, store, wait, waitAsync } from "../../../src/runtime/atomics.ts";
import { recordedBy } from "../program.ts";
import type { Context, Memory, Program } from "../program.ts";

const COUNT = 0;
const FLAG = 1;
const PAYLOAD = 2;
const HALF = 3;

const HOUR_MS = 3_600_000;

const buffers = { words: 32 };

function wordsOf(memory: Memory<"words">): Int32Array {
  return new Int32Array(memory.words);
}

function addTwice(memory: Memory<"words">): void {
  add(wordsOf(memory), COUNT, 1);
  add(wordsOf(memory), COUNT, 1);
}

function publishTooEarly(memory: Memory<"words">): void {
  const words = wordsOf(memory);
  store(words, FLAG, 1);
  words[PAYLOAD] = 42;
}

function readPublished(memory: Memory<"words">): void {
  const words = wordsOf(memory);
  if (load(words, FLAG) === 1) assert.equal(words[PAYLOAD], 42, "read before it was written");
}

async function waitOrGiveUp(memory: Memory<"words">, context: Context): Promise<void> {
  const words = wordsOf(memory);
  const answer = waitAsync(words, FLAG, 0);
  const timer = new Promise<"late">((resolve) => setTimeout(() => resolve("late"), HOUR_MS));
  const first = answer.async ? await Promise.race([answer.value, timer]) : answer.value;
  context.record(first === "late" ? 1 : 0);
}

export const twoByTwo: Program<"words"> = {
  claim: "two threads of two steps",
  buffers,
  threads: { first: addTwice, second: addTwice },
  after: (memory) => assert.equal(load(wordsOf(memory), COUNT), 4),
};

export const threeByTwo: Program<"words"> = {
  claim: "three threads of two steps",
  buffers,
  threads: { first: addTwice, second: addTwice, third: addTwice },
  after: (memory) => assert.equal(load(wordsOf(memory), COUNT), 6),
  preemptions: 4,
};

export const killedAlone: Program<"words"> = {
  claim: "a thread of two steps dies before, between or after them",
  buffers,
  threads: { victim: addTwice },
  kill: { thread: "victim" },
};

export const publishedTooEarly: Program<"words"> = {
  claim: "what is written plainly after the flag that publishes it is read too early",
  buffers,
  threads: { writer: publishTooEarly, reader: readPublished },
  pauses: true,
  fails: { message: /read before it was written/, preemptions: 1 },
};

export const publishedTooEarlyUnseen: Program<"words"> = {
  claim: "without pauses the same program passes, because plain code belongs to the step before it",
  buffers,
  threads: { writer: publishTooEarly, reader: readPublished },
};

export const brokenInvariant: Program<"words"> = {
  claim: "an invariant that does not hold for one step is seen at that step",
  buffers,
  threads: {
    writer(memory) {
      const words = wordsOf(memory);
      store(words, HALF, 1);
      store(words, HALF, 0);
    },
  },
  always: (memory) => assert.equal(load(wordsOf(memory), HALF), 0, "half of it is done"),
  fails: { message: /half of it is done/, preemptions: 0 },
};

export const longTimeout: Program<"words"> = {
  claim: "a wait of an hour passes at once, and the clock agrees",
  buffers,
  threads: {
    waiter(memory) {
      const before = performance.now();
      assert.equal(wait(wordsOf(memory), FLAG, 0, HOUR_MS), "timed-out");
      assert.equal(performance.now() - before, HOUR_MS);
    },
  },
};

export const timerOrWait: Program<"words"> = {
  claim:
    "an asynchronous wait that races a timer ends either way, and a forgotten wait harms no later schedule",
  buffers,
  threads: {
    waiter: waitOrGiveUp,
    caller(memory) {
      const words = wordsOf(memory);
      store(words, FLAG, 1);
      notify(words, FLAG);
    },
  },
  preemptions: 1,
  after: (_memory, run) => assert.equal(recordedBy(run, "waiter").length, 1),
};

export const stubborn: Program<"words"> = {
  claim: "a thread that catches whatever is thrown at it is started anew",
  buffers,
  threads: {
    waiter(memory) {
      for (;;) {
        try {
          wait(wordsOf(memory), FLAG, 0);
        } catch {
          // goes on, whatever it was
        }
      }
    },
  },
  fails: { message: /Deadlock: waiter waits on words\[1\]/, preemptions: 0 },
};

export const asyncVictim: Program<"words"> = {
  claim: "a thread killed while it awaits leaves nothing behind for the next schedule",
  buffers,
  threads: {
    async victim(memory) {
      const words = wordsOf(memory);
      for (let seen = load(words, FLAG); seen === 0; seen = load(words, FLAG)) {
        await waitAsync(words, FLAG, 0).value;
      }
      add(words, COUNT, 1);
    },
    caller(memory) {
      const words = wordsOf(memory);
      store(words, FLAG, 1);
      notify(words, FLAG);
    },
  },
  kill: { thread: "victim", preemptions: 0 },
  after: (memory, run) => {
    assert.ok(load(wordsOf(memory), COUNT) === 1 || run.killed === "victim");
  },
};

export const detachedVictim: Program<"words"> = {
  claim: "a thread is killed while it awaits something else than its own detached work",
  buffers,
  threads: {
    async victim(memory) {
      const words = wordsOf(memory);
      void countRings(words);
      while (load(words, COUNT) === 0) await waitAsync(words, COUNT, 0).value;
    },
    caller(memory) {
      const words = wordsOf(memory);
      for (const word of [FLAG, COUNT]) {
        add(words, word, 1);
        notify(words, word);
      }
    },
  },
  kill: { thread: "victim", preemptions: 0 },
};

async function countRings(words: Int32Array): Promise<void> {
  while (load(words, FLAG) === 0) await waitAsync(words, FLAG, 0).value;
  add(words, HALF, 1);
}
