/** Lanes that several tasks use on one side: what is sent, and what comes out, whoever dies, closes or is added. */
import assert from "node:assert/strict";
import { makeShared, takeHandle } from "../../../src/quipe/handles.ts";
import { SENDER_WAITING } from "../../../src/quipe/lane-layout.ts";
import { checkLane, countItems } from "../../../src/quipe/lane-contents.ts";
import { LaneReceiver } from "../../../src/quipe/lane.ts";
import { QuipeMemory, lanesOf } from "../../../src/quipe/quipe-memory.ts";
import { endOf } from "../../../src/quipe/sides.ts";
import { store } from "../../../src/runtime/atomics.ts";
import { type TaskId, openBoard, ring } from "../../../src/sync/board.ts";
import {
  type Buffers,
  ONE,
  SAW,
  THREE,
  TWO,
  buffers,
  playEnd,
  receiveAll,
  repairLanes,
  seen,
  sendAll,
  setLanes,
} from "../lanes-stage.ts";
import { type Context, type Memory, type Program, type Run, recordedBy } from "../program.ts";
import { play } from "../stage.ts";

type Thread = (memory: Memory<Buffers>, context: Context) => void;

/** Sends items, records those that were accepted, and closes. */
function sends(task: TaskId, ...items: number[]): Thread {
  return (memory, context) => {
    const end = playEnd(memory, task);
    sendAll(end, items, context);
    end.close();
  };
}

/** Receives until the end. */
function receives(task: TaskId): Thread {
  return (memory, context) => receiveAll(playEnd(memory, task), context);
}

/** Receives so many items, and closes. */
function receivesSome(task: TaskId, count: number): Thread {
  return (memory, context) => {
    const end = playEnd(memory, task);
    try {
      for (let i = 0; i < count; i++) context.record(end.receiveSync());
    } catch (error) {
      context.record(seen(error));
    }
    end.close();
  };
}

function twoSenders(capacity: number): Pick<Program<Buffers>, "buffers" | "setup" | "timeouts"> {
  const cast = { senders: [ONE, TWO], receivers: [THREE] };
  return { buffers, setup: (memory) => void setLanes(memory, capacity, cast), timeouts: "never" };
}

function twoReceivers(capacity: number): Pick<Program<Buffers>, "buffers" | "setup" | "timeouts"> {
  const cast = { senders: [ONE], receivers: [TWO, THREE] };
  return { buffers, setup: (memory) => void setLanes(memory, capacity, cast), timeouts: "never" };
}

const TO_ONE: Program<Buffers>["threads"] = {
  firstSender: sends(ONE, 11, 12),
  secondSender: sends(TWO, 21, 22),
  receiver: receives(THREE),
};

const FROM_ONE: Program<Buffers>["threads"] = {
  sender: sends(ONE, 11, 12, 13),
  firstReceiver: receives(TWO),
  secondReceiver: receives(THREE),
};

export const twoSendersThroughOnePlace: Program<Buffers> = {
  ...twoSenders(1),
  claim: "two senders lose, double and reorder nothing in a lane for one item",
  threads: TO_ONE,
  preemptions: 0,
  after: arrivedOnce,
};

export const twoSendersThroughTwoPlaces: Program<Buffers> = {
  ...twoSenders(2),
  claim:
    "two senders lose, double and reorder nothing in a lane for two items, if one dies anywhere too",
  threads: TO_ONE,
  preemptions: 1,
  after: arrivedOnce,
  kill: { thread: "secondSender", repair: (memory) => repairLanes(memory, TWO), preemptions: 0 },
};

export const aSenderDiesBesideAnother: Program<Buffers> = {
  ...twoSenders(1),
  claim: "a sender that dies anywhere keeps nobody out, and what it sent arrives",
  threads: { firstSender: sends(ONE, 11), secondSender: sends(TWO, 21), receiver: receives(THREE) },
  preemptions: 1,
  after: arrivedOnce,
  kill: { thread: "firstSender", repair: (memory) => repairLanes(memory, ONE), preemptions: 0 },
};

export const twoReceiversFromOnePlace: Program<Buffers> = {
  ...twoReceivers(1),
  claim: "two receivers get each item of a lane for one once",
  threads: FROM_ONE,
  preemptions: 0,
  after: arrivedOnce,
};

