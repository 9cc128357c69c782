/**
 * A region that is moved: whoever dies, and wherever, it has one owner afterwards, or one task that may take it.
 *
 * The sender, the receiver and the reaper's repair run the production code for lanes, titles, pins and the
 * directory; what they do around it is what memory/flight.ts and memory/take-over.ts do, in the same order.
 */
import assert from "node:assert/strict";
import { HEADER, PIN_WORDS, STATE } from "../../../src/memory/layout.ts";
import { pin, slotsPinned, unpinWords } from "../../../src/memory/pins.ts";
import type { Region } from "../../../src/memory/region.ts";
import {
  bequeath,
  launchTitle,
  ownerWordOf,
  receiveTitle,
  resumeTitle,
} from "../../../src/memory/titles.ts";
import { EndState, Form } from "../../../src/quipe/lane-layout.ts";
import { idsCarried } from "../../../src/quipe/lane-contents.ts";
import { LaneReceiver, LaneSender } from "../../../src/quipe/lane.ts";
import { lanesOf } from "../../../src/quipe/quipe-memory.ts";
import { load, store } from "../../../src/runtime/atomics.ts";
import { type TaskId, isSameTask, notePin, openBoard } from "../../../src/sync/board.ts";
import { Directory } from "../../../src/task/directory.ts";
import { type Context, type Memory, type Program, type Run, recordedBy } from "../program.ts";
import { FIRST, SECOND, STAGE, repairEnd, setStage } from "../stage.ts";

type Buffers = "board" | "quipe" | "region";

const ID = 7;
/** The heir of both. */
const ROOT: TaskId = { slot: 0, generation: 1 };
/** An item that names one buffer: no value, the id, no bytes, one id. */
const CARRYING = Int32Array.of(ID, 0, 1);
const BUFFERS = { ...STAGE, region: (HEADER.PINS + PIN_WORDS) * 4 };

export const aDeadSenderLosesNothing: Program<Buffers> = {
  claim:
    "a region whose sender dies is received, or its heir takes it, and never both, at every step",
  buffers: BUFFERS,
  setup: setOwned,
  threads: { sender: send, receiver: receive },
  kill: { thread: "sender", repair: inheritFromSender, preemptions: 2 },
  after: hasOneOwner,
};

export const aDeadReceiverLosesNothing: Program<Buffers> = {
  claim:
    "a region whose receiver dies goes back, or to the receiver's heir, and never both, at every step",
  buffers: BUFFERS,
  setup: setOwned,
  threads: {
    receiver: receive,
    sender(memory, context) {
      send(memory);
      takeBack(memory, context, FIRST);
    },
  },
  kill: { thread: "receiver", repair: inheritFromReceiver },
  after: hasOneOwner,
};

export const aMovedRegionIsNeverDropped: Program<Buffers> = {
  claim: "a region in flight is never dropped, also if its sender has no view of it left",
  buffers: BUFFERS,
  setup: setOwned,
  threads: {
    sender: send,
    receiver: receive,
    reaper(memory, context) {
      const directory = directoryOf(memory);
      for (let i = 0; i < 2; i++) {
        directory.unused(ID, FIRST.slot);
        directory.sweep();
      }
      context.record(directory.size);
    },
  },
  after(_memory, run) {
    assert.deepEqual(recordedBy(run, "reaper"), [1]);
  },
};

export const anHeirThatStoresItsTitle: Program<Buffers> = {
  claim: "a title that is handed on by a store instead of a compare-and-set",
  buffers: BUFFERS,
  setup: setOwned,
  threads: { sender: send, receiver: receive },
  kill: {
    thread: "sender",
    repair(memory, context) {
      const { words } = opened(memory);
      repairEnd(memory, FIRST, EndState.killed);
      const state = load(words, HEADER.STATE);
      if (load(words, HEADER.OWNER) === ownerWordOf(FIRST)) {
        if (state === STATE.OWNED) store(words, HEADER.STATE, STATE.ABANDONED);
        store(words, HEADER.OWNER, ownerWordOf(ROOT));
      }
      unpinWords(words, FIRST.slot);
      takeBack(memory, context, ROOT);
    },
  },
  after: hasOneOwner,
  fails: { message: /the receiver was told that it owns/, preemptions: 1 },
};

export const anOwnerThatDoesNotAsk: Program<Buffers> = {
  claim: "a sender that takes a region out of flight without asking whether a message carries it",
  buffers: BUFFERS,
  setup: setOwned,
  threads: {
    receiver: receive,
    sender(memory, context) {
      send(memory);
      if (resumeTitle(opened(memory).words, FIRST, STATE.IN_FLIGHT)) context.record(FIRST.slot);
    },
  },
  after: hasOneOwner,
  fails: { message: /2 tasks were told that they own it/, preemptions: 1 },
};

