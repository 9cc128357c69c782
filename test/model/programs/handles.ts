/** Handles of ends: when a side has ended, and who has an end that is on its way, whoever dies. */
import assert from "node:assert/strict";
import type { MessagePort } from "node:worker_threads";
import { ENDS, ENDS_MAGIC, HANDLE } from "../../../src/quipe/ends-layout.ts";
import {
  BOTH,
  type Handle,
  arrive,
  awayOf,
  closeHandle,
  depart,
  entriesOf,
  handleState,
  letGo,
  ownerOf,
  settle,
  takeHandle,
} from "../../../src/quipe/handles.ts";
import { receivingHalf } from "../../../src/quipe/halves.ts";
import {
  EndState,
  type EndStateValue,
  Form,
  SENDER_STATE,
  RECEIVER_STATE,
} from "../../../src/quipe/lane-layout.ts";
import type { Lane } from "../../../src/quipe/lane-memory.ts";
import { LaneSender } from "../../../src/quipe/lane.ts";
import { QuipeMemory } from "../../../src/quipe/quipe-memory.ts";
import { compareExchange, load, store } from "../../../src/runtime/atomics.ts";
import { BlockedOn, type TaskId, openBoard } from "../../../src/sync/board.ts";
import type { Start } from "../../../src/sync/messages.ts";
import { block } from "../../../src/sync/wait.ts";
import { Directory } from "../../../src/task/directory.ts";
import { buryEnds, idsUnderWay } from "../../../src/task/ends-burial.ts";
import { Roster } from "../../../src/task/roster.ts";
import {
  type Buffers,
  FOUR,
  ONE,
  THREE,
  TWO,
  buffers,
  repairLanes,
  ringAll,
  setLanes,
} from "../lanes-stage.ts";
import { type Context, type Memory, type Program, type Run, recordedBy } from "../program.ts";
import { RING_UNITS, STAGE, play } from "../stage.ts";
import { layQuipe } from "../../../src/quipe/quipe-memory.ts";

const WAITING = { code: BlockedOn.other, text: "the lane" };
const CLEAN = { how: EndState.clean, parcelId: 0 } as const;
const FAILED = { how: EndState.failed, parcelId: 0 } as const;

type Thread<B extends string> = (memory: Memory<B>, context: Context) => void;

// A side with several handles.

/** Closes the handle of a task, as End.close does. */
function closes(task: TaskId, closing: typeof CLEAN | typeof FAILED): Thread<Buffers> {
  return (memory) => {
    play(memory, task);
    closeHandle(handleOf(memory, task), BOTH, closing, openBoard(memory.board));
  };
}

/** Waits until nobody sends any more, and records how that came. */
function hearsTheEnd(memory: Memory<Buffers>, context: Context): void {
  play(memory, THREE);
  const { words } = laneOf(memory);
  block(() => load(words, SENDER_STATE) !== EndState.open, WAITING);
  context.record(load(words, SENDER_STATE));
}

export const theLastTwoClose: Program<Buffers> = {
  claim: "a side whose last two handles are closed at once ends once, in the worse of both ways",
  buffers,
  setup: (memory) => void setLanes(memory, 1, { senders: [ONE, TWO], receivers: [THREE] }),
  threads: { one: closes(ONE, CLEAN), two: closes(TWO, FAILED), peer: hearsTheEnd },
  always: endsOnlyWithTheLast,
  after(memory, run) {
    const [heard] = recordedBy(run, "peer");
    assert.equal(load(laneOf(memory).words, SENDER_STATE), heard, "it has ended twice");
    const isKilled = run.killed !== undefined && heard === EndState.killed;
    assert.ok(isKilled || heard === EndState.failed, `it has ended in state ${heard}`);
    assert.notEqual(load(memoryOf(memory).lanes[1].words, RECEIVER_STATE), EndState.open);
  },
  timeouts: "never",
  preemptions: 1,
  kill: { thread: "one", repair: (memory) => repairLanes(memory, ONE), preemptions: 0 },
};