export const aReceiverDiesBesideAnother: Program<Buffers> = {
  ...twoReceivers(2),
  claim: "what a dead receiver had not acknowledged is received next, and nothing else twice",
  threads: {
    firstReceiver: receives(TWO),
    secondReceiver: receives(THREE),
    sender: sends(ONE, 11, 12),
  },
  preemptions: 1,
  after: arrivedOnce,
  kill: { thread: "firstReceiver", repair: (memory) => repairLanes(memory, TWO), preemptions: 0 },
};

export const theSenderOfTwoDies: Program<Buffers> = {
  ...twoReceivers(1),
  claim: "both receivers hear of the death of their only sender, after what it sent",
  threads: {
    sender: sends(ONE, 11),
    firstReceiver: receives(TWO),
    secondReceiver: receives(THREE),
  },
  preemptions: 0,
  after(memory, run) {
    arrivedOnce(memory, run);
    const ends = [recordedBy(run, "firstReceiver").pop(), recordedBy(run, "secondReceiver").pop()];
    assert.equal(ends[0], ends[1], "they hear of the same end");
    assert.ok([SAW.ended, SAW["peer-killed"]].includes(ends[0] as -1));
  },
  kill: { thread: "sender", repair: (memory) => repairLanes(memory, ONE), preemptions: 0 },
};

export const oneOfTwoReceiversLeaves: Program<Buffers> = {
  ...twoReceivers(1),
  claim: "a receiver that closes between two items leaves the rest to the other one",
  threads: {
    sender: sends(ONE, 11, 12),
    firstReceiver: receivesSome(TWO, 1),
    secondReceiver: receives(THREE),
  },
  after: arrivedOnce,
  preemptions: 1,
};

export const theOnlyReceiverLeaves: Program<Buffers> = {
  ...twoSenders(1),
  claim: "both senders are told that the only receiver left, or died anywhere, and wait no more",
  threads: {
    receiver: receivesSome(THREE, 1),
    firstSender: sends(ONE, 11, 12, 13),
    secondSender: sends(TWO, 21, 22, 23),
  },
  preemptions: 0,
  after(memory, run) {
    lanesOf(memory.quipe).forEach(checkLane);
    const saw = [...recordedBy(run, "firstSender"), ...recordedBy(run, "secondSender")];
    assert.ok(saw.includes(SAW.broken), "neither sender was told");
    assert.ok(
      saw.filter((value) => value > 0).length <= 2,
      "more was accepted than there was room for",
    );
  },
  kill: { thread: "receiver", repair: (memory) => repairLanes(memory, THREE), preemptions: 0 },
};

export const aLaneBecomesShared: Program<Buffers> = {
  buffers,
  setup: (memory) => void setLanes(memory, 1, { senders: [ONE], receivers: [THREE] }),
  timeouts: "never",
  claim:
    "a receiver notices nothing when the sender's side becomes one of several tasks; nor does the sender",
  preemptions: 1,
  threads: {
    sender(memory, context) {
      const end = playEnd(memory, ONE);
      sendAll(end, [11], context);
      const quipe = new QuipeMemory(memory.quipe);
      const clone = takeHandle(quipe, 0, ONE.slot);
      makeShared(quipe, 0);
      end.close();
      const again = endOf(clone);
      sendAll(again as typeof end, [12, 13], context);
      again.close();
    },
    receiver: receives(THREE),
  },
  after(memory, run) {
    arrivedOnce(memory, run);
    if (run.killed === undefined)
      assert.deepEqual(recordedBy(run, "receiver"), [11, 12, 13, SAW.ended]);
  },
  kill: { thread: "sender", repair: (memory) => repairLanes(memory, ONE), preemptions: 0 },
};

export const aSenderGivesUp: Program<Buffers> = {
  ...twoSenders(1),
  claim: "a sender whose time is over has sent nothing, or it arrives; and the other one gets in",
  timeouts: "fire",
  threads: {
    firstSender(memory, context) {
      const end = playEnd(memory, ONE);
      try {
        end.sendSync(11, { timeoutMs: 5 });
        context.record(11);
        end.sendSync(12, { timeoutMs: 5 });
        context.record(12);
      } catch (error) {
        context.record(seen(error));
      }
      end.close();
    },
    secondSender: sends(TWO, 21),
    receiver: receives(THREE),
  },
  preemptions: 1,
  after: arrivedExactly,
};

