/** What the programs about tasks and lanes share: a board with running tasks, and a quipe between two of them. */
import { HEADER_WORDS } from "../../src/quipe/lane-layout.ts";
import { closeReceiver, closeSender, createLane } from "../../src/quipe/lane.ts";
import { type End, openEnd } from "../../src/quipe/end.ts";
import { QUIPE_HEADER_BYTES } from "../../src/quipe/quipe-layout.ts";
import { lanesOf } from "../../src/quipe/quipe.ts";
import type { EndStateValue } from "../../src/quipe/lane-layout.ts";
import {
  BOARD_BYTES,
  Phase,
  type TaskId,
  advance,
  claimSlot,
  createBoard,
  endClaim,
  openBoard,
  ring,
} from "../../src/sync/board.ts";
import { joinThread } from "../../src/sync/thread.ts";
import type { Memory } from "./program.ts";

/** Enough for two lanes of 32 units, which is an item of up to 120 bytes. */
const RING_UNITS = 32;
const LANE_BYTES = HEADER_WORDS * 4 + RING_UNITS * 8;

/** The buffers of a program in which two tasks talk. */
export const STAGE: { readonly board: number; readonly quipe: number } = {
  board: BOARD_BYTES,
  quipe: QUIPE_HEADER_BYTES + LANE_BYTES * 2,
};

/** The two tasks of every stage: the slots 1 and 2 of a fresh board. */
export const FIRST: TaskId = { slot: 1, generation: 1 };
export const SECOND: TaskId = { slot: 2, generation: 1 };

/** A board on which both tasks run. */
export function setBoard(memory: Memory<"board">): void {
  const board = createBoard(memory.board);
  for (let i = 0; i < 2; i++) {
    const task = claimSlot(board, 0);
    endClaim(board, task.slot);
    advance(board, task, Phase.starting, Phase.running);
  }
}

/** The same, with a quipe between them. */
export function setStage(memory: Memory<"board" | "quipe">, capacity: number): void {
  setBoard(memory);
  setQuipe(memory.quipe, capacity);
}

/** Makes a quipe. */
export function setQuipe(quipe: SharedArrayBuffer, capacity: number): void {
  createLane(quipe, QUIPE_HEADER_BYTES, { capacity, ringUnits: RING_UNITS });
  createLane(quipe, QUIPE_HEADER_BYTES + LANE_BYTES, { capacity, ringUnits: RING_UNITS });
}

/** Makes the calling thread one of the two tasks. */
export function play(memory: Memory<"board">, task: TaskId): void {
  joinThread({ board: openBoard(memory.board), task, link: undefined });
}

/** Makes the calling thread one of the two tasks and opens its end. */
export function playWithEnd(memory: Memory<"board" | "quipe">, task: TaskId): End<number, number> {
  play(memory, task);
  return openEnd(memory.quipe, task === FIRST ? 0 : 1);
}

/** What the reaper does for the end of a dead task, with the production code that it uses. */
export function repairEnd(
  memory: Memory<"board" | "quipe">,
  dead: TaskId,
  how: EndStateValue,
): void {
  const board = openBoard(memory.board);
  const lanes = lanesOf(memory.quipe);
  const [out, into] = dead === FIRST ? lanes : [lanes[1], lanes[0]];
  closeReceiver(board, into);
  closeSender(board, out, how, 0);
  ring(board, FIRST.slot);
  ring(board, SECOND.slot);
}
