/** Lanes whose senders drop the oldest item: they never wait, and what is received is the newest, in order, once. */
import assert from "node:assert/strict";
import { checkLane, countItems } from "../../../src/quipe/lane-contents.ts";
import { lanesOf } from "../../../src/quipe/quipe-memory.ts";
import { openBoard } from "../../../src/sync/board.ts";
import { LaneReceiver } from "../../../src/quipe/lane.ts";
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
  sendAll,
  setLanes,
} from "../lanes-stage.ts";
import { type Memory, type Program, type Run, recordedBy } from "../program.ts";
import { play } from "../stage.ts";

const setup = (memory: Memory<Buffers>) =>
  void setLanes(memory, 1, { senders: [ONE], receivers: [TWO], overflow: "drop-oldest" });

const sender: Program<Buffers>["threads"][string] = (memory, context) => {
  const end = playEnd(memory, ONE);
  sendAll(end, [11, 12, 13], context);
  end.close();
};

const receiver: Program<Buffers>["threads"][string] = (memory, context) =>
  receiveAll(playEnd(memory, TWO), context);

export const theNewestArrives: Program<Buffers> = {
  buffers,
  setup,
  claim: "a sender that drops the oldest item never waits, and its last item arrives",
  threads: { sender, receiver },
  preemptions: 1,
  timeouts: "never",
  after: newestOnce,
};

export const theSenderDiesWhileItDrops: Program<Buffers> = {
  ...theNewestArrives,
  claim: "a sender that dies anywhere while it takes an item out leaves nobody waiting",
  preemptions: 1,
  kill: { thread: "sender", repair: (memory) => repairLanes(memory, ONE), preemptions: 0 },
};

export const theReceiverDiesWhileItIsRobbed: Program<Buffers> = {
  ...theNewestArrives,
  claim: "a receiver that dies anywhere does not keep its sender waiting",
  preemptions: 1,
  kill: { thread: "receiver", repair: (memory) => repairLanes(memory, TWO), preemptions: 0 },
};

export const twoReceiversAreRobbed: Program<Buffers> = {
  ...theNewestArrives,
  setup: (memory) =>
    void setLanes(memory, 1, { senders: [ONE], receivers: [TWO, THREE], overflow: "drop-oldest" }),
  claim: "two receivers and a sender that takes items out get each item once",
  threads: {
    sender,
    receiver,
    other: (memory, context) => receiveAll(playEnd(memory, THREE), context),
  },
  preemptions: 0,
};

// Wrong in one respect.

export const aRobberThatDoesNotKnock: Program<Buffers> = {
  ...theNewestArrives,
  claim: "a receiver that takes items without going in",
  preemptions: 1,
  threads: {
    sender,
    receiver(memory, context) {
      play(memory, TWO);
      const lane = lanesOf(memory.quipe)[0];
      const board = openBoard(memory.board);
      for (let looks = 0; looks < 2; looks++) {
        const ring = new LaneReceiver(lane, board);
        const item = ring.peek();
        if (item === undefined) continue;
        context.record(item.integer);
        ring.acknowledge();
      }
    },
  },
  after: onceInOrder,
  fails: { message: /came twice|lane/, preemptions: 1 },
};

/** Each item came at most once, and those of each receiver in order. */
function onceInOrder(memory: Memory<Buffers>, run: Run): void {
  lanesOf(memory.quipe).forEach(checkLane);
  const values = run.log
    .filter(({ thread, value }) => thread !== "sender" && value > 0)
    .map(({ value }) => value);
  assert.equal(new Set(values).size, values.length, `${values.join()}: an item came twice`);
  for (const thread of ["receiver", "other"]) {
    const items = recordedBy(run, thread).filter((value) => value > 0);
    assert.deepEqual(items, items.toSorted(), "in order");
  }
}

/** The same, and the newest came if nobody died. */
function newestOnce(memory: Memory<Buffers>, run: Run): void {
  onceInOrder(memory, run);
  const sent = recordedBy(run, "sender").filter((value) => value > 0);
  const { sent: published, taken } = countItems(lanesOf(memory.quipe)[0]);
  assert.ok(published >= sent.length, "what was acknowledged was sent");
  assert.ok(taken <= published, "no more was taken than was sent");
  if (run.killed !== undefined) return;
  assert.deepEqual(recordedBy(run, "sender"), [11, 12, 13], "its sender was not kept waiting");
  const received = [...recordedBy(run, "receiver"), ...recordedBy(run, "other")];
  assert.ok(received.includes(13), "the newest item arrives");
  assert.equal(recordedBy(run, "receiver").pop(), SAW.ended);
}