// Each wrong in one respect.

export const aReceiverOutsideTheTurnstile: Program<Buffers> = {
  ...twoReceivers(2),
  claim: "a receiver that takes items while another one is inside",
  preemptions: 1,
  threads: {
    sender: sends(ONE, 11, 12),
    firstReceiver: takesAlone(TWO),
    secondReceiver: takesAlone(THREE),
  },
  after: arrivedOnce,
  fails: { message: /twice|got back|acknowledged/, preemptions: 1 },
};

export const aForgottenHolder: Program<Buffers> = {
  ...twoReceivers(1),
  claim: "a reaper that closes the handles of a dead receiver, and leaves it inside",
  preemptions: 0,
  threads: {
    firstReceiver: receives(TWO),
    secondReceiver: receives(THREE),
    sender: sends(ONE, 11, 12),
  },
  kill: {
    thread: "firstReceiver",
    repair(memory) {
      const board = openBoard(memory.board);
      for (const { slot } of [ONE, TWO, THREE]) ring(board, slot);
    },
    preemptions: 0,
  },
  fails: { message: /Deadlock|No end/, preemptions: 0 },
};

export const aForgottenWakeUp: Program<Buffers> = {
  ...twoSenders(1),
  claim: "a receiver that wakes no sender",
  preemptions: 1,
  threads: {
    firstSender: sends(ONE, 11, 12),
    receiver(memory) {
      play(memory, THREE);
      const lane = lanesOf(memory.quipe)[0];
      const board = openBoard(memory.board);
      for (let i = 0; i < 2; i++) {
        const receiver = new LaneReceiver(lane, board);
        if (receiver.peek() === undefined) continue;
        store(lane.words, SENDER_WAITING, 0);
        receiver.acknowledge();
      }
    },
  },
  fails: { message: /Deadlock: .*firstSender waits/, preemptions: 0 },
};

/** Receives as a task that has its side alone does. */
function takesAlone(task: TaskId): Thread {
  return (memory, context) => {
    play(memory, task);
    const lane = lanesOf(memory.quipe)[0];
    const receiver = new LaneReceiver(lane, openBoard(memory.board));
    for (let i = 0; i < 2; i++) {
      const item = receiver.peek();
      if (item === undefined) return;
      context.record(item.integer);
      receiver.acknowledge();
    }
  };
}

/** The same, and nothing arrived of what its sender was told that it was not sent. */
function arrivedExactly(memory: Memory<Buffers>, run: Run): void {
  arrivedOnce(memory, run);
  const items = (thread: string) => recordedBy(run, thread).filter((value) => value > 0);
  const sent = [...items("firstSender"), ...items("secondSender")].sort();
  assert.deepEqual(items("receiver").sort(), sent);
}

/** What was accepted was received or lies in the lane; nothing came twice; and in order for each sender. */
function arrivedOnce(memory: Memory<Buffers>, run: Run): void {
  lanesOf(memory.quipe).forEach(checkLane);
  const received = run.log.filter(({ thread, value }) => value > 0 && !isSender(thread));
  const sent = run.log.filter(({ thread, value }) => value > 0 && isSender(thread));
  const values = received.map(({ value }) => value);
  assert.equal(new Set(values).size, values.length, `${values.join()}: an item came twice`);
  const { sent: published, taken } = countItems(lanesOf(memory.quipe)[0]);
  // A receiver that died after its acknowledgement, and before it could say so.
  const unsaid = run.killed !== undefined && taken > values.length ? 1 : 0;
  assert.equal(taken, values.length + unsaid, "as many were taken as were received");
  const missing = sent.filter(({ value }) => !values.includes(value)).length;
  assert.ok(missing <= published - taken + unsaid, `${missing} items were lost`);
  for (const thread of new Set(received.map((entry) => entry.thread)))
    inOrder(recordedBy(run, thread));
}

function isSender(thread: string): boolean {
  return thread.toLowerCase().endsWith("sender");
}

function inOrder(values: readonly number[]): void {
  for (const sender of [1, 2]) {
    const own = values.filter((value) => value > 0 && Math.floor(value / 10) === sender);
    assert.deepEqual(own, own.toSorted(), "the order of a sender was not kept");
  }
}
