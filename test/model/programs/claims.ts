/** A task that claims slots for others and dies before the reaper has heard of them. */
import assert from "node:assert/strict";
import { load, store } from "../../../src/runtime/atomics.ts";
import {
  Phase,
  type TaskId,
  advance,
  claimSlot,
  countSlots,
  decide,
  endClaim,
  openBoard,
} from "../../../src/sync/board.ts";
import { bury } from "../../../src/task/burial.ts";
import {
  type Buffers,
  DEAD,
  KILLED,
  ROOT,
  estateOf,
  stage,
  standAsReaper,
  startOf,
} from "../burial-stage.ts";
import { type Context, type Memory, type Program, recordedBy } from "../program.ts";
import { play } from "../stage.ts";

/** The word of `told` that stands for the message that a task was spawned. */
const SPAWNED = 1;

export const aClaimOfTheDeadIsGivenBack: Program<Buffers> = {
  ...stage,
  claim:
    "a slot that a task claims and dies before it tells the reaper is free again, another's is not",
  threads: { victim: spawns, other: (memory) => void claims(memory, ROOT) },
  preemptions: 1,
  kill: { thread: "victim", repair: hearsAndBuries, preemptions: 1 },
  after(memory, run) {
    const { taken } = countSlots(openBoard(memory.board));
    const known = run.killed === undefined ? 4 : 2 + recordedBy(run, "repair").length;
    assert.equal(taken, known + 1, "a slot is lost, or taken from the other task");
  },
};

export const aForgottenClaim: Program<Buffers> = {
  ...aClaimOfTheDeadIsGivenBack,
  claim: "a slot that nobody looks for when its claimant dies is lost",
  kill: {
    thread: "victim",
    repair(memory) {
      standAsReaper(memory);
      const board = openBoard(memory.board);
      if (decide(board, DEAD)) advance(board, DEAD, Phase.dying, Phase.free);
    },
  },
  fails: { message: /a slot is lost/, preemptions: 0 },
};

/** Claims a slot, and tells the reaper for which task. */
function spawns(memory: Memory<Buffers>): void {
  play(memory, DEAD);
  const task = claims(memory, DEAD);
  store(new Int32Array(memory.told), SPAWNED, task.slot);
}

function claims(memory: Memory<Buffers>, claimant: TaskId): TaskId {
  return claimSlot(openBoard(memory.board), claimant.slot);
}

/** What the dead one has said before it died counts. */
function hearsAndBuries(memory: Memory<Buffers>, context: Context): void {
  standAsReaper(memory);
  const estate = estateOf(memory);
  const slot = load(new Int32Array(memory.told), SPAWNED);
  if (slot !== 0) {
    endClaim(estate.board, slot);
    context.record(slot);
  }
  decide(estate.board, DEAD);
  bury({ start: startOf(memory, DEAD), parcels: [] }, KILLED, estate);
}
