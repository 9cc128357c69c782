/** Selects: which case happens, what the others leave behind, and who is woken, in every order and with deaths. */
import assert from "node:assert/strict";
import { QuipeError } from "../../../src/errors.ts";
import { EndState } from "../../../src/quipe/lane-layout.ts";
import { checkLane } from "../../../src/quipe/lane-contents.ts";
import type { End } from "../../../src/quipe/end.ts";
import { openEnd } from "../../../src/quipe/sides.ts";
import { lanesOf } from "../../../src/quipe/quipe-memory.ts";
import { after } from "../../../src/quipe/after.ts";
import { select, selectSync } from "../../../src/quipe/select.ts";
import { sending } from "../../../src/quipe/sending.ts";
import { BlockedOn, type TaskId, openBoard, ring } from "../../../src/sync/board.ts";
import { block } from "../../../src/sync/wait.ts";
import { type Context, type Memory, type Program, recordedBy } from "../program.ts";
import { FIRST, SECOND, STAGE, play, repairEnd, setBoard, setQuipe, setStage } from "../stage.ts";

/** The tasks FIRST and SECOND send through a quipe each; ROOT is at the other ends. */
type Buffers = "board" | "quipe" | "other";

const ROOT: TaskId = { slot: 0, generation: 1 };
const buffers = { ...STAGE, other: STAGE.quipe };
/** The explorer takes no random numbers, so selects take the first case in order. */
const IN_ORDER = { priority: true };
const SAW = { ended: -1, "peer-killed": -2, broken: -3, "timed-out": -4, other: -9 } as const;

function setTwoQuipes(capacity: number): (memory: Memory<Buffers>) => void {
  return (memory) => {
    setBoard(memory);
    setQuipe(memory.quipe, capacity, [FIRST.slot, ROOT.slot]);
    setQuipe(memory.other, capacity, [SECOND.slot, ROOT.slot]);
  };
}

function sendAll(memory: Memory<Buffers>, task: TaskId, items: readonly number[]): void {
  play(memory, task);
  const end: End<number> = openEnd(task === FIRST ? memory.quipe : memory.other, 0);
  for (const item of items) end.sendSync(item);
  end.close();
}

function playRoot(memory: Memory<Buffers>): {
  first: End<number, number>;
  second: End<number, number>;
} {
  play(memory, ROOT);
  return { first: openEnd(memory.quipe, 1), second: openEnd(memory.other, 1) };
}

/** Receives from both until both have ended. */
function selectAll(memory: Memory<Buffers>, context: Context): void {
  const open: Record<string, End<number, number>> = playRoot(memory);
  while (Object.keys(open).length > 0) {
    const chosen = selectSync(open, IN_ORDER);
    context.record(chosen.error === undefined ? chosen.value : seen(chosen.error));
    if (chosen.error !== undefined) Reflect.deleteProperty(open, chosen.case);
  }
}

async function selectAllAsync(memory: Memory<Buffers>, context: Context): Promise<void> {
  const open: Record<string, End<number, number>> = playRoot(memory);
  while (Object.keys(open).length > 0) {
    const chosen = await select(open, IN_ORDER);
    context.record(chosen.error === undefined ? chosen.value : seen(chosen.error));
    if (chosen.error !== undefined) Reflect.deleteProperty(open, chosen.case);
  }
}

function checkLanesOf(memory: Memory<Buffers>): void {
  for (const quipe of [memory.quipe, memory.other]) lanesOf(quipe).forEach(checkLane);
}

function seen(error: unknown): number {
  const code = error instanceof QuipeError ? error.code : "other";
  return code in SAW ? SAW[code as keyof typeof SAW] : SAW.other;
}

const WANTED = { code: BlockedOn.select, text: "an item" };
const EVERYTHING = [SAW.ended, SAW.ended, 1, 10];

