/** Two threads add to one word: the smallest thing that can go wrong. */
import assert from "node:assert/strict";
import { add, compareExchange, load, store } from "../../../src/runtime/atomics.ts";
import type { Memory, Program } from "../program.ts";

function wordsOf(memory: Memory<"words">): Int32Array {
  return new Int32Array(memory.words);
}

function expectTwo(memory: Memory<"words">): void {
  assert.equal(load(wordsOf(memory), 0), 2, "an addition was lost");
}

function addByLoadAndStore(memory: Memory<"words">): void {
  const words = wordsOf(memory);
  store(words, 0, load(words, 0) + 1);
}

function addByCompareExchange(memory: Memory<"words">): void {
  const words = wordsOf(memory);
  let seen = load(words, 0);
  for (;;) {
    const found = compareExchange(words, 0, seen, seen + 1);
    if (found === seen) return;
    seen = found;
  }
}

function addPlainly(memory: Memory<"words">): void {
  const words = wordsOf(memory);
  const seen = words[0] ?? 0;
  load(words, 1);
  words[0] = seen + 1;
}

function addTwicePlainly(memory: Memory<"words">): void {
  const words = wordsOf(memory);
  words[0] = (words[0] ?? 0) + 1;
  load(words, 1);
}

export const lostUpdate: Program<"words"> = {
  claim: "adding by a load and a store loses an addition",
  buffers: { words: 8 },
  threads: { first: addByLoadAndStore, second: addByLoadAndStore },
  after: expectTwo,
  fails: { message: /an addition was lost/, preemptions: 1 },
};

export const addition: Program<"words"> = {
  claim: "an atomic addition loses nothing",
  buffers: { words: 8 },
  threads: {
    first: (memory) => void add(wordsOf(memory), 0, 1),
    second: (memory) => void add(wordsOf(memory), 0, 1),
  },
  after: expectTwo,
};

export const compareAndSwapLoop: Program<"words"> = {
  claim: "adding by compare-and-swap in a loop loses nothing",
  buffers: { words: 8 },
  threads: { first: addByCompareExchange, second: addByCompareExchange },
  after: expectTwo,
  preemptions: 4,
};

export const plainLostUpdate: Program<"words"> = {
  claim: "plain accesses around an atomic operation lose an addition",
  buffers: { words: 8 },
  threads: { first: addPlainly, second: addPlainly },
  after: expectTwo,
  // Both read before their first operation, which no schedule separates: it fails without a pre-emption.
  fails: { message: /an addition was lost/, preemptions: 0 },
};

export const unseenPlainRace: Program<"words"> = {
  claim:
    "plain accesses with no atomic operation in between race unseen: this one is wrong and passes",
  buffers: { words: 8 },
  threads: { first: addTwicePlainly, second: addTwicePlainly },
  after: expectTwo,
};
