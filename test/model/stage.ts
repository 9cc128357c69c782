/** What the programs about tasks and lanes share: a board with running tasks, and a quipe between two of them. */
import type { End } from "../../src/quipe/end.ts";
import { openEnd } from "../../src/quipe/sides.ts";
import { BOTH, closeHandle, takeHandle } from "../../src/quipe/handles.ts";
import { QuipeMemory, layQuipe, quipeBytes } from "../../src/quipe/quipe-memory.ts";
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
export const RING_UNITS = 32;

/** The buffers of a program in which two tasks talk. */
export const STAGE: { readonly board: number; readonly quipe: number } = {
  board: BOARD_BYTES,
  quipe: quipeBytes(RING_UNITS, true),
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

/** Makes a quipe, whose ends the tasks in these slots have. */
export function setQuipe(
  buffer: SharedArrayBuffer,
  capacity: number,
  [first, second]: readonly [number, number] = [FIRST.slot, SECOND.slot],
): void {
  layQuipe(buffer, { capacity, ringUnits: RING_UNITS, isOfTask: true, overflow: "wait" });
  const quipe = new QuipeMemory(buffer);
  takeHandle(quipe, 0, first);
  takeHandle(quipe, 1, second);
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
  const quipe = new QuipeMemory(memory.quipe);
  const handle = { memory: quipe, side: dead === FIRST ? 0 : 1, entry: 0 } as const;
  closeHandle(handle, BOTH, { how, parcelId: 0 }, board);
  ring(board, FIRST.slot);
  ring(board, SECOND.slot);
}
