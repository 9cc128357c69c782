/** Threads killed at every step, and what a reaper has to do about it. */
import assert from "node:assert/strict";
import {
  compareExchange,
  exchange,
  load,
  notify,
  store,
  wait,
} from "../../../src/runtime/atomics.ts";
import type { Context, Memory, Program } from "../program.ts";

/** 0 is free; otherwise one more than the number of the thread that holds the lock. */
const OWNER = 0;
const VICTIM = 1;
const SURVIVOR = 2;

/** Words of the undo log and of what it protects. */
const LOGGED = 4;
const OLD_LEFT = 5;
const OLD_RIGHT = 6;
const LEFT = 8;
const RIGHT = 9;

const buffers = { words: 64 };

function wordsOf(memory: Memory<"words">): Int32Array {
  return new Int32Array(memory.words);
}

function lock(words: Int32Array, owner: number): void {
  for (;;) {
    const found = compareExchange(words, OWNER, 0, owner);
    if (found === 0) return;
    wait(words, OWNER, found);
  }
}

function unlock(words: Int32Array): void {
  store(words, OWNER, 0);
  notify(words, OWNER);
}

function useLock(owner: number): (memory: Memory<"words">) => void {
  return (memory) => {
    const words = wordsOf(memory);
    lock(words, owner);
    unlock(words);
  };
}

/** A lock kept tidy by `finally`, which a real death does not run. */
function useLockInFinally(memory: Memory<"words">): void {
  const words = wordsOf(memory);
  lock(words, VICTIM);
  try {
    load(words, LEFT);
  } finally {
    unlock(words);
  }
}

/** Notifies in any case: the victim may have freed the lock and died before its own notify. */
function breakLock(memory: Memory<"words">): void {
  const words = wordsOf(memory);
  compareExchange(words, OWNER, VICTIM, 0);
  notify(words, OWNER);
}

function breakLockAndNotifyIfHeld(memory: Memory<"words">): void {
  const words = wordsOf(memory);
  if (compareExchange(words, OWNER, VICTIM, 0) === VICTIM) notify(words, OWNER);
}

function breakLockSilently(memory: Memory<"words">): void {
  compareExchange(wordsOf(memory), OWNER, VICTIM, 0);
}

function breakAnyLock(memory: Memory<"words">): void {
  const words = wordsOf(memory);
  if (exchange(words, OWNER, 0) !== 0) notify(words, OWNER);
}

/** Moves one from left to right in place; their sum must stay what it was. */
function move(words: Int32Array): void {
  words[LEFT] = (words[LEFT] ?? 0) - 1;
  words[RIGHT] = (words[RIGHT] ?? 0) + 1;
}

function updateInPlace(memory: Memory<"words">): void {
  const words = wordsOf(memory);
  lock(words, VICTIM);
  move(words);
  unlock(words);
}

function updateWithUndoLog(memory: Memory<"words">): void {
  const words = wordsOf(memory);
  lock(words, VICTIM);
  words[OLD_LEFT] = words[LEFT] ?? 0;
  words[OLD_RIGHT] = words[RIGHT] ?? 0;
  exchange(words, LOGGED, 1);
  move(words);
  store(words, LOGGED, 0);
  unlock(words);
}

/** Plain count: nothing orders it against the entries it counts. */
function updateWithPlainLog(memory: Memory<"words">): void {
  const words = wordsOf(memory);
  lock(words, VICTIM);
  words[OLD_LEFT] = words[LEFT] ?? 0;
  words[OLD_RIGHT] = words[RIGHT] ?? 0;
  words[LOGGED] = 1;
  move(words);
  store(words, LOGGED, 0);
  unlock(words);
}

function rollBack(memory: Memory<"words">): void {
  const words = wordsOf(memory);
  if (load(words, OWNER) === VICTIM && load(words, LOGGED) === 1) {
    words[LEFT] = words[OLD_LEFT] ?? 0;
    words[RIGHT] = words[OLD_RIGHT] ?? 0;
    store(words, LOGGED, 0);
  }
  breakLock(memory);
}

