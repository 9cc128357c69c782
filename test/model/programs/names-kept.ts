/** Namespaces: what their names keep alive and hold in place, while tasks read by them, rebind them, thaw and die. */
import assert from "node:assert/strict";
import { HEADER, PIN_WORDS, STATE } from "../../../src/memory/layout.ts";
import { pin, slotsPinned, unpinWords } from "../../../src/memory/pins.ts";
import { ownerWordOf } from "../../../src/memory/titles.ts";
import { namesLocking } from "../../../src/namespace/kept-names.ts";
import { NAMES } from "../../../src/namespace/names-layout.ts";
import { forgetTask, openMemory, readPublished } from "../../../src/namespace/versions.ts";
import { load, store } from "../../../src/runtime/atomics.ts";
import { notePin, openBoard, pinsSet } from "../../../src/sync/board.ts";
import { Directory } from "../../../src/task/directory.ts";
import {
  type Content,
  NAMES_BYTES,
  NAMES_ID,
  START,
  change,
  contentOf,
  locking,
  nowIn,
  setNames,
} from "../names-stage.ts";
import { type Memory, type Program, recordedBy } from "../program.ts";
import { FIRST, SECOND, STAGE, setBoard } from "../stage.ts";

type Kept = "board" | "names" | "region";

const REGION_ID = 6;
const kept = {
  board: STAGE.board,
  names: NAMES_BYTES,
  region: (HEADER.PINS + PIN_WORDS) * 4,
};

function setKept(memory: Memory<Kept>, locked: boolean): void {
  setBoard(memory);
  setNames(memory, { ...START, ids: [REGION_ID], locked });
  const region = new Int32Array(memory.region);
  region[HEADER.OWNER] = ownerWordOf(FIRST);
  store(region, HEADER.STATE, STATE.FROZEN);
  pin({ words: new Int32Array(memory.names) }, FIRST.slot);
  pin({ words: new Int32Array(memory.names) }, SECOND.slot);
}

function directoryOf(memory: Memory<Kept>): Directory {
  const directory = new Directory(openBoard(memory.board), () => []);
  for (const [id, buffer] of [
    [NAMES_ID, memory.names],
    [REGION_ID, memory.region],
  ] as const) {
    directory.publish({ id, buffer, holding: "pins", carries: [] }, undefined);
  }
  return directory;
}

/** Comes by the region through its name: pins it, and then makes sure that the name kept it until then. */
function readByName(memory: Memory<Kept>, looksAgain: boolean): boolean {
  const names = openMemory(memory.names);
  const { version, table } = readPublished(names);
  if (!contentOf(table).ids.includes(REGION_ID)) return false;
  pin({ words: new Int32Array(memory.region) }, SECOND.slot);
  notePin(openBoard(memory.board));
  return !looksAgain || load(names.words, NAMES.VERSION) === version;
}

const REBOUND: Content = { ...START, one: 1, two: 1 };

function rebindAway(memory: Memory<Kept>): void {
  change(memory, FIRST.slot, () => REBOUND);
}

function sweep(memory: Memory<Kept>, context: { record(value: number): void }): void {
  const directory = directoryOf(memory);
  directory.noLongerCarried([REGION_ID]);
  directory.sweep();
  context.record(Number(directory.isGone(REGION_ID)));
}

export const aNameKeepsWhatItIsBoundTo: Program<Kept> = {
  claim: "what a reader has got by a name is there, whenever that is rebound and the sweep looks",
  buffers: kept,
  setup: (memory) => setKept(memory, false),
  threads: {
    reader: (memory, context) => context.record(Number(readByName(memory, true))),
    rebinder: rebindAway,
    reaper: sweep,
  },
  after(_memory, run) {
    const [hasIt] = recordedBy(run, "reader");
    const [isGone] = recordedBy(run, "reaper");
    assert.ok(hasIt === 0 || isGone === 0, "a reader has what was dropped");
  },
};