function setOwned(memory: Memory<Buffers>): void {
  setStage(memory, 2);
  const region = opened(memory);
  pin(region, FIRST.slot);
  store(region.words, HEADER.STATE, STATE.OWNED);
  store(region.words, HEADER.OWNER, ownerWordOf(FIRST));
}

function send(memory: Memory<Buffers>): void {
  const { words } = opened(memory);
  assert.ok(launchTitle(words));
  const lane = lanesOf(memory.quipe)[0];
  new LaneSender(lane, openBoard(memory.board)).publish(
    CARRYING,
    CARRYING.byteLength,
    Form.carrying,
  );
  unpinWords(words, FIRST.slot);
}

function receive(memory: Memory<Buffers>, context: Context): void {
  const board = openBoard(memory.board);
  const receiver = new LaneReceiver(lanesOf(memory.quipe)[0], board);
  if (receiver.peek() === undefined) return;
  const region = opened(memory);
  pin(region, SECOND.slot);
  notePin(board);
  if (receiveTitle(region.words, SECOND)) context.record(SECOND.slot);
  else unpinWords(region.words, SECOND.slot);
  receiver.acknowledge();
}

function inheritFromSender(memory: Memory<Buffers>, context: Context): void {
  repair(memory, FIRST);
  takeBack(memory, context, ROOT);
}

function inheritFromReceiver(memory: Memory<Buffers>): void {
  repair(memory, SECOND);
}

function repair(memory: Memory<Buffers>, dead: TaskId): void {
  const { words } = opened(memory);
  repairEnd(memory, dead, EndState.killed);
  bequeath(words, dead, ROOT);
  unpinWords(words, dead.slot);
}

/** What thaw does with a view from before: see memory/take-over.ts. */
function takeBack(memory: Memory<Buffers>, context: Context, owner: TaskId): void {
  const { words } = opened(memory);
  if (load(words, HEADER.OWNER) !== ownerWordOf(owner)) return;
  const state = load(words, HEADER.STATE);
  if (state === STATE.IN_FLIGHT && isHeldElsewhere(memory, owner)) return;
  if (state !== STATE.IN_FLIGHT && state !== STATE.ABANDONED) return;
  const region = opened(memory);
  pin(region, owner.slot);
  notePin(openBoard(memory.board));
  if (resumeTitle(words, owner, state)) context.record(owner.slot);
  else unpinWords(words, owner.slot);
}

function isHeldElsewhere(memory: Memory<Buffers>, asker: TaskId): boolean {
  const { slots, isCarried } = directoryOf(memory).holdersOf(ID);
  return isCarried || slots.some((slot) => slot !== asker.slot);
}

/** Who was told that it owns the region is the one that its words name; else somebody can still come by it. */
function hasOneOwner(memory: Memory<Buffers>, run: Run): void {
  const { words } = opened(memory);
  const owner = [ROOT, FIRST, SECOND].find(
    (task) => load(words, HEADER.OWNER) === ownerWordOf(task),
  );
  assert.ok(owner, "the owner is a task");
  const told = run.log.map(({ value }) => value);
  assert.ok(told.length <= 1, `${told.length} tasks were told that they own it`);
  const state = load(words, HEADER.STATE);
  if (told[0] !== undefined && run.killed !== "receiver") {
    const who = told[0] === SECOND.slot ? "the receiver" : "the sender or its heir";
    assert.equal(owner.slot, told[0], `${who} was told that it owns what another one owns`);
    assert.equal(state, STATE.OWNED);
  }
  if (state === STATE.OWNED) return assert.deepEqual(told, [owner.slot], "the owner knows of it");
  if (state === STATE.IN_FLIGHT && isHeldElsewhere(memory, owner)) return; // still to be received
  assert.ok(!isSameTask(owner, SECOND), "a dead receiver owns nothing");
  assert.ok(resumeTitle(words, owner, state), "its owner can take it over");
  assert.deepEqual(
    slotsPinned(words).filter((slot) => slot !== owner.slot),
    [],
  );
}

function opened(memory: Memory<Buffers>): Region {
  return { words: new Int32Array(memory.region) } as Region;
}

function directoryOf(memory: Memory<Buffers>): Directory {
  const directory = new Directory(openBoard(memory.board), () =>
    lanesOf(memory.quipe).flatMap((lane) => idsCarried(lane)),
  );
  const { region: buffer } = memory;
  directory.publish({ id: ID, buffer, holding: "pins", carries: [] }, FIRST.slot);
  return directory;
}