/** Makes a clone, in an entry before its own, and closes its own. */
function clones(memory: Memory<Buffers>): void {
  play(memory, ONE);
  const mine = handleOf(memory, ONE);
  const clone = takeHandle(memoryOf(memory), 0, ONE.slot);
  assert.ok(clone.entry < mine.entry);
  closeHandle(mine, BOTH, CLEAN, openBoard(memory.board));
}

function setWithAFreeEntry(memory: Memory<Buffers>): void {
  const quipe = setLanes(memory, 1, { senders: [FOUR, ONE, TWO], receivers: [THREE] });
  closeHandle({ memory: quipe, side: 0, entry: 0 }, BOTH, CLEAN, openBoard(memory.board));
}

export const aCloneKeepsTheSide: Program<Buffers> = {
  claim: "a side does not end while one of its handles is cloned, whoever closes or dies meanwhile",
  buffers,
  setup: setWithAFreeEntry,
  threads: { closer: closes(TWO, CLEAN), cloner: clones },
  always: endsOnlyWithTheLast,
  after(memory) {
    assert.equal(load(laneOf(memory).words, SENDER_STATE), EndState.open);
  },
  kill: { thread: "closer", repair: (memory) => repairLanes(memory, TWO) },
};

export const aDeadClonerKeepsNothing: Program<Buffers> = {
  claim: "a side ends when the task that was cloning its last handle dies anywhere",
  buffers,
  setup: setWithAFreeEntry,
  threads: { cloner: clones, closer: closes(TWO, CLEAN) },
  always: endsOnlyWithTheLast,
  after(memory, run) {
    const expected = run.killed === undefined ? EndState.open : EndState.killed;
    assert.equal(load(laneOf(memory).words, SENDER_STATE), expected);
  },
  kill: { thread: "cloner", repair: (memory) => repairLanes(memory, ONE) },
};

export const countedOnce: Program<Buffers> = {
  claim: "one look at the entries that overlooks a clone",
  buffers,
  setup: setWithAFreeEntry,
  threads: {
    closer(memory) {
      play(memory, TWO);
      const { entry } = handleOf(memory, TWO);
      const quipe = memoryOf(memory);
      store(quipe.words, ENDS.HANDLES + entry * 2, 0);
      let kinds = 0;
      for (const { state } of entriesOf(quipe, 0)) kinds |= state;
      if ((kinds & BOTH) === 0)
        compareExchange(laneOf(memory).words, SENDER_STATE, EndState.open, EndState.clean);
    },
    cloner: clones,
  },
  always: endsOnlyWithTheLast,
  fails: { message: /a lane has ended whose side has a handle/, preemptions: 1 },
};

// Ends on their way. The passenger is a second quipe, whose side 0 goes from one task to another.

type Travel = Buffers | "passenger";

const PASSENGER = 9;
const TOKEN = 11;
/** An item that names two numbers: no value, the numbers, no bytes, two numbers. */
const TICKET = Int32Array.of(PASSENGER, TOKEN, 0, 2);
const travelBuffers = { ...buffers, passenger: STAGE.quipe };

function setPassenger(memory: Memory<Travel>): void {
  setLanes(memory, 1, { senders: [ONE], receivers: [TWO, THREE] });
  layQuipe(memory.passenger, {
    capacity: 1,
    ringUnits: RING_UNITS,
    isOfTask: true,
    overflow: "wait",
  });
  const passenger = passengerOf(memory);
  passenger.words[ENDS.MAGIC] = ENDS_MAGIC;
  passenger.words[ENDS.ID] = PASSENGER;
  takeHandle(passenger, 0, ONE.slot);
  takeHandle(passenger, 1, FOUR.slot);
}

/** As travelling-ends.ts and outlet.ts do it. */
function sendsIt(memory: Memory<Travel>): void {
  play(memory, ONE);
  const handle = travellerOf(memory);
  letGo(handle, TOKEN);
  const lane = laneOf(memory);
  assert.ok(
    new LaneSender(lane, openBoard(memory.board)).publish(TICKET, TICKET.byteLength, Form.carrying),
  );
  depart(handle, TOKEN, ONE.slot);
}

