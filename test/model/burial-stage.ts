/**
 * What the programs about burials share: two running tasks, one spawned by the other, and everything that the death
 * of one concerns; and the reaper's production code over it, with only the ports replaced.
 *
 *   ROOT ═ upper ═ SPAWNER ═ quipe ═ DEAD          guard ▶ guarded   frozen: ROOT's, read by DEAD   owned: DEAD's
 *                     told: how often somebody was told of a death
 */
import assert from "node:assert/strict";
import type { MessagePort } from "node:worker_threads";
import { GUARD, GUARD_MAGIC } from "../../src/memory/guard-layout.ts";
import { endExclusive, holderOf, tryExclusive, wakeWatchers } from "../../src/memory/guard-lock.ts";
import { HEADER, HEAP_START, STATE } from "../../src/memory/layout.ts";
import { pin, slotsPinned } from "../../src/memory/pins.ts";
import { ownerWordOf } from "../../src/memory/titles.ts";
import { EndState, RECEIVER_STATE } from "../../src/quipe/lane-layout.ts";
import { LaneReceiver, LaneSender } from "../../src/quipe/lane.ts";
import { lanesOf } from "../../src/quipe/quipe-memory.ts";
import { add, load, store } from "../../src/runtime/atomics.ts";
import {
  BlockedOn,
  Phase,
  type TaskId,
  decide,
  openBoard,
  phaseOfTask,
  ring,
} from "../../src/sync/board.ts";
import type { Start } from "../../src/sync/messages.ts";
import { joinThread } from "../../src/sync/thread.ts";
import { block } from "../../src/sync/wait.ts";
import type { Ending, Estate } from "../../src/task/burial.ts";
import { Directory } from "../../src/task/directory.ts";
import { Legacies } from "../../src/task/legacies.ts";
import { Roster } from "../../src/task/roster.ts";
import type { Member } from "../../src/task/staff.ts";
import { Unheard } from "../../src/task/unheard.ts";
import { addOne, logOf } from "./logged-update.ts";
import type { Memory, Program, Run } from "./program.ts";
import { FIRST, SECOND, STAGE, setQuipe, setStage } from "./stage.ts";

export type Buffers =
  | "board"
  | "upper"
  | "quipe"
  | "guard"
  | "guarded"
  | "frozen"
  | "owned"
  | "told";

export const SPAWNER = FIRST;
export const DEAD = SECOND;
export const ROOT: TaskId = { slot: 0, generation: 1 };
const GUARD_ID = 5;
const GUARDED_ID = 6;
const ONE = HEAP_START;
/** On another line of the log than `ONE`. */
const TWO = HEAP_START + 32;
const LOG_ROOM = 32;
const REGION_BYTES = (HEAP_START + 64) * 4;
/** Words of `told`: how many deaths; whether the task has ended in a simpler way. */
const DEATHS = 0;
const LEFT = 1;
export const WAITING = { code: BlockedOn.other, text: "something" };
export const KILLED: Ending = {
  how: "killed",
  parcel: { bytes: new ArrayBuffer(0), carries: [] },
  stopped: true,
};

const buffers = {
  ...STAGE,
  upper: STAGE.quipe,
  guard: (GUARD.LOG + LOG_ROOM) * 4,
  guarded: REGION_BYTES,
  frozen: REGION_BYTES,
  owned: REGION_BYTES,
  told: 8,
};

export const stage: Pick<Program<Buffers>, "buffers" | "setup"> = { buffers, setup: setEstate };

/** A board with a running spawner and a running child, and all that they share. */
export function setEstate(memory: Memory<Buffers>): void {
  setStage(memory, 2);
  setQuipe(memory.upper, 2, [ROOT.slot, SPAWNER.slot]);
  const guard = new Int32Array(memory.guard);
  guard[GUARD.MAGIC] = GUARD_MAGIC;
  guard[GUARD.ID] = GUARD_ID;
  guard[GUARD.REGION] = GUARDED_ID;
  guard[GUARD.TICKETS] = 1;
  new Int32Array(memory.guarded)[HEADER.TOP] = REGION_BYTES / 4;
  const frozen = new Int32Array(memory.frozen);
  store(frozen, HEADER.STATE, STATE.FROZEN);
  store(frozen, HEADER.OWNER, ownerWordOf(ROOT));
  const owned = new Int32Array(memory.owned);
  store(owned, HEADER.STATE, STATE.OWNED);
  store(owned, HEADER.OWNER, ownerWordOf(DEAD));
  for (const buffer of [memory.guard, memory.guarded, memory.frozen, memory.owned])
    pin({ words: new Int32Array(buffer) }, SPAWNER.slot);
  for (const words of [frozen, owned]) pin({ words }, DEAD.slot);
  new LaneSender(lanesOf(memory.quipe)[0], openBoard(memory.board)).publish(Int32Array.of(1), 4);
}