function assertEverything(memory: Memory<Buffers>, received: readonly number[]): void {
  assert.deepEqual(
    received.toSorted((one, other) => one - other),
    EVERYTHING,
  );
  checkLanesOf(memory);
}

export const everyItemIsTakenOnce: Program<Buffers> = {
  claim: "one that selects from two senders takes every item once, and sleeps through none",
  buffers,
  setup: setTwoQuipes(1),
  threads: {
    chooser: selectAll,
    first: (memory) => sendAll(memory, FIRST, [1]),
    second: (memory) => sendAll(memory, SECOND, [10]),
  },
  preemptions: 1,
  after: (memory, run) => assertEverything(memory, recordedBy(run, "chooser")),
};

export const everyItemIsTakenOnceAsync: Program<Buffers> = {
  claim: "one that selects without blocking takes every item once, and misses no wake-up",
  buffers,
  setup: setTwoQuipes(1),
  threads: {
    chooser: selectAllAsync,
    first: (memory) => sendAll(memory, FIRST, [1]),
    second: (memory) => sendAll(memory, SECOND, [10]),
  },
  preemptions: 1,
  after: (memory, run) => assertEverything(memory, recordedBy(run, "chooser")),
};

export const aDyingSenderIsOneCase: Program<Buffers> = {
  claim: "a sender that dies at any step makes its case say so; the other sender loses nothing",
  buffers,
  setup: setTwoQuipes(1),
  threads: {
    first: (memory) => sendAll(memory, FIRST, [1]),
    chooser: selectAll,
    second: (memory) => sendAll(memory, SECOND, [10]),
  },
  preemptions: 0,
  after(memory, run) {
    const received = recordedBy(run, "chooser");
    const numbers = received.filter((value) => value > 0 && value < 10);
    assert.deepEqual(numbers, [1].slice(0, numbers.length));
    if (run.killed === undefined) assert.equal(numbers.length, 1);
    assert.equal(received.filter((value) => value === 10).length, 1);
    assert.equal(received.filter((value) => value < 0).length, 2);
    checkLanesOf(memory);
  },
  kill: { thread: "first", repair: repairFirst, preemptions: 0 },
};

function repairFirst(memory: Memory<Buffers>): void {
  repairEnd(memory, FIRST, EndState.killed);
  ring(openBoard(memory.board), ROOT.slot);
}

export const aDyingChooserKeepsNobodyWaiting: Program<Buffers> = {
  claim: "a task that dies in a select has taken an item or not, and the senders hear of its death",
  buffers,
  setup: setTwoQuipes(1),
  threads: {
    chooser: selectAll,
    first: (memory, context) => sendUntilBroken(memory, FIRST, context),
    second: (memory, context) => sendUntilBroken(memory, SECOND, context),
  },
  preemptions: 0,
  after: checkLanesOf,
  kill: { thread: "chooser", repair: repairRoot, preemptions: 0 },
};

function sendUntilBroken(memory: Memory<Buffers>, task: TaskId, context: Context): void {
  try {
    sendAll(memory, task, [1]);
  } catch (error) {
    assert.equal(seen(error), SAW.broken);
    context.record(SAW.broken);
  }
}

function repairRoot(memory: Memory<Buffers>): void {
  for (const quipe of [memory.quipe, memory.other]) {
    repairEnd({ board: memory.board, quipe }, SECOND, EndState.killed);
  }
}

export const bothWaysAtOnce: Program<Buffers> = {
  claim:
    "two tasks that select between sending and receiving over one quipe of one item both get through",
  buffers,
  setup(memory) {
    setStage(memory, 1);
    setQuipe(memory.other, 1);
  },
  threads: {
    one: (memory, context) => exchange(memory, { task: FIRST, side: 0 }, context),
    other: (memory, context) => exchange(memory, { task: SECOND, side: 1 }, context),
  },
  after(memory, run) {
    assert.deepEqual(recordedBy(run, "one"), [SECOND.slot, SECOND.slot * 10]);
    assert.deepEqual(recordedBy(run, "other"), [FIRST.slot, FIRST.slot * 10]);
    checkLanesOf(memory);
  },
};

