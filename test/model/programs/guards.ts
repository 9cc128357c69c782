/** Guards: the lock, the undo log and the repair of both, in every order and with a death at every step. */
import assert from "node:assert/strict";
import { COMMITTED, GUARD, GUARD_MAGIC, LOCK } from "../../../src/memory/guard-layout.ts";
import { SEAT } from "../../../src/sync/seats.ts";
import {
  endExclusive,
  endShared,
  giveUp,
  holderOf,
  readersOf,
  tryExclusive,
  tryShared,
  unwatchChanges,
  wakeWatchers,
  waitersOf,
  watchChanges,
} from "../../../src/memory/guard-lock.ts";
import { finish, repairGuards } from "../../../src/memory/guard-repair.ts";
import { HEADER, HEAP_START } from "../../../src/memory/layout.ts";
import { load, store } from "../../../src/runtime/atomics.ts";
import { type Board, BlockedOn, openBoard, ring } from "../../../src/sync/board.ts";
import { block } from "../../../src/sync/wait.ts";
import { addOne, logOf } from "../logged-update.ts";
import { type Memory, type Program, recordedBy } from "../program.ts";
import { FIRST, SECOND, STAGE, play, setBoard } from "../stage.ts";

type Buffers = "board" | "guard" | "region";
type TwoGuards = Buffers | "otherGuard" | "otherRegion";

const ID = 5;
const REGION_ID = 6;
const OTHER_ID = 7;
const OTHER_REGION_ID = 8;
const ONE = HEAP_START;
/** On another line of the log than `ONE`. */
const TWO = HEAP_START + 32;
const LOG_ROOM = 64;
const GUARD_BYTES = (GUARD.LOG + LOG_ROOM) * 4;
const REGION_BYTES = (HEAP_START + 64) * 4;
const buffers = { board: STAGE.board, guard: GUARD_BYTES, region: REGION_BYTES };
const twoGuards = { ...buffers, otherGuard: GUARD_BYTES, otherRegion: REGION_BYTES };
const LOCKED = { code: BlockedOn.guard, text: "a guard" };

const THIRD = { slot: 0, generation: 1 };

function setGuard(
  guard: SharedArrayBuffer,
  region: SharedArrayBuffer,
  ids: [number, number],
): void {
  const words = new Int32Array(guard);
  words[GUARD.MAGIC] = GUARD_MAGIC;
  words[GUARD.ID] = ids[0];
  words[GUARD.REGION] = ids[1];
  words[GUARD.TICKETS] = 1;
  new Int32Array(region)[HEADER.TOP] = region.byteLength >> 2;
}

function setOne(memory: Memory<Buffers>): void {
  setBoard(memory);
  setGuard(memory.guard, memory.region, [ID, REGION_ID]);
}

function setTwo(memory: Memory<TwoGuards>): void {
  setOne(memory);
  setGuard(memory.otherGuard, memory.otherRegion, [OTHER_ID, OTHER_REGION_ID]);
}

/** Takes the lock alone, does something, lets go. */
function alone(memory: Memory<Buffers>, slot: number, inside: (guard: Int32Array) => void): void {
  const guard = new Int32Array(memory.guard);
  const board = openBoard(memory.board);
  block(() => tryExclusive(guard, slot), LOCKED);
  inside(guard);
  if (endExclusive(guard, board)) wakeWatchers(guard, board);
}

function together(memory: Memory<Buffers>, slot: number, inside: () => void): void {
  const guard = new Int32Array(memory.guard);
  const board = openBoard(memory.board);
  block(() => tryShared(guard, board, slot), LOCKED);
  inside();
  endShared(guard, board, slot);
}

/** Adds one to two words that must always be equal, as an update does it. */
function addToBoth(guard: Int32Array, region: Int32Array): void {
  const log = logOf(guard, region);
  addOne(log, region, ONE);
  addOne(log, region, TWO);
  guard[GUARD.CHANGES] = (guard[GUARD.CHANGES] as number) + 1;
  store(guard, GUARD.LOG_USED, 0);
}

function assertEqualWords(memory: { readonly region: SharedArrayBuffer }): number {
  const region = new Int32Array(memory.region);
  assert.equal(region[ONE], region[TWO], "half an update is there");
  return region[ONE] as number;
}

function assertNobodyThere(buffer: SharedArrayBuffer): void {
  const guard = new Int32Array(buffer);
  assert.equal(load(guard, GUARD.LOCK) & LOCK.HOLDER_MASK, 0, "the lock is held");
  assert.equal(load(guard, GUARD.LOG_USED), 0, "the log is open");
  assert.deepEqual(readersOf(guard), []);
  assert.deepEqual(waitersOf(guard), []);
  for (let slot = 0; slot < 8; slot++) assert.equal(load(guard, GUARD.SEATS + slot), SEAT.EMPTY);
}