/** As inlet.ts and travelling-ends.ts do it; records the task that has the end for good. */
function receivesIt(task: TaskId): Thread<Travel> {
  return (memory, context) => {
    play(memory, task);
    const quipe = memoryOf(memory);
    const half = receivingHalf(quipe, 1, { board: openBoard(memory.board), slot: task.slot });
    const handle = travellerOf(memory);
    let hasArrived = false;
    const use = (): void => void (hasArrived = arrive(handle, TOKEN, task.slot));
    const isOver = (): boolean => load(laneOf(memory).words, SENDER_STATE) !== EndState.open;
    const look = (): boolean =>
      half.attempt(use) || (isOver() && (half.attempt(use) || !half.hasItem));
    block(look, WAITING);
    half.giveUp();
    if (!hasArrived) return;
    settle(handle);
    context.record(task.slot);
    closeHandle(handleOf(memory, task), BOTH, CLEAN, openBoard(memory.board)); // so that the other one can go
  };
}

/** With the production code of the reaper, which also looks for ends that nobody carries any more. */
function buries(dead: TaskId): Thread<Travel> {
  return (memory) => {
    const board = openBoard(memory.board);
    const directory = directoryOf(memory);
    const parcel = { bytes: new ArrayBuffer(0), carries: [] };
    const start = { task: dead, spawner: FOUR, quipe: memory.quipe } as unknown as Start;
    const roster = new Roster(board, { postMessage: () => {} } as unknown as MessagePort);
    buryEnds(start, { how: "killed", parcel, stopped: true }, { board, directory, roster });
    directory.noLongerCarried([TOKEN]);
    directory.sweep();
    ringAll(board);
  };
}

function directoryOf(memory: Memory<Travel>): Directory {
  const quipe = memoryOf(memory);
  const directory = new Directory(openBoard(memory.board), () => idsUnderWay(quipe));
  directory.publish(
    { id: PASSENGER, buffer: memory.passenger, holding: "ends", carries: [] },
    undefined,
  );
  return directory;
}

/** One task has it for good, or it was closed and its peer told; never both, and never neither. */
function hasOneFate(memory: Memory<Travel>, run: Run): void {
  const state = handleState(travellerOf(memory));
  const ended = load(passengerOf(memory).lanes[0].words, SENDER_STATE);
  const havers = [...recordedBy(run, "second"), ...recordedBy(run, "third")];
  assert.ok(havers.length <= 1, "two tasks have the end");
  const owner = ownerOf(state);
  const dead = run.killed === "second" ? TWO.slot : run.killed === "sender" ? ONE.slot : -1;
  if (havers[0] !== undefined && havers[0] !== dead) {
    assert.equal(owner, havers[0], "the task that received the end does not have it");
    assert.equal(state & (HANDLE.IN_TRANSIT | HANDLE.AWAY), 0, "it has arrived");
    assert.equal(ended, EndState.open, "the end was closed under the task that received it");
    return;
  }
  if (run.killed === undefined) assert.fail("nobody has received the end");
  assert.equal(state, 0, "the end of a dead task is neither closed nor on its way");
  assert.notEqual(ended, EndState.open, "its peer was not told");
}

export const theSenderOfAnEndDies: Program<Travel> = {
  claim:
    "an end whose sender dies at any step is received, or closed and its peer told; never both",
  buffers: travelBuffers,
  setup(memory) {
    setPassenger(memory);
    closeHandle(handleOf(memory, THREE), BOTH, CLEAN, openBoard(memory.board));
  },
  threads: { sender: sendsIt, second: receivesIt(TWO) },
  after: hasOneFate,
  timeouts: "never",
  kill: { thread: "sender", repair: buries(ONE) },
};

