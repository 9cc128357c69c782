/** How long a shared buffer lives while tasks hand it on: the sweep of the directory against tasks that go on. */
import assert from "node:assert/strict";
import { HEADER, PIN_WORDS, STATE } from "../../../src/memory/layout.ts";
import { pin, slotsPinned, unpinWords } from "../../../src/memory/pins.ts";
import { tellThawingOwner } from "../../../src/memory/titles.ts";
import { Form } from "../../../src/quipe/lane-layout.ts";
import { idsCarried } from "../../../src/quipe/lane-contents.ts";
import { LaneReceiver, LaneSender } from "../../../src/quipe/lane.ts";
import { lanesOf } from "../../../src/quipe/quipe-memory.ts";
import { load, store } from "../../../src/runtime/atomics.ts";
import { notePin, openBoard } from "../../../src/sync/board.ts";
import { Directory } from "../../../src/task/directory.ts";
import { type Memory, type Program, recordedBy } from "../program.ts";
import { FIRST, STAGE, setStage } from "../stage.ts";

type Buffers = "board" | "quipe" | "region";

const ID = 7;
/** An item that names one buffer: no value, the id, no bytes, one id. */
const CARRYING = Int32Array.of(ID, 0, 1);
const BUFFERS = { ...STAGE, region: (HEADER.PINS + PIN_WORDS) * 4 };

export const aBufferOnItsWayIsKept: Program<Buffers> = {
  claim: "a buffer that is handed from lane to lane is never dropped, whenever the sweep looks",
  buffers: BUFFERS,
  setup(memory) {
    setStage(memory, 2);
    sender(memory, 0).publish(CARRYING, CARRYING.byteLength, Form.carrying);
  },
  threads: {
    relay(memory) {
      const board = openBoard(memory.board);
      const receiver = new LaneReceiver(lanesOf(memory.quipe)[0], board);
      assert.ok(receiver.peek());
      const words = new Int32Array(memory.region);
      pin({ words }, FIRST.slot);
      notePin(board);
      receiver.acknowledge();
      sender(memory, 1).publish(CARRYING, CARRYING.byteLength, Form.carrying);
      unpinWords(words, FIRST.slot);
    },
    reaper: sweepTwice,
  },
  preemptions: 3,
  after(_memory, run) {
    assert.deepEqual(recordedBy(run, "reaper"), [1]);
  },
};

export const anUnusedBufferIsDropped: Program<Buffers> = {
  claim: "a buffer that its last reader lets go of is dropped by the sweep after that",
  buffers: BUFFERS,
  setup(memory) {
    setStage(memory, 2);
    pin({ words: new Int32Array(memory.region) }, FIRST.slot);
  },
  threads: {
    reader(memory) {
      unpinWords(new Int32Array(memory.region), FIRST.slot);
    },
  },
  after(memory) {
    const directory = directoryOf(memory);
    directory.unused(ID, FIRST.slot);
    assert.equal(directory.sweep(), true);
    assert.equal(directory.size, 0);
  },
};

export const noReaderMeetsAnOwner: Program<Buffers> = {
  claim:
    "a thaw that finds no reader and no message is right: nobody can come by the region any more",
  buffers: BUFFERS,
  setup(memory) {
    setStage(memory, 2);
    sender(memory, 0).publish(CARRYING, CARRYING.byteLength, Form.carrying);
    store(new Int32Array(memory.region), HEADER.STATE, STATE.THAWING);
  },
  threads: {
    reader(memory) {
      const board = openBoard(memory.board);
      const receiver = new LaneReceiver(lanesOf(memory.quipe)[0], board);
      assert.ok(receiver.peek());
      const words = new Int32Array(memory.region);
      pin({ words }, FIRST.slot);
      notePin(board);
      receiver.acknowledge();
      unpinWords(words, FIRST.slot);
      tellThawingOwner(words, board);
    },
    owner(memory, context) {
      const { slots, isCarried } = directoryOf(memory).holdersOf(ID);
      const isFree = slots.length === 0 && !isCarried;
      if (isFree) store(new Int32Array(memory.region), HEADER.STATE, STATE.OWNED);
      context.record(Number(isFree));
    },
  },
  always(memory) {
    const words = new Int32Array(memory.region);
    if (load(words, HEADER.STATE) === STATE.OWNED) assert.deepEqual(slotsPinned(words), []);
  },
  kill: { thread: "reader" },
};

function sweepTwice(memory: Memory<Buffers>, context: { record(value: number): void }): void {
  const directory = directoryOf(memory);
  for (let i = 0; i < 2; i++) {
    directory.unused(ID, FIRST.slot);
    directory.sweep();
  }
  context.record(directory.size);
}

function directoryOf(memory: Memory<Buffers>): Directory {
  const directory = new Directory(openBoard(memory.board), () =>
    lanesOf(memory.quipe).flatMap((lane) => idsCarried(lane)),
  );
  const { region: buffer } = memory;
  directory.publish({ id: ID, buffer, holding: "pins", carries: [] }, FIRST.slot);
  return directory;
}

function sender(memory: Memory<Buffers>, lane: 0 | 1): LaneSender {
  return new LaneSender(lanesOf(memory.quipe)[lane], openBoard(memory.board));
}
