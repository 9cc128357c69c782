/**
 * The burial of a task, as the reaper does it, with the task killed at each of its steps; and the burial itself killed at
 * each of its steps and begun again by another reaper. Each program looks at the death from one side.
 */
import assert from "node:assert/strict";
import { QuipeError } from "../../../src/errors.ts";
import { HEADER, STATE } from "../../../src/memory/layout.ts";
import { pin, slotsPinned, unpinWords } from "../../../src/memory/pins.ts";
import { tellThawingOwner } from "../../../src/memory/titles.ts";
import { EndState } from "../../../src/quipe/lane-layout.ts";
import { countItems } from "../../../src/quipe/lane-contents.ts";
import { LaneReceiver, LaneSender } from "../../../src/quipe/lane.ts";
import { lanesOf } from "../../../src/quipe/quipe-memory.ts";
import { load, store } from "../../../src/runtime/atomics.ts";
import {
  Phase,
  advance,
  decide,
  doorbellWord,
  openBoard,
  phaseOfTask,
  ring,
} from "../../../src/sync/board.ts";
import { joinThread } from "../../../src/sync/thread.ts";
import { block, park } from "../../../src/sync/wait.ts";
import { bury } from "../../../src/task/burial.ts";
import {
  type Buffers,
  DEAD,
  KILLED,
  ROOT,
  SPAWNER,
  WAITING,
  assertBuried,
  assertEqualWords,
  assertRepaired,
  estateOf,
  hasLeft,
  isTold,
  leaves,
  setLeftBehind,
  stage,
  standAsReaper,
  startOf,
  tell,
  update,
} from "../burial-stage.ts";
import { type Context, type Memory, type Program, type Run, recordedBy } from "../program.ts";
import { play } from "../stage.ts";

type Thread = (memory: Memory<Buffers>, context: Context) => void;

// What a victim does, by the step that repairs it.

/** Steps 3 and 4: an update under a guard. */
const updates: Thread = (memory) => {
  play(memory, DEAD);
  try {
    update(memory, DEAD);
  } catch (error) {
    if (!(error instanceof QuipeError)) throw error; // it was decided before that it dies
  }
  leaves(memory);
};

/** Step 5: items into and out of lanes. */
const talks: Thread = (memory) => {
  play(memory, DEAD);
  const board = openBoard(memory.board);
  const [into, out] = lanesOf(memory.quipe);
  new LaneSender(out, board).publish(Int32Array.of(7), 4);
  const receiver = new LaneReceiver(into, board);
  if (receiver.peek() !== undefined) receiver.acknowledge();
  leaves(memory);
};

/** Step 6: it stops reading, and tells who waits for that. */
const reads: Thread = (memory) => {
  play(memory, DEAD);
  const words = new Int32Array(memory.frozen);
  unpinWords(words, DEAD.slot);
  tellThawingOwner(words, openBoard(memory.board));
  leaves(memory);
};

// Who waits for it.

/** Wants into the guard. */
const wantsIn: Thread = (memory) => {
  play(memory, ROOT);
  update(memory, ROOT);
};

/** Receives until the lane has ended. */
const listens: Thread = (memory, context) => {
  play(memory, SPAWNER);
  const board = openBoard(memory.board);
  const receiver = new LaneReceiver(lanesOf(memory.quipe)[1], board);
  const look = (): boolean => {
    receiver.announce(SPAWNER.slot);
    const isOver = receiver.senderState !== EndState.open || hasLeft(memory);
    return isOver || receiver.hasItem;
  };
  for (;;) {
    block(look, WAITING);
    if (receiver.peek() === undefined) break;
    receiver.acknowledge();
  }
  const { sent, taken } = countItems(receiver.lane);
  assert.equal(taken, sent, "an item that was sent was not received");
  if (!hasLeft(memory)) context.record(receiver.senderState);
};

/** Waits until nobody reads what it wants to change. */
const thaws: Thread = (memory, context) => {
  play(memory, ROOT);
  const words = new Int32Array(memory.frozen);
  store(words, HEADER.STATE, STATE.THAWING);
  block(() => !slotsPinned(words).includes(DEAD.slot), WAITING);
  context.record(1);
};

/** Waits for the outcome, and looks whether all is repaired by then. */
const waitsBlocked: Thread = (memory) => {
  play(memory, SPAWNER);
  block(() => isTold(memory), WAITING);
  if (!hasLeft(memory)) assertRepaired(memory);
};

const waitsAsync = async (memory: Memory<Buffers>, context: Context): Promise<void> => {
  play(memory, SPAWNER);
  await park(() => isTold(memory), WAITING);
  context.record(1);
};