function repair(memory: Memory<Buffers> & Partial<Memory<TwoGuards>>, dead: number): void {
  const board = openBoard(memory.board);
  const known = new Map([[REGION_ID, memory.region]]);
  known.set(ID, memory.guard);
  if (memory.otherGuard !== undefined) known.set(OTHER_ID, memory.otherGuard);
  if (memory.otherRegion !== undefined) known.set(OTHER_REGION_ID, memory.otherRegion);
  const wordsOf = (id: number): Int32Array | undefined => {
    const buffer = known.get(id);
    return buffer === undefined ? undefined : new Int32Array(buffer);
  };
  const guards = [ID, OTHER_ID].flatMap((id) => wordsOf(id) ?? []);
  repairGuards(guards, wordsOf, board, dead);
  ringAll(board);
}

function ringAll(board: Board): void {
  for (const { slot } of [THIRD, FIRST, SECOND]) ring(board, slot);
}

export const updatesAreWhole: Program<Buffers> = {
  claim: "two tasks that update are never inside together, and one that dies leaves all or nothing",
  buffers,
  setup: setOne,
  threads: {
    first(memory) {
      play(memory, FIRST);
      alone(memory, FIRST.slot, (guard) => addToBoth(guard, new Int32Array(memory.region)));
    },
    second(memory) {
      play(memory, SECOND);
      alone(memory, SECOND.slot, (guard) => {
        assertEqualWords(memory);
        addToBoth(guard, new Int32Array(memory.region));
      });
    },
  },
  after(memory, run) {
    const count = assertEqualWords(memory);
    if (run.killed === undefined) assert.equal(count, 2);
    else assert.ok(count >= 1);
    assertNobodyThere(memory.guard);
  },
  kill: { thread: "first", repair: (memory) => repair(memory, FIRST.slot) },
};

export const aWaiterThatDiesHoldsNobodyUp: Program<Buffers> = {
  claim: "three tasks take their turns, and one that dies while it waits or holds stops nobody",
  buffers,
  setup: setOne,
  threads: {
    first(memory) {
      play(memory, FIRST);
      alone(memory, FIRST.slot, () => {});
    },
    second(memory) {
      play(memory, SECOND);
      alone(memory, SECOND.slot, () => {});
    },
    third(memory) {
      play(memory, THIRD);
      alone(memory, THIRD.slot, () => {});
    },
  },
  preemptions: 1,
  after: (memory) => assertNobodyThere(memory.guard),
  kill: { thread: "second", repair: (memory) => repair(memory, SECOND.slot), preemptions: 1 },
};

export const readersSeeWholeUpdates: Program<Buffers> = {
  claim: "a reader sees no half update, and a reader that dies does not keep an update waiting",
  buffers,
  setup: setOne,
  threads: {
    reader(memory) {
      play(memory, FIRST);
      together(memory, FIRST.slot, () => assertEqualWords(memory));
    },
    writer(memory) {
      play(memory, SECOND);
      alone(memory, SECOND.slot, (guard) => addToBoth(guard, new Int32Array(memory.region)));
    },
    other(memory) {
      play(memory, THIRD);
      together(memory, THIRD.slot, () => {});
    },
  },
  preemptions: 1,
  after(memory) {
    assert.equal(assertEqualWords(memory), 1);
    assertNobodyThere(memory.guard);
  },
  kill: { thread: "reader", repair: (memory) => repair(memory, FIRST.slot), preemptions: 0 },
};

export const aDeadWriterLetsReadersIn: Program<Buffers> = {
  claim: "readers get in after a writer that died anywhere, and see all of its update or nothing",
  buffers,
  setup: setOne,
  threads: {
    writer(memory) {
      play(memory, FIRST);
      alone(memory, FIRST.slot, (guard) => addToBoth(guard, new Int32Array(memory.region)));
    },
    reader(memory) {
      play(memory, SECOND);
      together(memory, SECOND.slot, () => assertEqualWords(memory));
    },
  },
  after: (memory) => assertNobodyThere(memory.guard),
  kill: { thread: "writer", repair: (memory) => repair(memory, FIRST.slot) },
};

export const whoGivesUpIsPassedOver: Program<Buffers> = {
  claim: "a task that stops waiting for the lock leaves the others their turns",
  buffers,
  setup: setOne,
  threads: {
    impatient(memory) {
      play(memory, FIRST);
      const guard = new Int32Array(memory.guard);
      const board = openBoard(memory.board);
      if (tryExclusive(guard, FIRST.slot)) endExclusive(guard, board);
      else giveUp(guard, board, FIRST.slot);
    },
    writer(memory) {
      play(memory, SECOND);
      alone(memory, SECOND.slot, () => {});
    },
    reader(memory) {
      play(memory, THIRD);
      together(memory, THIRD.slot, () => {});
    },
  },
  after: (memory) => assertNobodyThere(memory.guard),
};

