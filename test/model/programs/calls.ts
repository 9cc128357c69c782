/** Which calls of a pool have begun: a worker that begins them against a pool that takes them back. */
import assert from "node:assert/strict";
import {
  askToStop,
  beginCall,
  begunCalls,
  isAskedToStop,
  resumeCalls,
  withdrawCalls,
} from "../../../src/pool/call-words.ts";
import { load, store } from "../../../src/runtime/atomics.ts";
import { type Context, type Memory, type Program, type Run, recordedBy } from "../program.ts";

type Buffers = "words" | "calls";

/** How many calls lie in the worker's lane. */
const GIVEN = 3;
const BUFFERS = { words: 12, calls: 4 * GIVEN };

export const eachCallIsBegunOrWithdrawn: Program<Buffers> = {
  claim: "each call is begun by its worker or withdrawn by its pool, whenever the worker dies",
  buffers: BUFFERS,
  threads: { worker: beginAll, pool: withdrawAll },
  kill: { thread: "worker", repair: () => undefined, preemptions: 2 },
  preemptions: 3,
  after: eachOnce,
};

export const withdrawnCallsDoNotComeBack: Program<Buffers> = {
  claim: "a worker that resumes begins what it is given then, and nothing that was withdrawn",
  buffers: BUFFERS,
  threads: {
    worker(memory) {
      beginAll(memory);
      const words = wordsOf(memory);
      if (load(words, 0) < 0) resumeCalls(words);
      beginCall(words);
    },
    pool: withdrawAll,
  },
  preemptions: 3,
  after(memory, run) {
    const [begun = 0] = recordedBy(run, "pool");
    for (let i = begun; i < GIVEN; i++) assert.equal(callsOf(memory)[i], 0);
    assert.ok(begunCalls(wordsOf(memory)) >= begun);
  },
};

export const aStopIsMeantForOneCall: Program<Buffers> = {
  claim: "a call that is asked to stop is the only one that hears of it",
  buffers: BUFFERS,
  threads: {
    worker(memory, context) {
      const words = wordsOf(memory);
      for (let i = 0; i < 2; i++) {
        const number = beginCall(words) ?? 0;
        if (isAskedToStop(words, number)) context.record(number);
      }
    },
    pool: (memory) => askToStop(wordsOf(memory), 1),
  },
  preemptions: 3,
  after(_memory, run) {
    for (const number of recordedBy(run, "worker")) assert.equal(number, 1);
  },
};

export const beginningWithoutCompareAndSet: Program<Buffers> = {
  claim: "beginning a call by a look and a store would make calls that were withdrawn",
  buffers: BUFFERS,
  threads: {
    worker(memory) {
      const words = wordsOf(memory);
      for (let i = 0; i < GIVEN; i++) {
        const begun = load(words, 0);
        if (begun < 0) return;
        store(words, 0, begun + 1);
        mark(memory, i);
      }
    },
    pool: withdrawAll,
  },
  after: eachOnce,
  fails: { message: /withdrawn and begun/, preemptions: 1 },
};

/** Begins calls until they are withdrawn, and marks each. */
function beginAll(memory: Memory<Buffers>): void {
  for (let i = 0; i < GIVEN; i++) {
    if (beginCall(wordsOf(memory)) === undefined) return;
    mark(memory, i);
  }
}

function withdrawAll(memory: Memory<Buffers>, context: Context): void {
  context.record(withdrawCalls(wordsOf(memory)));
}

/** What the pool was told has begun is all that was ever called; a dead worker may not have come to the last. */
function eachOnce(memory: Memory<Buffers>, run: Run): void {
  const [begun = 0] = recordedBy(run, "pool");
  const calls = callsOf(memory);
  for (let i = begun; i < GIVEN; i++)
    assert.equal(calls[i], 0, `call ${i} was withdrawn and begun`);
  const done = calls.filter((times) => times === 1).length;
  assert.ok(begun - done <= 1, `${begun} calls have begun and ${done} were made`);
}

function mark(memory: Memory<Buffers>, call: number): void {
  store(callsOf(memory), call, 1);
}

function wordsOf(memory: Memory<Buffers>): Int32Array {
  return new Int32Array(memory.words);
}

function callsOf(memory: Memory<Buffers>): Int32Array {
  return new Int32Array(memory.calls);
}
