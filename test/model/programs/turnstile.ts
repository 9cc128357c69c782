/** The lock before a side of a lane that several tasks use: who gets in, in which order, and who is woken. */
import assert from "node:assert/strict";
import { Entrance } from "../../../src/quipe/entrance.ts";
import { lanesOf } from "../../../src/quipe/quipe-memory.ts";
import { UNIT_WORDS, turnstilesOf } from "../../../src/quipe/lane-layout.ts";
import { and, load } from "../../../src/runtime/atomics.ts";
import { BlockedOn, type TaskId, openBoard, ring } from "../../../src/sync/board.ts";
import { isSeated, seatedSlots, standUp } from "../../../src/sync/seats.ts";
import { Turnstile } from "../../../src/sync/turnstile.ts";
import { block } from "../../../src/sync/wait.ts";
import {
  FOUR,
  ONE,
  THREE,
  TWO,
  TASKS,
  type Buffers,
  buffers,
  setLanes,
  ringAll,
} from "../lanes-stage.ts";
import type { Context, Memory, Program, Run } from "../program.ts";
import { RING_UNITS, play } from "../stage.ts";

const WAITING = { code: BlockedOn.other, text: "a turn" };
const PLACE = turnstilesOf(RING_UNITS * UNIT_WORDS).sender;
/** A word that nothing else uses: who is inside, written without an atomic operation. */
const INSIDE = 8;
/** How the lock looks when somebody has to be woken; see turnstile.ts. */
const HOLDER_MASK = 0x7ff;

type Thread = (memory: Memory<Buffers>, context: Context) => void;

/** Goes in once, in its turn. */
function visits(task: TaskId): Thread {
  return (memory, context) => {
    play(memory, task);
    const turnstile = turnstileOf(memory);
    block(() => turnstile.enterInTurn(task.slot), WAITING);
    useIt(memory, task, context);
    turnstile.leave(task.slot, openBoard(memory.board));
  };
}

/** Is inside from the start, and leaves. */
function leaves(task: TaskId): Thread {
  return (memory) => {
    play(memory, task);
    turnstileOf(memory).leave(task.slot, openBoard(memory.board));
  };
}

/** Waits from the start, and does not want to any more. */
function givesUp(task: TaskId): Thread {
  return (memory) => {
    play(memory, task);
    turnstileOf(memory).giveUp(task.slot, openBoard(memory.board));
  };
}

/** Goes in through the entrance of a lane, which looks again for a moment before it sits down. */
function passes(task: TaskId): Thread {
  return (memory, context) => {
    play(memory, task);
    const entrance = entranceOf(memory, task);
    block(() => entrance.enterInTurn(), WAITING);
    useIt(memory, task, context);
    entrance.leave();
  };
}

/** Two wait behind the one that is inside, in this order. */
function setQueue(...waiting: TaskId[]) {
  return (memory: Memory<Buffers>): void => {
    setAlone(memory);
    const turnstile = turnstileOf(memory);
    assert.ok(turnstile.tryEnter(ONE.slot));
    for (const { slot } of waiting) assert.ok(!turnstile.enterInTurn(slot));
  };
}

function setAlone(memory: Memory<Buffers>): void {
  setLanes(memory, 1, { senders: TASKS, receivers: [] });
}

/** What the reaper does about a turnstile. */
function repairs(task: TaskId): Thread {
  return (memory) => {
    const words = wordsOf(memory);
    if (words[INSIDE] === task.slot) words[INSIDE] = 0;
    turnstileOf(memory).giveUp(task.slot, openBoard(memory.board));
    ringAll(openBoard(memory.board));
  };
}

export const oneAtATime: Program<Buffers> = {
  claim: "a turnstile lets one task in at a time, and leaves nobody asleep",
  buffers,
  setup: setAlone,
  threads: { first: visits(ONE), second: visits(TWO), third: visits(THREE) },
  after: isAtRest,
  timeouts: "never",
  preemptions: 1,
  kill: { thread: "second", repair: repairs(TWO), preemptions: 0 },
};

export const theOneInsideDies: Program<Buffers> = {
  claim: "whoever waits gets in, in order, when the one that was inside leaves or dies anywhere",
  buffers,
  setup: setQueue(TWO, THREE),
  threads: { inside: leaves(ONE), second: visits(TWO), third: visits(THREE) },
  after(memory, run) {
    isAtRest(memory);
    assert.deepEqual(order(run), [TWO.slot, THREE.slot]);
  },
  timeouts: "never",
  preemptions: 1,
  kill: { thread: "inside", repair: repairs(ONE), preemptions: 0 },
};

export const theFirstInLineDies: Program<Buffers> = {
  claim: "the second in line gets in when the first one dies anywhere",
  buffers,
  setup: setQueue(TWO, THREE),
  threads: { second: visits(TWO), inside: leaves(ONE), third: visits(THREE) },
  after(memory, run) {
    isAtRest(memory);
    if (run.killed === undefined) assert.deepEqual(order(run), [TWO.slot, THREE.slot]);
  },
  timeouts: "never",
  preemptions: 1,
  kill: { thread: "second", repair: repairs(TWO), preemptions: 0 },
};

export const theFirstInLineGivesUp: Program<Buffers> = {
  claim: "the second in line gets in when the first one gives up, just as it may have gone in",
  buffers,
  setup: setQueue(TWO, THREE),
  threads: { second: givesUp(TWO), inside: leaves(ONE), third: visits(THREE) },
  after: isAtRest,
  timeouts: "never",
  preemptions: 1,
  kill: { thread: "second", repair: repairs(TWO), preemptions: 0 },
};

