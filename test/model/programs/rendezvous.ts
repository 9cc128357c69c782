/** Items that are handed over: both sides know of it or neither does, whoever gives up or dies. */
import assert from "node:assert/strict";
import type { End } from "../../../src/quipe/end.ts";
import { OFFER, Offer, TAIL, WANTED, Want } from "../../../src/quipe/lane-layout.ts";
import { positionIn } from "../../../src/quipe/lane-memory.ts";
import { checkLane, countItems } from "../../../src/quipe/lane-contents.ts";
import { LaneSender } from "../../../src/quipe/lane.ts";
import { lanesOf } from "../../../src/quipe/quipe-memory.ts";
import { load, store } from "../../../src/runtime/atomics.ts";
import { type TaskId, openBoard } from "../../../src/sync/board.ts";
import {
  type Buffers,
  ONE,
  SAW,
  THREE,
  TWO,
  buffers,
  playEnd,
  repairLanes,
  seen,
  setLanes,
} from "../lanes-stage.ts";
import { type Context, type Memory, type Program, type Run, recordedBy } from "../program.ts";
import { play } from "../stage.ts";

type Thread = (memory: Memory<Buffers>, context: Context) => void;
type Act = (end: End<number, number>, context: Context) => void;

/** Does something with the end of a task, records what comes of it, and closes. */
function acts(task: TaskId, act: Act): Thread {
  return (memory, context) => {
    const end = playEnd(memory, task);
    try {
      act(end, context);
    } catch (error) {
      context.record(seen(error));
    }
    end.close();
  };
}

function sends(task: TaskId, item: number, timeoutMs?: number): Thread {
  return acts(task, (end, context) => {
    end.sendSync(item, timeoutMs === undefined ? {} : { timeoutMs });
    context.record(item);
  });
}

function triesToSend(task: TaskId, item: number): Thread {
  return acts(task, (end, context) => {
    if (end.trySend(item)) context.record(item);
  });
}

function receives(task: TaskId, timeoutMs?: number): Thread {
  return acts(task, (end, context) => {
    context.record(end.receiveSync(timeoutMs === undefined ? {} : { timeoutMs }));
  });
}

function between(
  senders: TaskId[],
  receivers: TaskId[],
): Pick<Program<Buffers>, "buffers" | "setup" | "preemptions"> {
  const setup = (memory: Memory<Buffers>): void => void setLanes(memory, 0, { senders, receivers });
  return { buffers, setup, preemptions: 1 };
}

export const oneToOne: Program<Buffers> = {
  ...between([ONE], [TWO]),
  claim:
    "a send is over when its item has been taken; a sender that dies anywhere has handed it over or not",
  timeouts: "never",
  threads: { sender: sends(ONE, 11), receiver: receives(TWO) },
  after: handedOver,
  kill: { thread: "sender", repair: (memory) => repairLanes(memory, ONE), preemptions: 0 },
};

export const theReceiverDies: Program<Buffers> = {
  ...between([ONE], [TWO, THREE]),
  claim:
    "an item that a dead receiver had not acknowledged is handed to the next one, or its sender is told",
  timeouts: "never",
  threads: { deadReceiver: receives(TWO), receiver: receives(THREE), sender: sends(ONE, 11) },
  preemptions: 0,
  after: handedOver,
  kill: { thread: "deadReceiver", repair: (memory) => repairLanes(memory, TWO), preemptions: 0 },
};

export const twoSendersHandOver: Program<Buffers> = {
  ...between([ONE, TWO], [THREE]),
  preemptions: 0,
  claim:
    "two senders hand over one item each, and one that dies anywhere keeps the other from nothing",
  timeouts: "never",
  threads: {
    firstSender: sends(ONE, 11),
    secondSender: sends(TWO, 21),
    receiver: acts(THREE, (end, context) => {
      for (let i = 0; i < 2; i++) context.record(end.receiveSync());
    }),
  },
  after: handedOver,
  kill: { thread: "firstSender", repair: (memory) => repairLanes(memory, ONE), preemptions: 0 },
};

export const aSenderGivesUp: Program<Buffers> = {
  ...between([ONE], [TWO]),
  claim: "a sender whose time is over has its item, or the receiver has",
  threads: { sender: sends(ONE, 11, 5), receiver: receives(TWO) },
  after: handedOver,
  kill: { thread: "receiver", repair: (memory) => repairLanes(memory, TWO), preemptions: 0 },
};

export const bothGiveUp: Program<Buffers> = {
  ...between([ONE], [TWO]),
  claim: "sender and receiver that both give up agree whether the item was handed over",
  threads: { sender: sends(ONE, 11, 5), receiver: receives(TWO, 5) },
  preemptions: 2,
  after: handedOver,
};