/** The same; the child's end is decided, and its thread has stopped in the middle of everything. */
export function setLeftBehind(memory: Memory<Buffers>): void {
  setEstate(memory);
  decide(openBoard(memory.board), DEAD);
  const guard = new Int32Array(memory.guard);
  const region = new Int32Array(memory.guarded);
  assert.ok(tryExclusive(guard, DEAD.slot));
  addOne(logOf(guard, region), region, ONE);
}

/** Where it is not killed it ends in a simpler way, so that nobody waits for ever. */
export function leaves(memory: Memory<Buffers>): void {
  const board = openBoard(memory.board);
  store(new Int32Array(memory.told), LEFT, 1);
  for (const { slot } of [ROOT, SPAWNER]) ring(board, slot);
}

export function update(memory: Memory<Buffers>, task: TaskId): void {
  const guard = new Int32Array(memory.guard);
  const region = new Int32Array(memory.guarded);
  const board = openBoard(memory.board);
  block(() => tryExclusive(guard, task.slot), WAITING);
  assertEqualWords(memory);
  const log = logOf(guard, region);
  addOne(log, region, ONE);
  addOne(log, region, TWO);
  store(guard, GUARD.LOG_USED, 0);
  if (endExclusive(guard, board)) wakeWatchers(guard, board);
}

export function standAsReaper(memory: Memory<Buffers>): void {
  joinThread({
    board: openBoard(memory.board),
    task: { slot: -1, generation: -1 },
    link: undefined,
  });
}

/** What a reaper knows who comes to the board and the shared buffers for the first time. */
export function estateOf(memory: Memory<Buffers>): Estate {
  const board = openBoard(memory.board);
  const port = { postMessage: () => tell(memory) } as unknown as MessagePort;
  const roster = new Roster(board, port);
  roster.enter(startOf(memory, SPAWNER), { link: port } as unknown as Member);
  roster.enter(startOf(memory, DEAD), { link: port } as unknown as Member);
  const directory = new Directory(board, () => []);
  for (const [id, buffer] of [memory.guard, memory.guarded, memory.frozen, memory.owned].entries())
    directory.publish({ id: id + GUARD_ID, buffer, holding: "pins", carries: [] }, SPAWNER.slot);
  const unheard = new Unheard(directory, roster, () => {});
  return { board, directory, legacies: new Legacies(), roster, unheard };
}

export function startOf(memory: Memory<Buffers>, task: TaskId): Start {
  return {
    task,
    spawner: task === DEAD ? SPAWNER : ROOT,
    name: "a task",
    arguments: KILLED.parcel,
    quipe: task === DEAD ? memory.quipe : memory.upper,
  } as Start;
}

/** Stands for the message in the spawner's inbox. */
export function tell(memory: Memory<Buffers>): void {
  add(new Int32Array(memory.told), DEATHS, 1);
}

/** Whether the task has ended in its simpler way, and nobody buries it. */
export function hasLeft(memory: Memory<Buffers>): boolean {
  return load(new Int32Array(memory.told), LEFT) === 1;
}

export function isTold(memory: Memory<Buffers>): boolean {
  return load(new Int32Array(memory.told), DEATHS) > 0 || hasLeft(memory);
}

export function assertEqualWords(memory: Memory<Buffers>): void {
  const region = new Int32Array(memory.guarded);
  assert.equal(region[ONE], region[TWO], "half an update is there");
}

/** Whoever has heard of the death finds everything as step 10 wants it. */
export function assertRepaired(memory: Memory<Buffers>): void {
  const early = "told of the death before";
  const guard = new Int32Array(memory.guard);
  assert.notEqual(holderOf(guard), DEAD.slot, `${early} its guard was released`);
  const [into, out] = lanesOf(memory.quipe);
  assert.notEqual(new LaneReceiver(out, openBoard(memory.board)).senderState, EndState.open, early);
  assert.notEqual(load(into.words, RECEIVER_STATE), EndState.open, early);
  const owned = new Int32Array(memory.owned);
  assert.equal(load(owned, HEADER.OWNER), ownerWordOf(SPAWNER), `${early} its heir had its own`);
  assert.equal(load(owned, HEADER.STATE), STATE.ABANDONED, early);
  for (const buffer of [memory.frozen, memory.owned]) {
    const slots = slotsPinned(new Int32Array(buffer));
    assert.ok(!slots.includes(DEAD.slot), `${early} its pins were taken away`);
  }
}

export function assertBuried(memory: Memory<Buffers>, run: Run): void {
  assertEqualWords(memory);
  if (run.killed === undefined) return;
  assert.ok(load(new Int32Array(memory.told), DEATHS) > 0, "nobody was told");
  assertRepaired(memory);
  assert.equal(phaseOfTask(openBoard(memory.board), DEAD), Phase.free);
}
