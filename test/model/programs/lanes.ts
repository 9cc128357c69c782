/** Lanes: items, ends and deaths in every order. */
import assert from "node:assert/strict";
import { QuipeError } from "../../../src/errors.ts";
import { EndState } from "../../../src/quipe/lane-layout.ts";
import { checkLane } from "../../../src/quipe/lane-contents.ts";
import type { End } from "../../../src/quipe/end.ts";
import { lanesOf } from "../../../src/quipe/quipe-memory.ts";
import { type Context, type Program, recordedBy } from "../program.ts";
import { FIRST, SECOND, STAGE, playWithEnd, repairEnd, setStage } from "../stage.ts";

type Buffers = "board" | "quipe";

/** What a thread records when its lane has ended, by how. */
const SAW = { ended: -1, "peer-killed": -2, broken: -3, other: -9 } as const;

export const itemsArriveInOrder: Program<Buffers> = {
  claim: "every item arrives once, in order, through a lane that is full after each",
  buffers: STAGE,
  setup: (memory) => setStage(memory, 1),
  threads: {
    sender(memory) {
      const end = playWithEnd(memory, FIRST);
      for (const item of [1, 2, 3]) end.sendSync(item);
    },
    receiver(memory, context) {
      const end = playWithEnd(memory, SECOND);
      for (let i = 0; i < 3; i++) context.record(end.receiveSync());
    },
  },
  after(memory, run) {
    assert.deepEqual(recordedBy(run, "receiver"), [1, 2, 3]);
    lanesOf(memory.quipe).forEach(checkLane);
  },
};

export const asyncItemsArriveInOrder: Program<Buffers> = {
  claim: "a task that waits without blocking misses no item and no room",
  buffers: STAGE,
  setup: (memory) => setStage(memory, 1),
  threads: {
    async sender(memory) {
      const end = playWithEnd(memory, FIRST);
      for (const item of [1, 2]) await end.send(item);
    },
    async receiver(memory, context) {
      const end = playWithEnd(memory, SECOND);
      for (let i = 0; i < 2; i++) context.record(await end.receive());
    },
  },
  after(_memory, run) {
    assert.deepEqual(recordedBy(run, "receiver"), [1, 2]);
  },
};

export const bothDirectionsAtOnce: Program<Buffers> = {
  claim: "two tasks that ask and answer over one quipe never wait for each other for ever",
  buffers: STAGE,
  setup: (memory) => setStage(memory, 1),
  threads: {
    asker(memory, context) {
      const end = playWithEnd(memory, FIRST);
      end.sendSync(20);
      context.record(end.receiveSync());
    },
    answerer(memory) {
      const end = playWithEnd(memory, SECOND);
      end.sendSync(end.receiveSync() + 1);
    },
  },
  after(_memory, run) {
    assert.deepEqual(recordedBy(run, "asker"), [21]);
  },
};

export const closeComesAfterTheItems: Program<Buffers> = {
  claim: "what was sent before a close is received before it is told; a kill looks like a kill",
  buffers: STAGE,
  setup: (memory) => setStage(memory, 2),
  threads: {
    sender(memory, context) {
      const end = playWithEnd(memory, FIRST);
      for (const item of [1, 2]) {
        end.sendSync(item);
        context.record(item);
      }
      end.close();
    },
    receiver(memory, context) {
      receiveAll(playWithEnd(memory, SECOND), context);
    },
  },
  after(memory, run) {
    const sent = recordedBy(run, "sender");
    const received = recordedBy(run, "receiver");
    const last = received.pop();
    // A killed sender has published either what it knows of, or one more; never part of an item.
    const expected = [1, 2].slice(0, received.length);
    assert.deepEqual(received, expected);
    assert.ok(received.length >= sent.length, `sent ${sent.length}, received ${received.length}`);
    if (run.killed === undefined) assert.equal(last, SAW.ended);
    else assert.ok(last === SAW["peer-killed"] || last === SAW.ended);
    lanesOf(memory.quipe).forEach(checkLane);
  },
  kill: { thread: "sender", repair: (memory) => repairEnd(memory, FIRST, EndState.killed) },
};

export const aSenderLearnsThatNobodyReceives: Program<Buffers> = {
  claim: "a sender that waits for room is told that the receiver left or died, and waits no more",
  buffers: STAGE,
  setup: (memory) => setStage(memory, 1),
  threads: {
    sender(memory, context) {
      const end = playWithEnd(memory, FIRST);
      try {
        for (const item of [1, 2, 3]) end.sendSync(item);
      } catch (error) {
        context.record(seen(error));
      }
    },
    receiver(memory, context) {
      const end = playWithEnd(memory, SECOND);
      context.record(end.receiveSync());
      end.close();
    },
  },
  after(memory, run) {
    assert.deepEqual(recordedBy(run, "sender"), [SAW.broken]);
    lanesOf(memory.quipe).forEach(checkLane);
  },
  kill: { thread: "receiver", repair: (memory) => repairEnd(memory, SECOND, EndState.killed) },
};

function receiveAll(end: End<number, number>, context: Context): void {
  try {
    for (;;) context.record(end.receiveSync());
  } catch (error) {
    context.record(seen(error));
  }
}

function seen(error: unknown): number {
  const code = error instanceof QuipeError ? error.code : "other";
  return code in SAW ? SAW[code as keyof typeof SAW] : SAW.other;
}
