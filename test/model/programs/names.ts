/** Namespaces: the word that says which table counts, in every order and with a death at every step. */
import assert from "node:assert/strict";
import { ownerWordOf } from "../../../src/memory/titles.ts";
import { AREA, NAMES, NOBODY, ORPHANED } from "../../../src/namespace/names-layout.ts";
import {
  areasOf,
  forgetTask,
  openMemory,
  orphan,
  readPublished,
  tryPublish,
} from "../../../src/namespace/versions.ts";
import { add, compareExchange, load, store } from "../../../src/runtime/atomics.ts";
import {
  NAMES_BYTES,
  START,
  assertWhole,
  change,
  contentOf,
  countIn,
  increment,
  locking,
  nowIn,
  setNames,
  tableOf,
} from "../names-stage.ts";
import { type Memory, type Program, recordedBy } from "../program.ts";
import { FIRST, SECOND } from "../stage.ts";

type Buffers = "names";

const buffers = { names: NAMES_BYTES };

function forget(slot: number): (memory: Memory<Buffers>) => void {
  return (memory) => forgetTask(openMemory(memory.names), slot);
}

export const noWriteAfterTheLock: Program<Buffers> = {
  claim: "a name that is locked is never rebound, whoever is just rebinding it and dies of it",
  buffers,
  setup: setNames,
  threads: {
    rebinder(memory, context) {
      if (change(memory, SECOND.slot, increment)) context.record(1);
    },
    locker(memory, context) {
      let atLock = 0;
      change(memory, FIRST.slot, (content) => {
        atLock = content.one;
        return locking(content);
      });
      context.record(atLock);
    },
  },
  always: assertWhole,
  after(memory, run) {
    const [atLock] = recordedBy(run, "locker");
    const { one, locked } = nowIn(memory.names);
    if (run.killed !== "rebinder") assert.equal(one, recordedBy(run, "rebinder").length);
    assert.ok(locked);
    assert.equal(one, atLock, "a write came after the lock");
  },
  kill: { thread: "rebinder", repair: forget(SECOND.slot) },
};

export const aLockBesideTheTable: Program<Buffers> = {
  claim: "a lock in a word of its own is passed by a rebinder that has looked at it before",
  buffers,
  setup: setNames,
  threads: {
    rebinder(memory) {
      const names = openMemory(memory.names);
      const { version } = readPublished(names);
      if (load(names.words, NAMES.PARENT) === 1) return;
      tryPublish(names, SECOND.slot, version, tableOf({ ...START, one: 1, two: 1 }));
    },
    locker(memory, context) {
      store(new Int32Array(memory.names), NAMES.PARENT, 1);
      context.record(countIn(memory));
    },
  },
  after(memory, run) {
    assert.deepEqual(
      [nowIn(memory.names).one],
      recordedBy(run, "locker"),
      "a write after the lock",
    );
  },
  fails: { message: /a write after the lock/, preemptions: 1 },
};

export const updatesAreAllOrNothing: Program<Buffers> = {
  claim:
    "who reads sees all of an update or nothing, wherever the updater dies, and waits for nobody",
  buffers,
  setup: setNames,
  threads: {
    updater(memory) {
      for (let i = 0; i < 2; i++) change(memory, FIRST.slot, increment);
    },
    reader(memory, context) {
      const names = openMemory(memory.names);
      for (let i = 0; i < 2; i++) {
        const { one, two } = contentOf(readPublished(names).table);
        assert.equal(one, two, "half an update was read");
        context.record(one);
      }
    },
  },
  always: assertWhole,
  after(memory, run) {
    const [first = 0, second = 0] = recordedBy(run, "reader");
    assert.ok(first <= second, "an older table was read later");
    const { one, version } = nowIn(memory.names);
    if (run.killed === undefined) assert.equal(one, 2);
    else assert.ok((version & ORPHANED) !== 0, "the names of a dead creator are open");
  },
  kill: {
    thread: "updater",
    repair(memory) {
      orphan(openMemory(memory.names).words, FIRST, SECOND);
      forgetTask(openMemory(memory.names), FIRST.slot);
    },
  },
};

export const aTableChangedInPlace: Program<Buffers> = {
  claim: "a table that is changed where it counts is seen half changed",
  buffers,
  setup: setNames,
  threads: {
    updater(memory) {
      const { words } = openMemory(memory.names);
      const [area = 0] = areasOf(words);
      const changed = tableOf({ ...START, one: 1, two: 1 });
      const half = tableOf({ ...START, one: 1 });
      words.set(half, area + AREA.TABLE);
      add(words, NAMES.VERSION, 0);
      words.set(changed, area + AREA.TABLE);
    },
    reader(memory) {
      const { one, two } = contentOf(readPublished(openMemory(memory.names)).table);
      assert.equal(one, two, "half an update was read");
    },
  },
  fails: { message: /half an update was read/, preemptions: 1 },
};

