/**
 * Running functions inside guards: updates that happen as a whole or not at all, and reads.
 *
 *   take the locks, in the order of their numbers ─▶ note and write ─▶ commit: one store ─▶ let go
 *                                                          └ fn throws ─▶ undo ─▶ let go
 *
 * One thread is inside of one set of guards at a time, since waiting for another in there could never end for two tasks
 * that do it the other way round. An update inside an update of the same guards is a part of it: if it
 * throws, all of it is undone, even if the outer function catches that.
 */
import { QuipeError } from "../errors.ts";
import { store } from "../runtime/atomics.ts";
import { thisThread } from "../sync/thread.ts";
import type { GuardBlock } from "./guard-block.ts";
import { COMMITTED, GUARD } from "./guard-layout.ts";
import { endExclusive, endShared, isStuck, unstick, wakeWatchers } from "./guard-lock.ts";
import { finish } from "./guard-repair.ts";
import { isPublished } from "./holding.ts";

/** What is done inside guards: it gets the root of each. */
export type InsideFunction = (...roots: unknown[]) => unknown;

/** What this thread is doing inside some guards. */
export interface Visit {
  readonly blocks: readonly GuardBlock[];
  readonly isUpdate: boolean;
  /** What an inner update threw. */
  failure: { readonly error: unknown } | undefined;
}

let visit: Visit | undefined;

/** Whether this thread is inside all of these guards, so that `runNested` applies. Throws `deadlock` inside others. */
export function isInside(blocks: readonly GuardBlock[], isUpdate: boolean): boolean {
  if (visit === undefined) return false;
  const inside = visit;
  const outside = blocks.find((block) => !inside.blocks.includes(block));
  if (outside !== undefined) {
    throw new QuipeError(
      "deadlock",
      `Guard ${outside.id} cannot be entered inside another one: two tasks that do so the other way round would wait for each other for ever. Take both at once: update([a, b], fn).`,
    );
  }
  if (isUpdate && !inside.isUpdate) {
    throw new QuipeError(
      "deadlock",
      `Guard ${blocks[0]?.id} cannot be updated inside a read of it: two readers that do so would wait for each other for ever. Use update from the start.`,
    );
  }
  return true;
}

/** Whether this thread is inside of any guard. */
export function isInsideAny(): boolean {
  return visit !== undefined;
}

/** Runs a function as a part of the visit that is going on. */
export function runNested(blocks: readonly GuardBlock[], fn: InsideFunction): unknown {
  const inside = visit;
  try {
    return synchronous(fn(...blocks.map((block) => block.root)));
  } catch (error) {
    if (inside !== undefined) inside.failure ??= { error };
    throw error;
  }
}

/** Runs a function that may read. This task is a reader of the guard, and is none after it. */
export function readOne(block: GuardBlock, fn: InsideFunction): unknown {
  const { board, task } = thisThread();
  visit = block.reading;
  try {
    return synchronous(fn(block.beginReading()));
  } finally {
    visit = undefined;
    block.end();
    endShared(block.words, board, task.slot);
  }
}

/** Runs a function that may write. This task has the guards alone, and lets go of them after it. */
export function runUpdate(blocks: readonly GuardBlock[], fn: InsideFunction): unknown {
  if (blocks.length === 1) return updateOne(blocks[0] as GuardBlock, fn);
  try {
    return updateSeveral(blocks, fn);
  } finally {
    for (const block of blocks) letGo(block);
  }
}

/** The same for one guard. */
export function updateOne(block: GuardBlock, fn: InsideFunction): unknown {
  const entered = block.updating;
  entered.failure = undefined;
  visit = entered;
  try {
    const result = synchronous(fn(block.beginUpdate(0)));
    throwFailure(entered);
    refuseStuck(block);
    if (!block.log.isEmpty) commitOne(block);
    return result;
  } catch (error) {
    block.undo();
    throw error;
  } finally {
    visit = undefined;
    block.end();
    letGo(block);
  }
}

/** An inner update threw, and the function went on as if nothing had happened. */
function throwFailure({ failure }: Visit): void {
  if (failure !== undefined) throw failure.error;
}

/** This task was killed while its thread, which could not be stopped, was in here: it does not commit any more. */
function refuseStuck({ id, words }: GuardBlock): void {
  if (!isStuck(words)) return;
  throw new QuipeError(
    "killed",
    `This task was killed in an update of guard ${id}, which is undone.`,
  );
}

function commitOne(block: GuardBlock): void {
  if (block.prepare()) {
    store(block.words, GUARD.LOG_USED, COMMITTED);
    finish(block.words);
  } else store(block.words, GUARD.LOG_USED, 0);
  block.settle();
}

function updateSeveral(blocks: readonly GuardBlock[], fn: InsideFunction): unknown {
  const [first] = blocks as [GuardBlock];
  // Who is unknown to the reaper cannot decide over those that it knows.
  const leader = blocks.find(isPublished) ?? first;
  const entered: Visit = { blocks, isUpdate: true, failure: undefined };
  visit = entered;
  try {
    const result = synchronous(fn(...blocks.map((block) => block.beginUpdate(leader.id))));
    throwFailure(entered);
    for (const block of blocks) refuseStuck(block);
    commitSeveral(blocks, leader);
    return result;
  } catch (error) {
    for (const block of blocks) block.undo();
    throw error;
  } finally {
    visit = undefined;
    for (const block of blocks) block.end();
  }
}

function commitSeveral(blocks: readonly GuardBlock[], leader: GuardBlock): void {
  const changed = blocks.filter((block) => !block.log.isEmpty);
  if (changed.length === 0) return;
  for (const block of changed) block.prepare();
  store(leader.words, GUARD.LOG_USED, COMMITTED);
  for (const block of changed) if (block !== leader) finish(block.words);
  finish(leader.words);
  for (const block of changed) block.settle();
}

function letGo({ words }: GuardBlock): void {
  const { board } = thisThread();
  if (isStuck(words)) unstick(words);
  if (endExclusive(words, board)) wakeWatchers(words, board);
}

/** Refuses what goes on after the function has returned. */
function synchronous(result: unknown): unknown {
  if (typeof result !== "object" || result === null || !("then" in result)) return result;
  if (typeof result.then !== "function") return result;
  // What it still does finds its views dead; that failure is already told here.
  Promise.resolve(result).catch(() => {});
  throw new TypeError(
    "Expected a function that returns no promise: what is done inside a guard is done at once. Await before it, or after it.",
  );
}
