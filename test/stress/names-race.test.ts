/**
 * Tasks rebind a name as fast as they can while its creator locks and unlocks it: nothing is written after the lock.
 *
 * `QUIPE_ROUNDS` says how often it is locked.
 */
import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { freeze } from "../../src/memory/freeze.ts";
import { checkNames } from "../../src/namespace/check-names.ts";
import { lock, unlock } from "../../src/namespace/locks.ts";
import { type Namespace, namespace, rebindable } from "../../src/namespace/namespace.ts";
import { compareAndSet } from "../../src/namespace/rebind.ts";
import { nextTurn } from "../../src/runtime/host.ts";
import { spawn } from "../../src/task/spawn.ts";

const rounds = Number(process.env["QUIPE_ROUNDS"] ?? ("Deno" in globalThis ? 1_000 : 10_000));
const REBINDERS = 2;
/** How often it is looked whether anything comes after the lock. */
const LOOKS = 50;

type Raced = Namespace<{ x: number; list: readonly number[]; isOver: boolean }>;

/** Binds until it is told to stop; resolves with how often that worked and how often it was refused. */
const rebindAll = async (names: Raced, me: number): Promise<{ bound: number; refused: number }> => {
  const quipe = await import("quipe");
  const lists = [quipe.freeze([me]), quipe.freeze([me + 0.5])] as const;
  const count = { bound: 0, refused: 0 };
  await quipe.current().quipe.send("begun");
  for (let i = 1; !names.isOver; i++) {
    try {
      if (i % 3 === 0) quipe.rebind(names, { list: lists[i % 2 === 0 ? 0 : 1], x: i * 10 + me });
      else names.x = i * 10 + me;
      count.bound++;
    } catch (error) {
      if ((error as { code?: string }).code !== "name-locked") throw error;
      count.refused++;
    }
  }
  return count;
};

test(`${REBINDERS} rebinders race one locker, ${rounds} rounds: no write after the lock`, async () => {
  const names: Raced = namespace({ x: 0, list: freeze([0]), isOver: false });
  lock(names, "x");
  const tasks = Array.from({ length: REBINDERS }, (_, i) =>
    spawn(rebindAll, [rebindable(names), i + 1]),
  );
  for (const task of tasks) await task.quipe.receive();
  let changes = 0;
  let { x } = names;
  for (let round = 0; round < rounds; round++) {
    unlock(names, "x");
    for (let i = round % 100; i > 0 && names.x === x; i--);
    lock(names, "x");
    const locked = names.x;
    if (locked !== x) changes++;
    for (let i = 0; i < LOOKS; i++) assert.equal(names.x, locked, `round ${round}`);
    if (round % 100 === 0) await nextTurn();
    assert.equal(names.x, locked, `round ${round}, later`);
    x = locked;
  }
  names.isOver = true;
  const counts = await Promise.all(tasks.map((task) => task.result));
  for (const { bound, refused } of counts) assert.ok(bound > 0 && refused > 0);
  assert.ok(changes > 0, "nobody ever bound it between two locks");
  checkNames(names);
});

test("tasks that count by compare-and-set lose nothing", async () => {
  const each = Math.ceil(rounds / 2);
  const names = namespace({ count: 0 });
  const add = async (given: typeof names, times: number): Promise<void> => {
    const quipe = await import("quipe");
    for (let i = 0; i < times; i++) {
      if (i % 2 === 0) quipe.rebind(given, (now) => ({ count: now.count + 1 }));
      else while (!quipe.compareAndSet(given, "count", given.count, given.count + 1));
    }
  };
  const tasks = [1, 2].map(() => spawn(add, [rebindable(names), each]));
  for (let i = 0; i < each; i++) {
    for (let { count } = names; !compareAndSet(names, "count", count, count + 1);)
      ({ count } = names);
  }
  await Promise.all(tasks.map((task) => task.result));
  assert.equal(names.count, each * 3);
  checkNames(names);
});