export const aReceiverGivesUp: Program<Buffers> = {
  ...between([ONE], [TWO]),
  claim: "a receiver whose time is over takes what a trySend was promised, wherever either dies",
  threads: { receiver: receives(TWO, 5), sender: triesToSend(ONE, 11) },
  preemptions: 2,
  after: handedOver,
  kill: { thread: "sender", repair: (memory) => repairLanes(memory, ONE), preemptions: 0 },
};

export const aTrySendPassesAWithdrawal: Program<Buffers> = {
  ...between([ONE, TWO], [THREE]),
  claim:
    "what a trySend hands over just as another item is withdrawn is taken, also by one that gives up",
  threads: {
    receiver: receives(THREE, 5),
    firstSender: sends(ONE, 11, 5),
    secondSender: triesToSend(TWO, 21),
  },
  after: handedOver,
};

export const theReceiverOfAPromiseDies: Program<Buffers> = {
  ...between([ONE], [TWO, THREE]),
  claim: "an item that was promised to a receiver that dies is taken by the next one",
  timeouts: "never",
  threads: { deadReceiver: receives(TWO), sender: triesToSend(ONE, 11), receiver: receives(THREE) },
  preemptions: 0,
  after: handedOver,
  kill: { thread: "deadReceiver", repair: (memory) => repairLanes(memory, TWO), preemptions: 0 },
};

// Each wrong in one respect.

export const withdrawnByAStore: Program<Buffers> = {
  ...between([ONE], [TWO]),
  claim: "a sender that withdraws its item by a look and a store",
  threads: {
    sender(memory) {
      play(memory, ONE);
      const [lane] = lanesOf(memory.quipe);
      const sender = new LaneSender(lane, openBoard(memory.board));
      const begin = sender.tail;
      sender.append(Int32Array.of(11), 4, 4);
      store(lane.words, OFFER, ONE.slot + 1);
      if (load(lane.words, OFFER) !== ONE.slot + 1) return;
      store(lane.words, OFFER, Offer.none);
      sender.retract(begin);
    },
    receiver: acts(TWO, (end, context) => {
      const item = end.tryReceive();
      if (item !== undefined) context.record(item.value);
    }),
  },
  after: handedOver,
  fails: { message: /was not sent|in use|another number|offered/, preemptions: 1 },
};

export const anUnrepairedOffer: Program<Buffers> = {
  ...between([ONE], [TWO]),
  claim:
    "a reaper that leaves the offer of a dead sender, which a later one believes to be its own",
  threads: {
    sender: sends(ONE, 11),
    receiver: receives(TWO),
  },
  timeouts: "never",
  kill: {
    thread: "sender",
    repair(memory) {
      const [lane] = lanesOf(memory.quipe);
      assert.equal(
        positionIn(lane, TAIL) === 0,
        load(lane.words, OFFER) === 0,
        "half an offer is left",
      );
      repairLanes(memory, ONE);
    },
  },
  fails: { message: /half an offer is left/, preemptions: 1 },
};

/** Both sides agree on each item: who was told that it was sent, and who has it. */
function handedOver(memory: Memory<Buffers>, run: Run): void {
  const [lane] = lanesOf(memory.quipe);
  checkLane(lane);
  const { sent, taken } = countItems(lane);
  const of = (kind: RegExp) =>
    run.log.filter(({ thread, value }) => value > 0 && kind.test(thread)).map(({ value }) => value);
  const [accepted, received] = [of(/sender/i), of(/receiver/i)];
  assert.equal(new Set(received).size, received.length, "an item was handed over twice");
  const isDead = (kind: RegExp) => run.killed !== undefined && kind.test(run.killed);
  const unsaid = isDead(/receiver/i) ? taken - received.length : 0;
  assert.equal(taken, received.length + unsaid, "as many were taken as were received");
  const lost = accepted.filter((item) => !received.includes(item)).length;
  // What was promised to a receiver that died lies there for the next one, if there is one.
  const left = isDead(/receiver/i) ? sent - taken : 0;
  assert.ok(lost <= unsaid + left, `${lost} items were lost`);
  if (!isDead(/sender/i)) {
    const surprises = received.filter((item) => !accepted.includes(item));
    assert.deepEqual(surprises, [], "an item was received that was not sent");
  }
  if (run.killed !== undefined) return;
  assert.equal(sent, taken, "an item is left behind");
  assert.equal(load(lane.words, WANTED), Want.none, "nobody wants an item any more");
  for (const value of run.log.map((entry) => entry.value))
    assert.ok(value > 0 || value <= SAW.ended);
  assert.ok(recordedBy(run, "receiver").length <= 2);
}
