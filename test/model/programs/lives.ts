/** The words of a task's life: who leaves the outcome to handles that were sent, and who is woken by a report. */
import assert from "node:assert/strict";
import { pin, slotsPinned } from "../../../src/memory/pins.ts";
import { QUIPE } from "../../../src/quipe/quipe-layout.ts";
import { load, store } from "../../../src/runtime/atomics.ts";
import { BlockedOn, openBoard, ring } from "../../../src/sync/board.ts";
import { block } from "../../../src/sync/wait.ts";
import {
  type Life,
  announceSent,
  lastReport,
  leaveOutcome,
  openLife,
  outcomeLeft,
  sealSent,
  showReport,
  watchLife,
} from "../../../src/task/life.ts";
import type { Memory, Program } from "../program.ts";
import { SECOND, STAGE, play, setStage } from "../stage.ts";

type Buffers = "board" | "quipe" | "mail";

/** Words of `mail`: what lies in the spawner's inbox, what was sent to the receiver, whether the spawner is dead. */
const TOLD = 0;
const SENT = 1;
const DEAD = 2;
const HANDLE = 7;
const OUTCOME = 9;
const RECEIVER = SECOND;
const WAITING = { code: BlockedOn.task, text: "the outcome" };

const buffers = { ...STAGE, mail: 12 };
const stage: Pick<Program<Buffers>, "buffers" | "setup"> = {
  buffers,
  setup: (memory) => setStage(memory, 2),
};

export const whoHasTheHandleHearsOfTheEnd: Program<Buffers> = {
  claim:
    "who was sent a handle hears of the end, whenever that is, and wherever the sender is killed",
  ...stage,
  threads: {
    spawner: (memory) => send(memory, announceSent),
    reaper: (memory) => bury(memory),
    receiver: receive,
  },
  kill: { thread: "spawner", repair: announceDeath },
};

export const sentByALookAndAStore: Program<Buffers> = {
  claim: "a first sending that is noted by a look and a store is overlooked by the reaper",
  ...stage,
  threads: {
    spawner: (memory) => send(memory, noteByStore),
    reaper: (memory) => bury(memory),
    receiver: receive,
  },
  fails: { message: /receiver waits/, preemptions: 1 },
};

export const sealedBeforeItIsTold: Program<Buffers> = {
  claim: "words that are sealed before the spawner is told leave it with nothing to leave",
  ...stage,
  threads: {
    reaper(memory) {
      const id = sealSent(openLife(memory.quipe));
      store(new Int32Array(memory.mail), TOLD, 1);
      if (id !== 0) leave(memory);
    },
    spawner: (memory) => send(memory, announceSent),
    receiver: receive,
  },
  fails: { message: /was not told/, preemptions: 1 },
};

export const aWatcherHearsOfTheLastReport: Program<Buffers> = {
  claim: "a watcher that sleeps is woken for the last report, whenever it comes",
  ...stage,
  threads: {
    reporter: report,
    watcher(memory) {
      play(memory, RECEIVER);
      const life = openLife(memory.quipe);
      watchLife(life, RECEIVER.slot);
      block(() => lastReport(life) === 2, WAITING);
    },
  },
  preemptions: 3,
};

export const aLookBeforeTheBit: Program<Buffers> = {
  claim: "a watcher that sets its bit after it has looked sleeps through the last report",
  ...stage,
  threads: {
    reporter: report,
    watcher(memory) {
      play(memory, RECEIVER);
      const life = openLife(memory.quipe);
      const look = (): boolean => {
        const isThere = lastReport(life) === 2;
        if (!isThere) watchLife(life, RECEIVER.slot);
        return isThere;
      };
      block(look, WAITING);
    },
  },
  fails: { message: /watcher waits/, preemptions: 1 },
};

function report(memory: Memory<Buffers>): void {
  const life = openLife(memory.quipe);
  const board = openBoard(memory.board);
  for (const id of [1, 2]) showReport(life, id, board);
}

/** The spawner sends a handle for the first time, and leaves the outcome itself if it must. */
function send(memory: Memory<Buffers>, announce: (life: Life, id: number) => boolean): void {
  const life = openLife(memory.quipe);
  const mail = new Int32Array(memory.mail);
  if (!announce(life, HANDLE)) {
    assert.equal(load(mail, TOLD), 1, "the spawner was not told before the words were sealed");
    leaveOutcome(life, OUTCOME);
  }
  store(mail, SENT, 1);
  ring(openBoard(memory.board), RECEIVER.slot);
}

function noteByStore({ words }: Life, id: number): boolean {
  const isFirst = load(words, QUIPE.SENT) === 0;
  store(words, QUIPE.SENT, id);
  return isFirst;
}

/** The reaper tells the spawner, and leaves the outcome to whoever has the handle. */
function bury(memory: Memory<Buffers>): void {
  store(new Int32Array(memory.mail), TOLD, 1);
  if (sealSent(openLife(memory.quipe)) !== 0) leave(memory);
}

function leave(memory: Memory<Buffers>): void {
  const life = openLife(memory.quipe);
  leaveOutcome(life, OUTCOME);
  for (const slot of slotsPinned(life.words)) ring(openBoard(memory.board), slot);
}

function announceDeath(memory: Memory<Buffers>): void {
  store(new Int32Array(memory.mail), DEAD, 1);
  ring(openBoard(memory.board), RECEIVER.slot);
}

function receive(memory: Memory<Buffers>): void {
  play(memory, RECEIVER);
  const mail = new Int32Array(memory.mail);
  block(() => load(mail, SENT) === 1 || load(mail, DEAD) === 1, WAITING);
  if (load(mail, SENT) === 0) return;
  const life = openLife(memory.quipe);
  pin(life, RECEIVER.slot);
  block(() => outcomeLeft(life) === OUTCOME, WAITING);
}
