/** The state word of a task: claimed once, started or stopped but not both, decided once. */
import assert from "node:assert/strict";
import {
  Phase,
  advance,
  claimSlot,
  decide,
  openBoard,
  phaseOfTask,
  ring,
} from "../../../src/sync/board.ts";
import { block } from "../../../src/sync/wait.ts";
import { load, store } from "../../../src/runtime/atomics.ts";
import { type Memory, type Program, recordedBy } from "../program.ts";
import { FIRST, SECOND, STAGE, play, setBoard } from "../stage.ts";

const BOARD = { board: STAGE.board };

export const slotsAreClaimedOnce: Program<"board"> = {
  claim: "two tasks that spawn at once never get the same slot",
  buffers: BOARD,
  setup: setBoard,
  threads: { one: claimTwo, two: claimTwo },
  preemptions: 3,
  after(_memory, run) {
    const slots = run.log.map((entry) => entry.value);
    assert.equal(new Set(slots).size, 4, `slots ${slots.join(", ")}`);
  },
};

export const endsAreDecidedOnce: Program<"board"> = {
  claim: "of a result, a kill and a cancel exactly one decides, and after it nothing changes",
  buffers: BOARD,
  setup: setBoard,
  threads: {
    result: (memory, context) => context.record(Number(decide(openBoard(memory.board), FIRST))),
    killer: (memory, context) => context.record(Number(decide(openBoard(memory.board), FIRST))),
    canceller(memory) {
      advance(openBoard(memory.board), FIRST, Phase.running, Phase.cancelling);
    },
  },
  preemptions: 3,
  after(memory, run) {
    assert.equal(run.log.filter((entry) => entry.value === 1).length, 1);
    assert.equal(phaseOfTask(openBoard(memory.board), FIRST), Phase.dying);
  },
};

export const aCancelledTaskNeverBegins: Program<"board"> = {
  claim: "a task either begins or is stopped before it begins, never both",
  buffers: BOARD,
  setup(memory) {
    setBoard(memory);
    claimSlot(openBoard(memory.board), 0);
  },
  threads: {
    worker: (memory, context) => context.record(begin(memory.board)),
    reaper: (memory, context) =>
      context.record(Number(advance(openBoard(memory.board), THIRD, Phase.starting, Phase.dying))),
  },
  preemptions: 3,
  after(_memory, run) {
    assert.equal(recordedBy(run, "worker")[0] === 1, recordedBy(run, "reaper")[0] === 0);
  },
};

export const aStaleHandleReachesNobody: Program<"board"> = {
  claim: "a kill that comes too late never hits the slot's next tenant",
  buffers: BOARD,
  setup: setBoard,
  threads: {
    reaper(memory) {
      const board = openBoard(memory.board);
      if (decide(board, FIRST)) advance(board, FIRST, Phase.dying, Phase.free);
      advance(board, FIRST, Phase.free, Phase.starting); // the slot's words, whoever claims it next
    },
    late: (memory, context) => context.record(Number(decide(openBoard(memory.board), OLDER))),
  },
  after(_memory, run) {
    assert.deepEqual(recordedBy(run, "late"), [0]);
  },
};

export const noRingIsLost: Program<"board" | "flags"> = {
  claim: "a task that waits for two things wakes for both, whichever comes first",
  buffers: { ...BOARD, flags: 8 },
  setup: setBoard,
  threads: {
    waiter(memory, context) {
      play(memory, FIRST);
      const flags = new Int32Array(memory.flags);
      block(() => load(flags, 0) + load(flags, 1) === 2, { code: 4, text: "flags" });
      context.record(1);
    },
    one: (memory) => raise(memory, 0),
    two: (memory) => raise(memory, 1),
  },
  after(_memory, run) {
    assert.deepEqual(recordedBy(run, "waiter"), [1]);
  },
};

const THIRD = { slot: 3, generation: 1 };
const OLDER = { slot: SECOND.slot, generation: 7 };

function claimTwo(
  memory: { readonly board: SharedArrayBuffer },
  context: { record(value: number): void },
): void {
  const board = openBoard(memory.board);
  context.record(claimSlot(board, 0).slot);
  context.record(claimSlot(board, 0).slot);
}

function begin(board: SharedArrayBuffer): number {
  return Number(advance(openBoard(board), THIRD, Phase.starting, Phase.running));
}

function raise(memory: Memory<"board" | "flags">, flag: number): void {
  store(new Int32Array(memory.flags), flag, 1);
  ring(openBoard(memory.board), FIRST.slot);
}
