/**
 * The death of the task that opened a scope, and its cancellation: its tasks go first.
 *
 * Ideas re-expressed from Trio's tests of cancelled and crashing parents, and from those of Java's
 * `StructuredTaskScope`: an owner that is interrupted while it joins, one that ends with the scope open.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Task } from "../../src/task/handle.ts";
import { scope } from "../../src/task/scope.ts";
import { spawn } from "../../src/task/spawn.ts";
import { echo } from "./programs/lives.ts";
import {
  type OpenerEnd,
  countUp,
  openAndEnd,
  openManyAndExit,
  scopeWhenCancelled,
} from "./programs/scopes.ts";

const isDeno = "Deno" in globalThis;

interface Opener {
  readonly task: Task;
  readonly counters: Int32Array;
}

async function opener(end: OpenerEnd): Promise<Opener> {
  const counters = new Int32Array(new SharedArrayBuffer(16));
  const task = spawn(openAndEnd, [counters.buffer, end]);
  assert.equal(await task.quipe.receive(), "running");
  return { task, counters };
}

/** The opener is dead: nothing below it runs, so nothing counts any more, whatever else may run meanwhile. */
async function assertAllDead({ counters }: Opener): Promise<void> {
  const before = [...counters];
  assert.ok(
    before.slice(0, 3).every((count) => count > 0),
    String(before),
  );
  for (let i = 0; i < 3; i++) assert.equal(await spawn(echo, [i]).result, i);
  assert.deepEqual([...counters], before);
}

test("a killed opener is dead only when its tasks, and theirs, are", async () => {
  const one = await opener("wait");
  assert.equal(await one.task.kill("enough"), true);
  await assertAllDead(one);
});

test(
  "an opener that computes is killed, and its tasks before it",
  { skip: isDeno && "Deno does not stop a thread that computes [kill-computing]" },
  async () => {
    const one = await opener("compute");
    assert.equal(await one.task.kill("enough"), true);
    await assertAllDead(one);
  },
);

for (const [end, kind] of [
  ["throw", "failed"],
  ["exit", "crashed"],
] as const) {
  test(`an opener that ends by ${end} is published when its tasks are dead`, async () => {
    const one = await opener(end);
    assert.equal((await one.task.outcome).kind, kind);
    await assertAllDead(one);
  });
}

test("an opener that returns without leaving its scope waits for its tasks, and is cancelled with them", async () => {
  const one = await opener("return");
  assert.equal(await spawn(echo, [1]).result, 1);
  assert.equal(one.task.state, "running");
  one.task.cancel("enough");
  assert.equal((await one.task.outcome).kind, "cancelled");
  await assertAllDead(one);
});

test("cancelling an opener that waits in its scope cancels what is below it", async () => {
  const one = await opener("leave");
  one.task.cancel("enough");
  const outcome = await one.task.outcome;
  assert.equal(outcome.kind, "cancelled");
  await assertAllDead(one);
});

test(
  "cancelling an opener that computes cancels its tasks all the same, and its grace holds for them",
  { skip: isDeno && "Deno does not stop a thread that computes [kill-computing]" },
  async () => {
    const one = await opener("compute");
    one.task.cancel("enough");
    const { counters } = one;
    // They end by themselves while their opener goes on.
    for (let seen = -1, last = -2; seen !== last; last = seen, seen = counters[1] ?? 0)
      await spawn(echo, [1]).result;
    assert.equal(one.task.state, "cancelling");
    one.task.cancel("at once", { graceMs: 0 });
    assert.equal((await one.task.outcome).kind, "killed");
    await assertAllDead(one);
  },
);

test("an opener is published though most of its tasks were still waiting for a thread", async () => {
  const counters = new Int32Array(new SharedArrayBuffer(16));
  const task = spawn(openManyAndExit, [counters.buffer, 12]);
  assert.equal((await task.outcome).kind, "crashed");
  const before = [...counters];
  assert.equal(await spawn(echo, [1]).result, 1);
  assert.deepEqual([...counters], before);
});

test("in a cancelled task a scope begins nothing, and throws `cancelled`", async () => {
  const words = new Int32Array(new SharedArrayBuffer(4));
  const task = spawn(scopeWhenCancelled, [words.buffer]);
  assert.equal(await task.quipe.receive(), "running");
  task.cancel("enough");
  assert.deepEqual(await task.result, ["cancelled", "cancelled"]);
  assert.equal(Atomics.load(words, 0), 0);
});

test("a scope's tasks are dead when the scope is left, in a program that goes on", async () => {
  const counters = new Int32Array(new SharedArrayBuffer(16));
  await scope(async (s) => {
    for (const index of [0, 1, 2]) s.spawn(countUp, [counters.buffer, index]);
    for (const index of [0, 1, 2]) Atomics.wait(counters, index, 0);
    s.cancel("enough");
  });
  const before = [...counters];
  assert.equal(await spawn(echo, [1]).result, 1);
  assert.deepEqual([...counters], before);
});