/** Asks for the death: whether it or the reaper decides, the death is the same one. */
const kills: Thread = (memory, context) => {
  joinThread({ board: openBoard(memory.board), task: ROOT, link: undefined });
  if (decide(openBoard(memory.board), DEAD)) context.record(1);
  ring(openBoard(memory.board), DEAD.slot);
};

// The reaper.

const buries = (memory: Memory<Buffers>): void => {
  standAsReaper(memory);
  decide(openBoard(memory.board), DEAD); // unless somebody has
  bury({ start: startOf(memory, DEAD), parcels: [] }, KILLED, estateOf(memory));
};

/** A second reaper knows of the dead only that it is not buried yet. */
const buriesAgain: Thread = (memory) => {
  standAsReaper(memory);
  if (phaseOfTask(openBoard(memory.board), DEAD) !== Phase.dying) return;
  bury({ start: startOf(memory, DEAD), parcels: [] }, KILLED, estateOf(memory));
};

export const aKilledUpdateIsUndone: Program<Buffers> = {
  ...stage,
  claim: "wherever a task dies inside a guard, others get in, see all or nothing, and hear of it",
  threads: { victim: updates, waiter: wantsIn, spawner: waitsBlocked },
  preemptions: 1,
  kill: { thread: "victim", repair: buries, preemptions: 0 },
  after: assertBuried,
};

export const aDeadSenderIsHeardOut: Program<Buffers> = {
  ...stage,
  claim: "who receives from a task that dies anywhere gets what was sent, then the end, at once",
  threads: { victim: talks, spawner: listens },
  preemptions: 0,
  kill: { thread: "victim", repair: buries, preemptions: 0 },
  after(memory, run) {
    assertBuried(memory, run);
    for (const state of recordedBy(run, "spawner")) assert.equal(state, EndState.killed);
  },
};

export const aDeadReaderKeepsNobodyWaiting: Program<Buffers> = {
  ...stage,
  claim: "a thaw that waits for a reader goes on when the reader dies, wherever that is",
  threads: { victim: reads, thawer: thaws },
  preemptions: 0,
  kill: { thread: "victim", repair: buries, preemptions: 1 },
  after: assertBuried,
};

export const aDeathHasOneHour: Program<Buffers> = {
  ...stage,
  claim:
    "whoever decides the death, and whoever waits, blocked or not: it is told after the repair",
  threads: { victim: reads, killer: kills, spawner: waitsAsync },
  preemptions: 1,
  kill: { thread: "victim", repair: buries, preemptions: 0 },
  after: assertBuried,
};

export const aBurialCanBeginAgain: Program<Buffers> = {
  ...stage,
  claim:
    "a burial that is cut off after any step is begun again, and who waited for the dead gets in",
  setup: setLeftBehind,
  threads: { reaper: buries, waiter: wantsIn },
  preemptions: 1,
  kill: { thread: "reaper", repair: buriesAgain, preemptions: 0 },
  after: assertBuried,
};

export const aBurialThatBeganAgainIsTold: Program<Buffers> = {
  ...stage,
  claim: "a burial that is cut off after any step is told by the second reaper, after the repair",
  setup: setLeftBehind,
  threads: { reaper: buries, spawner: waitsBlocked },
  preemptions: 1,
  kill: { thread: "reaper", repair: buriesAgain, preemptions: 0 },
  after: assertBuried,
};

export const theNextTenantIsLeftAlone: Program<Buffers> = {
  ...stage,
  claim:
    "the next task in the slot of a dead one keeps what it has, also if the burial is done twice",
  setup: setLeftBehind,
  threads: { reaper: buries, tenant: takesTheSlot },
  kill: { thread: "reaper", repair: buriesAgain, preemptions: 0 },
  after: keepsItsPin,
};

export const aDeadSpawnerIsHeardOut: Program<Buffers> = {
  ...stage,
  claim:
    "a task hears of the death of the one that spawned it, wherever that was, and after its items",
  threads: { spawner: sendsAndWaits, child: takesTwo },
  preemptions: 1,
  kill: { thread: "spawner", repair: buriesTheSpawner, preemptions: 0 },
  after(memory, run) {
    if (run.killed === undefined) return;
    const board = openBoard(memory.board);
    const receiver = new LaneReceiver(lanesOf(memory.quipe)[0], board);
    assert.equal(receiver.senderState, EndState.killed);
    assert.notEqual(receiver.closeParcelId, 0, "it says why");
    assert.equal(phaseOfTask(board, SPAWNER), Phase.free);
  },
};

// Each wrong in one respect.

