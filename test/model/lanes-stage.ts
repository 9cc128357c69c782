/** What the programs about shared lanes share: a board with up to four tasks, and a quipe whose sides they have. */
import { QuipeError } from "../../src/errors.ts";
import type { End } from "../../src/quipe/end.ts";
import {
  BOTH,
  closeHandle,
  entriesOf,
  finishAbort,
  makeShared,
  ownerOf,
  settleSide,
  takeHandle,
} from "../../src/quipe/handles.ts";
import { leaveLane } from "../../src/quipe/lane-repair.ts";
import { EndState } from "../../src/quipe/lane-layout.ts";
import { QuipeMemory, layQuipe } from "../../src/quipe/quipe-memory.ts";
import { endOf } from "../../src/quipe/sides.ts";
import {
  type Board,
  Phase,
  type TaskId,
  advance,
  claimSlot,
  createBoard,
  endClaim,
  openBoard,
  ring,
} from "../../src/sync/board.ts";
import type { Context, Memory } from "./program.ts";
import { RING_UNITS, STAGE, play } from "./stage.ts";

export type Buffers = "board" | "quipe";

export const buffers = STAGE;

/** The tasks of these stages: slots 1 to 4 of a fresh board. */
export const TASKS: readonly [TaskId, TaskId, TaskId, TaskId] = [
  { slot: 1, generation: 1 },
  { slot: 2, generation: 1 },
  { slot: 3, generation: 1 },
  { slot: 4, generation: 1 },
];
export const [ONE, TWO, THREE, FOUR] = TASKS;

/** What a thread records when its lane has ended, by how. */
export const SAW = {
  ended: -1,
  "peer-killed": -2,
  broken: -3,
  "timed-out": -4,
  aborted: -5,
  closed: -6,
  other: -9,
} as const;

/** A board on which four tasks run. */
export function setTasks(memory: Memory<"board">): void {
  const board = createBoard(memory.board);
  for (const task of TASKS) {
    claimSlot(board, 0);
    endClaim(board, task.slot);
    advance(board, task, Phase.starting, Phase.running);
  }
}

/** Who has the ends of the quipe of a stage. */
export interface Cast {
  readonly senders: readonly TaskId[];
  readonly receivers: readonly TaskId[];
  readonly overflow?: "wait" | "drop-oldest";
}

/** The same, with a quipe in which `senders` have side 0 and `receivers` side 1. */
export function setLanes(memory: Memory<Buffers>, capacity: number, cast: Cast): QuipeMemory {
  setTasks(memory);
  const { overflow = "wait" } = cast;
  layQuipe(memory.quipe, { capacity, ringUnits: RING_UNITS, isOfTask: true, overflow });
  const quipe = new QuipeMemory(memory.quipe);
  for (const [side, tasks] of [cast.senders, cast.receivers].entries()) {
    for (const { slot } of tasks) takeHandle(quipe, side as 0 | 1, slot);
    if (tasks.length > 1) makeShared(quipe, side as 0 | 1);
  }
  return quipe;
}

/** Makes the calling thread the task and opens the end that it has. */
export function playEnd(memory: Memory<Buffers>, task: TaskId): End<number, number> {
  play(memory, task);
  const quipe = new QuipeMemory(memory.quipe);
  for (const side of [0, 1] as const) {
    for (const { entry, state } of entriesOf(quipe, side)) {
      if (ownerOf(state) === task.slot)
        return endOf({ memory: quipe, side, entry }) as End<number, number>;
    }
  }
  throw new Error(`task ${task.slot} has no end`);
}

/** What the reaper does for the ends of a dead task, with the production code that it uses. */
export function repairLanes(
  memory: Memory<Buffers>,
  dead: TaskId,
  giveBack: (ids: readonly number[]) => void = () => {},
): void {
  const board = openBoard(memory.board);
  const quipe = new QuipeMemory(memory.quipe);
  for (const lane of quipe.lanes) leaveLane(lane, dead.slot, board, giveBack);
  for (const side of [0, 1] as const) {
    for (const entry of entriesOf(quipe, side)) {
      if (ownerOf(entry.state) !== dead.slot) continue;
      closeHandle(entry, BOTH, { how: EndState.killed, parcelId: 0 }, board);
    }
    settleSide(quipe, side, board);
  }
  finishAbort(quipe, board);
  ringAll(board);
}

/** What the end of every burial does. */
export function ringAll(board: Board): void {
  for (const { slot } of TASKS) ring(board, slot);
}

/** Receives until the lane has ended, and records that too. */
export function receiveAll(end: End<number, number>, context: Context): void {
  try {
    for (;;) context.record(end.receiveSync());
  } catch (error) {
    context.record(seen(error));
  }
}

/** Sends items; records each that was accepted, and why the rest were not. */
export function sendAll(
  end: End<number, number>,
  items: readonly number[],
  context: Context,
): void {
  try {
    for (const item of items) {
      end.sendSync(item);
      context.record(item);
    }
  } catch (error) {
    context.record(seen(error));
  }
}

/** What is recorded of an error. */
export function seen(error: unknown): number {
  const code = error instanceof QuipeError ? error.code : "other";
  if (!(code in SAW)) throw error;
  return SAW[code as keyof typeof SAW];
}