export const aLookThatIsNotRepeated: Program<Buffers> = {
  claim:
    "a reader that does not look at the version again takes another table for the one it found",
  buffers,
  setup: setNames,
  threads: {
    updater(memory) {
      for (let i = 0; i < 2; i++) change(memory, FIRST.slot, increment);
    },
    reader(memory) {
      const { words } = openMemory(memory.names);
      const version = load(words, NAMES.VERSION);
      const area = [...areasOf(words)].find((at) => words[at + AREA.VERSION] === version) ?? 0;
      load(words, NAMES.NEXT); // whatever a reader does in between
      const count = contentOf(words.slice(area + AREA.TABLE, area + AREA.TABLE + 64)).one;
      assert.ok(area === 0 || count === version / 2 - 1, "the table of another version was read");
    },
  },
  fails: { message: /the table of another version was read/, preemptions: 1 },
};

export const noUpdateIsLost: Program<Buffers> = {
  claim:
    "of two tasks that rebind by compare-and-set none loses what it has done, and none waits for one that dies",
  buffers,
  setup: setNames,
  threads: {
    first: (memory, context) => {
      if (change(memory, FIRST.slot, increment)) context.record(1);
    },
    second: (memory, context) => {
      if (change(memory, SECOND.slot, increment)) context.record(1);
    },
  },
  always: assertWhole,
  after(memory, run) {
    const { one } = nowIn(memory.names);
    if (run.killed === undefined) assert.equal(one, 2);
    assert.ok(one >= run.log.length, "an update is lost");
  },
  kill: { thread: "first", repair: forget(FIRST.slot), preemptions: 0 },
};

export const aTableOverWhateverCounts: Program<Buffers> = {
  claim: "a table that takes the place of another one than it was made of takes back what that had",
  buffers,
  setup: setNames,
  threads: {
    first: (memory) => void change(memory, FIRST.slot, increment),
    second(memory) {
      const names = openMemory(memory.names);
      const { table } = readPublished(names);
      const next = tableOf(increment(contentOf(table)));
      for (;;) {
        const version = load(names.words, NAMES.VERSION);
        if (tryPublish(names, SECOND.slot, version, next) !== undefined) return;
      }
    },
  },
  after: (memory) => assert.equal(nowIn(memory.names).one, 2, "an update is lost"),
  fails: { message: /an update is lost/, preemptions: 1 },
};

export const nothingChangesAfterTheCreator: Program<Buffers> = {
  claim:
    "from the moment at which a dead creator's names are handed to its heir, nobody rebinds them",
  buffers,
  setup: setNames,
  threads: {
    rebinder(memory, context) {
      for (let i = 0; i < 2; i++) if (change(memory, SECOND.slot, increment)) context.record(1);
    },
    reaper(memory, context) {
      for (let i = 0; i < 2; i++) {
        orphan(openMemory(memory.names).words, FIRST, SECOND);
        context.record(countIn(memory));
      }
    },
  },
  after(memory, run) {
    const words = new Int32Array(memory.names);
    const { one, version } = nowIn(memory.names);
    assert.deepEqual(
      recordedBy(run, "reaper"),
      [one, one],
      "a write came after the creator's death",
    );
    assert.ok((version & ORPHANED) !== 0);
    assert.equal(words[NAMES.OWNER], ownerWordOf(SECOND));
  },
  kill: { thread: "rebinder", repair: forget(SECOND.slot) },
};

export const anOwnerWordAlone: Program<Buffers> = {
  claim: "a title alone that goes to the heir lets a rebinder write after the creator's death",
  buffers,
  setup: setNames,
  threads: {
    rebinder(memory) {
      const names = openMemory(memory.names);
      const { version } = readPublished(names);
      if (load(names.words, NAMES.OWNER) !== ownerWordOf(FIRST)) return;
      tryPublish(names, SECOND.slot, version, tableOf({ ...START, one: 1, two: 1 }));
    },
    reaper(memory, context) {
      const words = new Int32Array(memory.names);
      compareExchange(words, NAMES.OWNER, ownerWordOf(FIRST), ownerWordOf(SECOND));
      context.record(countIn(memory));
    },
  },
  after(memory, run) {
    assert.deepEqual(
      [nowIn(memory.names).one],
      recordedBy(run, "reaper"),
      "a write after the death",
    );
  },
  fails: { message: /a write after the death/, preemptions: 1 },
};

export const areasHaveOneWriter: Program<Buffers> = {
  claim:
    "room that a dead task has left goes to one of those who want it, and what counts stays whole",
  buffers,
  setup(memory) {
    setNames(memory);
    change(memory, FIRST.slot, increment);
    forgetTask(openMemory(memory.names), FIRST.slot);
  },
  threads: {
    second: (memory) => void change(memory, SECOND.slot, increment),
    third: (memory) => void change(memory, 3, increment),
  },
  always: assertWhole,
  after(memory, run) {
    const words = new Int32Array(memory.names);
    const owners = [...areasOf(words)].map((area) => words[area + AREA.OWNER] as number);
    const taken = owners.filter((owner) => owner !== NOBODY);
    if (run.killed === undefined) assert.equal(new Set(taken).size, 2);
    if (run.killed === undefined) assert.equal(nowIn(memory.names).one, 3);
  },
  kill: { thread: "second", repair: forget(SECOND.slot) },
};