interface Part {
  readonly task: TaskId;
  readonly side: 0 | 1;
}

/** Sends two items and receives two, each when it can. */
function exchange(memory: Memory<Buffers>, { task, side }: Part, context: Context): void {
  play(memory, task);
  const end: End<number, number> = openEnd(memory.quipe, side);
  const items = [task.slot, task.slot * 10];
  for (let left = 2; items.length > 0 || left > 0;) {
    const out = items[0] === undefined ? undefined : sending(end, items[0]);
    const chosen = selectSync({ out, in: left > 0 ? end : undefined }, IN_ORDER);
    if (chosen.case === "out") items.shift();
    else {
      context.record(chosen.value);
      left -= 1;
    }
  }
}

export const aDeadlineTakesNothing: Program<Buffers> = {
  claim: "when the time is up before the item comes, the item is still there to be received",
  buffers,
  setup: setTwoQuipes(1),
  threads: {
    chooser(memory, context) {
      const { first, second } = playRoot(memory);
      const chosen = selectSync({ first, second, late: after(50) }, IN_ORDER);
      if (chosen.case === "late") context.record(first.receiveSync());
      else context.record(chosen.value);
    },
    first: (memory) => sendAll(memory, FIRST, [1]),
  },
  after(memory, run) {
    assert.deepEqual(recordedBy(run, "chooser"), [1]);
    checkLanesOf(memory);
  },
};

export const whoWaitedFirstIsFirst: Program<Buffers> = {
  claim:
    "of a receive, a select and a receive that wait at one end, each gets its item in its turn",
  buffers,
  setup: setTwoQuipes(2),
  threads: {
    async chooser(memory, context) {
      const { first, second } = playRoot(memory);
      const items = await Promise.all([
        first.receive(),
        select({ second, first }, IN_ORDER).then(({ value }) => value),
        first.receive(),
      ]);
      for (const item of items) context.record(item);
    },
    first: (memory) => sendAll(memory, FIRST, [1, 2, 3]),
  },
  preemptions: 1,
  after(memory, run) {
    assert.deepEqual(recordedBy(run, "chooser"), [1, 2, 3]);
    checkLanesOf(memory);
  },
};

export const announcedToOneOnly: Program<Buffers> = {
  claim: "a select that announces itself to its first case only sleeps while the second is ready",
  buffers,
  setup: setTwoQuipes(1),
  threads: {
    chooser(memory) {
      const { first, second } = playRoot(memory);
      block(() => (first.tryReceiveOrListen() ?? second.tryReceive()) !== undefined, WANTED);
    },
    second: (memory) => sendOne(memory, SECOND, 10),
  },
  fails: { message: /Deadlock: chooser waits on/, preemptions: 0 },
};

export const triedAllBeforeChoosing: Program<Buffers> = {
  claim: "a select that tries all its cases before it chooses takes an item that nobody gets",
  buffers,
  setup: setTwoQuipes(1),
  threads: {
    chooser(memory, context) {
      const ends = Object.values(playRoot(memory));
      for (let i = 0; i < 2; i++) {
        block(() => {
          const items = ends.map((end) => end.tryReceiveOrListen());
          const chosen = items.find((item) => item !== undefined);
          if (chosen !== undefined) context.record(chosen.value);
          return chosen !== undefined;
        }, WANTED);
      }
    },
    first: (memory) => sendOne(memory, FIRST, 1),
    second: (memory) => sendOne(memory, SECOND, 10),
  },
  fails: { message: /Deadlock: chooser waits on/, preemptions: 0 },
};

function sendOne(memory: Memory<Buffers>, task: TaskId, item: number): void {
  play(memory, task);
  openEnd(task === FIRST ? memory.quipe : memory.other, 0).sendSync(item);
}