export const aForgottenChild: Program<Buffers> = {
  ...stage,
  claim: "a burial that does not look for the children of the dead leaves them waiting for it",
  threads: { spawner: sendsAndWaits, child: takesTwo },
  kill: {
    thread: "spawner",
    repair(memory) {
      standAsReaper(memory);
      const estate = estateOf(memory);
      estate.roster.strike(DEAD);
      decide(estate.board, SPAWNER);
      bury({ start: startOf(memory, SPAWNER), parcels: [] }, KILLED, estate);
      ring(estate.board, DEAD.slot);
    },
  },
  fails: { message: /Deadlock: .*child waits/, preemptions: 0 },
};

export const toldBeforeTheRepair: Program<Buffers> = {
  ...stage,
  claim: "a death that is published before the repair is seen half repaired",
  setup: setLeftBehind,
  threads: {
    reaper(memory) {
      standAsReaper(memory);
      tell(memory);
      buries(memory);
    },
    spawner: waitsBlocked,
  },
  fails: { message: /told of the death before/, preemptions: 0 },
};

export const freedBeforeThePins: Program<Buffers> = {
  ...stage,
  claim: "a slot that is free before the pins are cleared costs its next task the pin",
  setup: setLeftBehind,
  threads: {
    reaper(memory) {
      standAsReaper(memory);
      const board = openBoard(memory.board);
      decide(board, DEAD);
      advance(board, DEAD, Phase.dying, Phase.free);
      estateOf(memory).directory.taskDied(DEAD.slot);
    },
    tenant: takesTheSlot,
  },
  after: keepsItsPin,
  fails: { message: /the next task has lost its pin/, preemptions: 1 },
};

export const nobodyIsRungAgain: Program<Buffers> = {
  ...stage,
  claim: "a burial that wakes nobody again leaves asleep whom the dead task was about to wake",
  threads: { victim: reads, thawer: thaws },
  kill: {
    thread: "victim",
    repair(memory) {
      standAsReaper(memory);
      const board = openBoard(memory.board);
      decide(board, DEAD);
      estateOf(memory).directory.taskDied(DEAD.slot);
      tell(memory);
    },
  },
  fails: { message: /Deadlock: .*thawer waits/, preemptions: 0 },
};

export const decidedByAStore: Program<Buffers> = {
  ...stage,
  claim: "an end that is decided by a look and a store is decided twice",
  threads: { result: decideByStore, killer: decideByStore },
  after(_memory, run) {
    assert.equal(run.log.length, 1, "decided twice");
  },
  fails: { message: /decided twice/, preemptions: 1 },
};

export const buriedAlive: Program<Buffers> = {
  ...stage,
  claim: "a task that is buried before its thread has stopped leaves half of what it writes on",
  threads: { victim: updates, reaper: buries },
  after: assertEqualWords,
  fails: { message: /half an update is there/, preemptions: 1 },
};

/** Gives its child something to do, and waits for it. */
function sendsAndWaits(memory: Memory<Buffers>): void {
  play(memory, SPAWNER);
  const board = openBoard(memory.board);
  new LaneSender(lanesOf(memory.quipe)[0], board).publish(Int32Array.of(2), 4);
  block(() => isTold(memory), WAITING);
}

/** Takes two items, unless nobody sends them. */
function takesTwo(memory: Memory<Buffers>): void {
  play(memory, DEAD);
  const receiver = new LaneReceiver(lanesOf(memory.quipe)[0], openBoard(memory.board));
  const look = (): boolean => {
    receiver.announce(DEAD.slot);
    return receiver.senderState !== EndState.open || receiver.hasItem;
  };
  for (let i = 0; i < 2; i++) {
    block(look, WAITING);
    if (receiver.peek() !== undefined) receiver.acknowledge();
  }
  leaves(memory);
}

function buriesTheSpawner(memory: Memory<Buffers>): void {
  standAsReaper(memory);
  const estate = estateOf(memory);
  decide(estate.board, SPAWNER);
  bury({ start: startOf(memory, SPAWNER), parcels: [] }, KILLED, estate);
}

/** Becomes the next task in the slot of the dead one, if that is free by now. */
function takesTheSlot(memory: Memory<Buffers>, context: Context): void {
  if (!advance(openBoard(memory.board), DEAD, Phase.free, Phase.starting)) return;
  pin({ words: new Int32Array(memory.frozen) }, DEAD.slot);
  context.record(DEAD.slot);
}

function keepsItsPin(memory: Memory<Buffers>, run: Run): void {
  if (recordedBy(run, "tenant").length === 0) return;
  const slots = slotsPinned(new Int32Array(memory.frozen));
  assert.ok(slots.includes(DEAD.slot), "the next task has lost its pin");
}

function decideByStore(memory: Memory<Buffers>, context: Context): void {
  const board = openBoard(memory.board);
  if (phaseOfTask(board, DEAD) !== Phase.running) return;
  const state = doorbellWord(DEAD.slot) - 1;
  store(board.words, state, (load(board.words, state) & ~15) | Phase.dying);
  context.record(1);
}