export const aWatcherHearsOfChanges: Program<Buffers> = {
  claim:
    "a task that waits for a condition hears of the update that makes it true, or of its death",
  buffers,
  setup: setOne,
  threads: {
    writer(memory) {
      play(memory, FIRST);
      alone(memory, FIRST.slot, (guard) => addToBoth(guard, new Int32Array(memory.region)));
    },
    watcher(memory, context) {
      play(memory, SECOND);
      const guard = new Int32Array(memory.guard);
      watchChanges(guard, SECOND.slot);
      for (;;) {
        const seen = load(guard, GUARD.CHANGES);
        let value = 0;
        together(memory, SECOND.slot, () => (value = assertEqualWords(memory)));
        if (value > 0) break;
        block(() => load(guard, GUARD.CHANGES) !== seen, LOCKED);
      }
      unwatchChanges(guard, SECOND.slot);
      context.record(1);
    },
  },
  after(memory, run) {
    assert.deepEqual(recordedBy(run, "watcher"), [1]);
    assertNobodyThere(memory.guard);
  },
};

/** Moves one from the first region to the other. */
function transfer(memory: Memory<TwoGuards>, slot: number): void {
  const guards = [new Int32Array(memory.guard), new Int32Array(memory.otherGuard)];
  const regions = [new Int32Array(memory.region), new Int32Array(memory.otherRegion)];
  const board = openBoard(memory.board);
  for (const guard of guards) block(() => tryExclusive(guard, slot), LOCKED);
  guards.forEach((guard, i) => {
    guard[GUARD.LEADER] = ID;
    const region = regions[i] as Int32Array;
    const log = logOf(guard, region);
    log.touch(ONE, 1);
    region[ONE] = (region[ONE] as number) + (i === 0 ? -1 : 1);
  });
  const [leader, follower] = guards as [Int32Array, Int32Array];
  store(leader, GUARD.LOG_USED, COMMITTED);
  finish(follower);
  finish(leader);
  for (const guard of guards) endExclusive(guard, board);
}

function assertNothingLost(memory: Memory<TwoGuards>): void {
  const one = new Int32Array(memory.region)[ONE] as number;
  const other = new Int32Array(memory.otherRegion)[ONE] as number;
  assert.equal(one + other, 0, "half of a transfer is there");
}

export const severalAtOnce: Program<TwoGuards> = {
  claim: "an update of two guards happens in both or in none, wherever its task dies",
  buffers: twoGuards,
  setup: setTwo,
  threads: {
    first(memory) {
      play(memory, FIRST);
      transfer(memory, FIRST.slot);
    },
    second(memory) {
      play(memory, SECOND);
      const guard = new Int32Array(memory.otherGuard);
      const board = openBoard(memory.board);
      block(() => tryExclusive(guard, SECOND.slot), LOCKED);
      const between = new Int32Array(memory.otherRegion)[ONE] as number;
      assert.ok(between === 0 || between === 1);
      endExclusive(guard, board);
    },
  },
  after(memory) {
    assertNothingLost(memory);
    assertNobodyThere(memory.guard);
    assertNobodyThere(memory.otherGuard);
  },
  kill: { thread: "first", repair: (memory) => repair(memory, FIRST.slot) },
};

export const writtenBeforeNoted: Program<Buffers> = {
  claim: "an update that writes before it notes what was there leaves half of it behind",
  buffers,
  setup: setOne,
  threads: {
    first(memory) {
      play(memory, FIRST);
      alone(memory, FIRST.slot, (guard) => {
        const region = new Int32Array(memory.region);
        const log = logOf(guard, region);
        region[ONE] = (region[ONE] as number) + 1;
        log.touch(ONE, 1);
        addOne(log, region, TWO);
        store(guard, GUARD.LOG_USED, 0);
      });
    },
    second(memory) {
      play(memory, SECOND);
      alone(memory, SECOND.slot, () => assertEqualWords(memory));
    },
  },
  kill: { thread: "first", repair: (memory) => repair(memory, FIRST.slot) },
  fails: { message: /half an update is there/, preemptions: 0 },
};

export const lettingGoWithoutALook: Program<Buffers> = {
  claim: "a lock that is let go of without a look at the queue leaves a waiter asleep",
  buffers,
  setup: setOne,
  threads: {
    first(memory) {
      play(memory, FIRST);
      const guard = new Int32Array(memory.guard);
      block(() => tryExclusive(guard, FIRST.slot), LOCKED);
      assert.equal(holderOf(guard), FIRST.slot);
      store(guard, GUARD.LOCK, 0);
    },
    second(memory) {
      play(memory, SECOND);
      alone(memory, SECOND.slot, () => {});
    },
  },
  fails: { message: /Deadlock/, preemptions: 1 },
};