export const theReceiverOfAnEndDies: Program<Travel> = {
  claim: "an end whose receiver dies at any step goes to the next receiver, or is closed",
  buffers: travelBuffers,
  setup: setPassenger,
  threads: {
    second: receivesIt(TWO),
    sender(memory) {
      sendsIt(memory);
      closeHandle(handleOf(memory, ONE), BOTH, CLEAN, openBoard(memory.board));
    },
    third: receivesIt(THREE),
  },
  preemptions: 1,
  after: hasOneFate,
  timeouts: "never",
  kill: { thread: "second", repair: buries(TWO), preemptions: 0 },
};

export const anEndUnderWayIsNotLost: Program<Travel> = {
  claim: "a reaper that looks for lost ends while one is sent leaves that alone",
  buffers: travelBuffers,
  setup: setPassenger,
  threads: {
    reaper(memory) {
      const directory = directoryOf(memory);
      directory.noLongerCarried([TOKEN]);
      directory.sweep();
    },
    sender: sendsIt,
  },
  after(memory) {
    assert.equal(handleState(travellerOf(memory)), awayOf(BOTH | (ONE.slot + 1)));
  },
};

export const carriedBeforeAway: Program<Travel> = {
  claim: "a reaper that reads the messages first, and then which ends are away",
  buffers: travelBuffers,
  setup: setPassenger,
  threads: {
    reaper(memory) {
      const carried = new Set(idsUnderWay(memoryOf(memory)));
      for (const { state, token } of entriesOf(passengerOf(memory), 0)) {
        const isLost = (state & HANDLE.AWAY) !== 0 && !carried.has(token);
        assert.ok(!isLost, "an end is lost that a message carries");
      }
    },
    sender: sendsIt,
  },
  fails: { message: /an end is lost that a message carries/, preemptions: 1 },
};

export const closedWithoutALook: Program<Travel> = {
  claim: "a reaper that closes the end of a dead sender though it has arrived since it looked",
  buffers: travelBuffers,
  setup(memory) {
    setPassenger(memory);
    closeHandle(handleOf(memory, THREE), BOTH, CLEAN, openBoard(memory.board));
  },
  threads: { sender: sendsIt, second: receivesIt(TWO) },
  after: hasOneFate,
  timeouts: "never",
  kill: {
    thread: "sender",
    repair(memory) {
      const board = openBoard(memory.board);
      for (const entry of entriesOf(passengerOf(memory), 0)) {
        if (ownerOf(entry.state) !== ONE.slot) continue;
        const isCarried = idsUnderWay(memoryOf(memory)).includes(TOKEN);
        const how: EndStateValue = EndState.killed;
        if (!isCarried) closeHandle(entry, entry.state, { how, parcelId: 0 }, board);
        else store(passengerOf(memory).words, ENDS.HANDLES, awayOf(entry.state));
      }
      repairLanes(memory, ONE);
    },
  },
  fails: { message: /does not have it|closed under/, preemptions: 1 },
};

function endsOnlyWithTheLast(memory: Memory<Buffers>): void {
  const quipe = memoryOf(memory);
  if (quipe.lanes[0].words[SENDER_STATE] === EndState.open) return;
  for (let entry = 0; entry < 4; entry++) {
    const state = quipe.words[ENDS.HANDLES + entry * 2] as number;
    assert.equal(state & HANDLE.SENDS, 0, "a lane has ended whose side has a handle");
  }
}

function handleOf(memory: Memory<Buffers>, { slot }: TaskId): Handle {
  const quipe = memoryOf(memory);
  for (const side of [0, 1] as const)
    for (const entry of entriesOf(quipe, side)) if (ownerOf(entry.state) === slot) return entry;
  throw new Error(`task ${slot} has no handle`);
}

function travellerOf(memory: Memory<Travel>): Handle {
  return { memory: passengerOf(memory), side: 0, entry: 0 };
}

function memoryOf(memory: Memory<Buffers>): QuipeMemory {
  return new QuipeMemory(memory.quipe);
}

function passengerOf(memory: Memory<Travel>): QuipeMemory {
  return new QuipeMemory(memory.passenger);
}

function laneOf(memory: Memory<Buffers>): Lane {
  return memoryOf(memory).lanes[0];
}