function readSum(memory: Memory<"words">, context: Context): void {
  const words = wordsOf(memory);
  lock(words, SURVIVOR);
  context.record((words[LEFT] ?? 0) + (words[RIGHT] ?? 0));
  unlock(words);
}

const accounts: Pick<Program<"words">, "buffers" | "setup" | "after"> = {
  buffers,
  setup(memory) {
    wordsOf(memory)[LEFT] = 10;
  },
  after(_memory, run) {
    for (const { value } of run.log) assert.equal(value, 10, "the survivor saw half an update");
  },
};

export const repairedLock: Program<"words"> = {
  claim: "a lock that names its owner is broken after the owner's death, and nobody waits for ever",
  buffers,
  threads: { victim: useLock(VICTIM), survivor: useLock(SURVIVOR) },
  after: (memory) => assert.equal(load(wordsOf(memory), OWNER), 0),
  kill: { thread: "victim", repair: breakLock, preemptions: 2 },
};

export const unrepairedLock: Program<"words"> = {
  claim: "a lock whose holder is killed and that nobody repairs is waited for for ever",
  buffers,
  threads: { victim: useLock(VICTIM), survivor: useLock(SURVIVOR) },
  kill: { thread: "victim" },
  fails: { message: /Deadlock: victim is dead, survivor waits on words\[0\]/, preemptions: 0 },
};

export const finallyIsNoRepair: Program<"words"> = {
  claim: "a killed thread does not run its `finally` blocks",
  buffers,
  threads: { victim: useLockInFinally, survivor: useLock(SURVIVOR) },
  kill: { thread: "victim" },
  fails: { message: /Deadlock: victim is dead, survivor waits/, preemptions: 0 },
};

export const silentRepair: Program<"words"> = {
  claim: "a repair that frees the lock without a notify leaves its waiters asleep",
  buffers,
  threads: { victim: useLock(VICTIM), survivor: useLock(SURVIVOR) },
  kill: { thread: "victim", repair: breakLockSilently },
  fails: { message: /Deadlock: victim is dead, survivor waits/, preemptions: 0 },
};

export const forgottenNotify: Program<"words"> = {
  claim:
    "a repair that notifies only for a held lock forgets a victim that freed it and died before its notify",
  buffers,
  threads: { victim: useLock(VICTIM), survivor: useLock(SURVIVOR) },
  kill: { thread: "victim", repair: breakLockAndNotifyIfHeld },
  fails: { message: /Deadlock: victim is dead, survivor waits/, preemptions: 1 },
};

export const overzealousRepair: Program<"words"> = {
  claim: "a repair that breaks whatever lock it finds breaks a living thread's",
  buffers,
  threads: {
    victim: useLock(VICTIM),
    survivor(memory) {
      const words = wordsOf(memory);
      lock(words, SURVIVOR);
      assert.equal(load(words, OWNER), SURVIVOR, "the lock was taken away");
      unlock(words);
    },
  },
  kill: { thread: "victim", repair: breakAnyLock },
  fails: { message: /the lock was taken away/, preemptions: 1 },
};

export const undoLog: Program<"words"> = {
  ...accounts,
  claim: "an update with an undo log is seen whole or not at all, wherever it is killed",
  threads: { victim: updateWithUndoLog, survivor: readSum },
  kill: { thread: "victim", repair: rollBack, preemptions: 2 },
};

export const noUndoLog: Program<"words"> = {
  ...accounts,
  claim: "an update in place without an undo log is seen torn",
  threads: { victim: updateInPlace, survivor: readSum },
  kill: { thread: "victim", repair: rollBack },
  fails: { message: /the survivor saw half an update/, preemptions: 0 },
};

export const plainUndoLog: Program<"words"> = {
  ...accounts,
  claim: "an undo log published by a plain write may be lost while the update is not",
  threads: { victim: updateWithPlainLog, survivor: readSum },
  kill: { thread: "victim", repair: rollBack },
  fails: { message: /the survivor saw half an update/, preemptions: 0 },
};