export const aReaderThatTrustsItsTable: Program<Kept> = {
  claim: "a reader that does not look at the version after its pin may hold what is gone",
  buffers: kept,
  setup: (memory) => setKept(memory, false),
  threads: {
    reader: (memory, context) => context.record(Number(readByName(memory, false))),
    rebinder: rebindAway,
    reaper: sweep,
  },
  after(_memory, run) {
    const [hasIt] = recordedBy(run, "reader");
    const [isGone] = recordedBy(run, "reaper");
    assert.ok(hasIt === 0 || isGone === 0, "a reader has what was dropped");
  },
  fails: { message: /a reader has what was dropped/, preemptions: 1 },
};

/**
 * Thaws as an owner does: says so, asks who holds the region, and then has it for itself or gives up. Asks in the order
 * of the reaper (task/directory.ts), but looks at one word of pins only: the explorer takes a loop over all for a spin.
 */
function thaw(memory: Memory<Kept>, context: { record(value: number): void }): void {
  const words = new Int32Array(memory.region);
  const board = openBoard(memory.board);
  store(words, HEADER.STATE, STATE.THAWING);
  let isFree = false;
  for (let pinsBefore = NaN; pinsBefore !== pinsSet(board);) {
    pinsBefore = pinsSet(board);
    const isPinned = load(words, HEADER.PINS) !== 0;
    isFree = !isPinned && namesLocking(memory.names, REGION_ID).length === 0;
  }
  store(words, HEADER.STATE, isFree ? STATE.OWNED : STATE.FROZEN);
  context.record(Number(isFree));
}

export const noNameShowsWhatIsThawed: Program<Kept> = {
  claim:
    "who comes by a region through an unlocked name, and finds it frozen, keeps it from being thawed",
  buffers: kept,
  setup: (memory) => setKept(memory, false),
  threads: {
    reader(memory, context) {
      const words = new Int32Array(memory.region);
      const hasIt = readByName(memory, true) && load(words, HEADER.STATE) === STATE.FROZEN;
      if (!hasIt) unpinWords(words, SECOND.slot);
      context.record(Number(hasIt));
    },
    owner: thaw,
  },
  after(memory, run) {
    const isReading = recordedBy(run, "reader")[0] === 1;
    const isThawed = recordedBy(run, "owner")[0] === 1;
    assert.ok(!(isReading && isThawed), "a reader reads what its owner writes");
    if (!isReading) assert.deepEqual(slotsPinned(new Int32Array(memory.region)), []);
  },
};

export const aLockedNameHoldsItsObject: Program<Kept> = {
  claim: "a thaw and a lock of what it is bound to never both succeed, wherever the locker dies",
  buffers: kept,
  setup: (memory) => setKept(memory, false),
  threads: {
    locker(memory, context) {
      const words = new Int32Array(memory.region);
      const isHeld = readByName(memory, true) && load(words, HEADER.STATE) === STATE.FROZEN;
      if (isHeld) change(memory, SECOND.slot, locking);
      unpinWords(words, SECOND.slot);
      context.record(Number(isHeld));
    },
    owner: thaw,
  },
  after(memory, run) {
    const isThawed = recordedBy(run, "owner")[0] === 1;
    const { locked } = nowIn(memory.names);
    assert.ok(!(isThawed && locked), "a locked name is bound to what was thawed");
    if (run.killed === undefined) assert.equal(locked, recordedBy(run, "locker")[0] === 1);
  },
  kill: {
    thread: "locker",
    repair(memory) {
      unpinWords(new Int32Array(memory.region), SECOND.slot);
      forgetTask(openMemory(memory.names), SECOND.slot);
    },
  },
};

export const aLockWithoutAPin: Program<Kept> = {
  claim: "a lock that only looks whether its object is frozen may come after the thaw has asked",
  buffers: kept,
  setup: (memory) => setKept(memory, false),
  threads: {
    locker(memory) {
      const isFrozen = load(new Int32Array(memory.region), HEADER.STATE) === STATE.FROZEN;
      if (isFrozen) change(memory, SECOND.slot, locking);
    },
    owner: thaw,
  },
  after(memory, run) {
    const isThawed = recordedBy(run, "owner")[0] === 1;
    assert.ok(
      !(isThawed && nowIn(memory.names).locked),
      "a locked name is bound to what was thawed",
    );
  },
  fails: { message: /a locked name is bound to what was thawed/, preemptions: 1 },
};