export const theQueueEmpties: Program<Buffers> = {
  claim: "who comes while the last one of a queue leaves is neither asleep nor seated afterwards",
  buffers,
  setup(memory) {
    setQueue(TWO)(memory);
    turnstileOf(memory).leave(ONE.slot, openBoard(memory.board));
    assert.ok(turnstileOf(memory).enterInTurn(TWO.slot));
  },
  threads: { inside: leaves(TWO), third: passes(THREE), fourth: passes(FOUR) },
  after: isAtRest,
  timeouts: "never",
  preemptions: 1,
};

export const leftWithoutALook: Program<Buffers> = {
  claim: "a turnstile that is left without a look at the queue",
  buffers,
  setup: setQueue(TWO),
  threads: {
    inside(memory) {
      play(memory, ONE);
      and(wordsOf(memory), PLACE.LOCK, ~HOLDER_MASK);
    },
    second: visits(TWO),
  },
  fails: { message: /Deadlock: .*second waits/, preemptions: 0 },
  timeouts: "never",
};

export const wokenByTheLock: Program<Buffers> = {
  claim: "one that leaves looks at the queue before it has opened",
  buffers,
  setup: setQueue(),
  threads: {
    first(memory) {
      play(memory, ONE);
      for (const slot of turnstileOf(memory).waiting) ring(openBoard(memory.board), slot);
      and(wordsOf(memory), PLACE.LOCK, ~HOLDER_MASK);
    },
    second: visits(TWO),
  },
  fails: { message: /Deadlock: .*second waits/, preemptions: 1 },
  timeouts: "never",
};

export const goneInPastItsSeat: Program<Buffers> = {
  claim: "one that sits and goes in past the queue leaves its seat behind, and others wait for it",
  buffers,
  setup(memory) {
    setQueue(TWO)(memory);
    turnstileOf(memory).leave(ONE.slot, openBoard(memory.board));
    assert.ok(turnstileOf(memory).enterInTurn(TWO.slot));
  },
  threads: {
    inside: leaves(TWO),
    third: visits(THREE),
    fourth(memory) {
      play(memory, FOUR);
      const turnstile = turnstileOf(memory);
      const enter = (): boolean =>
        turnstile.tryEnter(FOUR.slot) || turnstile.enterInTurn(FOUR.slot);
      block(enter, WAITING);
      turnstile.leave(FOUR.slot, openBoard(memory.board));
    },
  },
  after: isAtRest,
  timeouts: "never",
  fails: { message: /strictly deep-equal/, preemptions: 2 },
};

export const givenUpInSilence: Program<Buffers> = {
  claim: "a waiter that gives up and wakes nobody",
  buffers,
  setup: setQueue(TWO, THREE),
  threads: {
    second(memory) {
      play(memory, TWO);
      standUp(wordsOf(memory), PLACE, TWO.slot);
    },
    inside: leaves(ONE),
    third: visits(THREE),
  },
  fails: { message: /Deadlock: .*third waits/, preemptions: 0 },
  timeouts: "never",
};

export const leftSeated: Program<Buffers> = {
  claim: "a reaper that lets go for a dead task, and leaves it in the queue",
  buffers,
  setup: setQueue(TWO, THREE),
  threads: { second: visits(TWO), inside: leaves(ONE), third: visits(THREE) },
  kill: {
    thread: "second",
    repair(memory) {
      const board = openBoard(memory.board);
      const turnstile = turnstileOf(memory);
      if (turnstile.holder === TWO.slot) turnstile.leave(TWO.slot, board);
      ringAll(board);
    },
  },
  fails: { message: /Deadlock: .*third waits/, preemptions: 0 },
  timeouts: "never",
};

/** Asserts that nobody else is inside. */
function useIt(memory: Memory<Buffers>, { slot }: TaskId, context: Context): void {
  const words = wordsOf(memory);
  assert.equal(words[INSIDE], 0, "two tasks are inside");
  words[INSIDE] = slot;
  context.record(slot);
  assert.ok(!isSeated(words, PLACE, slot), "who is inside has stood up");
  assert.equal(load(words, PLACE.LOCK) & HOLDER_MASK, slot + 1);
  assert.equal(words[INSIDE], slot, "two tasks are inside");
  words[INSIDE] = 0;
}

/** Nobody is inside, nobody waits, and the next one needs no queue. */
function isAtRest(memory: Memory<Buffers>): void {
  const words = wordsOf(memory);
  assert.deepEqual(seatedSlots(words, PLACE), []);
  assert.equal(load(words, PLACE.LOCK), 0, "nobody is inside, and nobody has to be woken");
}

function order(run: Run): number[] {
  return run.log.map(({ value }) => value);
}

function turnstileOf(memory: Memory<Buffers>): Turnstile {
  return new Turnstile(wordsOf(memory), PLACE);
}

function entranceOf(memory: Memory<Buffers>, { slot }: TaskId): Entrance {
  const [lane] = lanesOf(memory.quipe);
  return new Entrance(lane, "sender", { board: openBoard(memory.board), slot });
}

function wordsOf(memory: Memory<Buffers>): Int32Array {
  return lanesOf(memory.quipe)[0].words;
}
