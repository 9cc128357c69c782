/** An abort against everything else that happens to a quipe. */
import assert from "node:assert/strict";
import { ENDS } from "../../../src/quipe/ends-layout.ts";
import { abortQuipe } from "../../../src/quipe/handles.ts";
import { EndState, RECEIVER_STATE, SENDER_STATE } from "../../../src/quipe/lane-layout.ts";
import { QuipeMemory } from "../../../src/quipe/quipe-memory.ts";
import { load } from "../../../src/runtime/atomics.ts";
import { openBoard } from "../../../src/sync/board.ts";
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
  sendAll,
  setLanes,
} from "../lanes-stage.ts";
import { type Program, recordedBy } from "../program.ts";
import { play } from "../stage.ts";

export const abortEndsEverything: Program<Buffers> = {
  claim:
    "an abort wakes whoever sends or receives, for good, also if the other task closes or it dies",
  buffers,
  setup: (memory) => void setLanes(memory, 1, { senders: [ONE, TWO], receivers: [THREE] }),
  threads: {
    sender: (memory, context) => sendAll(playEnd(memory, ONE), [1, 2, 3], context),
    aborter(memory) {
      play(memory, TWO);
      abortQuipe(new QuipeMemory(memory.quipe), 1, openBoard(memory.board));
    },
    receiver(memory, context) {
      const end = playEnd(memory, THREE);
      try {
        context.record(end.receiveSync());
        end.close();
      } catch (error) {
        context.record(seen(error));
      }
    },
  },
  preemptions: 1,
  after(memory, run) {
    const quipe = new QuipeMemory(memory.quipe);
    if (load(quipe.words, ENDS.ABORT) === 0) return assert.equal(run.killed, "aborter");
    const told = recordedBy(run, "sender").pop();
    assert.ok([3, SAW.aborted, SAW.broken].includes(told as number), `the sender saw ${told}`);
    for (const { words } of quipe.lanes) {
      assert.equal(load(words, SENDER_STATE), EndState.aborted);
      assert.equal(load(words, RECEIVER_STATE), EndState.aborted);
    }
  },
  timeouts: "never",
  kill: { thread: "aborter", repair: (memory) => repairLanes(memory, TWO), preemptions: 0 },
};
