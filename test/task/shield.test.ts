/**
 * Shields: what a cancelled task may still wait for, which of its flows, and for how long.
 *
 * Ideas re-expressed from Trio's tests of shielded cancel scopes: clean-up that waits, a shield in one of two tasks
 * only, nested shields, a shield that runs out.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Task } from "../../src/task/handle.ts";
import { shield } from "../../src/task/shield.ts";
import { spawn } from "../../src/task/spawn.ts";
import { shortShields, spawnShielded, tidyUp, twoFlows } from "./programs/limits.ts";
import { withoutContext } from "../here.ts";

async function running<T extends Task>(task: T): Promise<T> {
  assert.equal(await task.quipe.receive(), "running");
  return task;
}

test("under a shield a cancelled task waits, with and without blocking; after it, no more", async () => {
  const task = await running(spawn(tidyUp));
  task.cancel("enough");
  assert.equal(await task.quipe.receive(), "cancelled");
  await task.quipe.send("first");
  await task.quipe.send("second");
  assert.deepEqual(await task.result, ["cancelled", "first", "second", "cancelled"]);
});

test("of two flows at once each has its own shield or none", { skip: withoutContext }, async () => {
  const task = await running(spawn(twoFlows));
  task.cancel("enough");
  assert.equal(await task.quipe.receive(), "ready");
  await task.quipe.send("item");
  assert.deepEqual(await task.result, ["cancelled", "went on", "cancelled", "item"]);
});

test("once a shield has run out, waits in it throw again, also in a longer one inside", async () => {
  const task = await running(spawn(shortShields, [20]));
  task.cancel("enough");
  assert.deepEqual(await task.result, ["cancelled", "cancelled", "cancelled", "cancelled"]);
});

test("a task spawned under a shield runs, and has to be over with it", async () => {
  const task = await running(spawn(spawnShielded));
  task.cancel("enough");
  assert.deepEqual(await task.result, ["cancelled", true, true]);
});

test("killing ignores shields", async () => {
  const task = await running(spawn(tidyUp));
  task.cancel("enough");
  assert.equal(await task.kill("now"), true);
  assert.equal((await task.outcome).kind, "killed");
});

test("a shield without an end is refused", () => {
  for (const limit of [{}, { timeoutMs: Infinity }, undefined as never]) {
    assert.throws(() => shield(() => assert.fail("it ran"), limit), TypeError);
  }
  assert.throws(() => shield(() => assert.fail("it ran"), { timeoutMs: NaN }), TypeError);
  assert.throws(() => shield(5 as never, { timeoutMs: 1 }), /Expected a function to shield, got 5/);
});

test("a shield returns what its function returns, and throws what that throws", async () => {
  assert.equal(
    shield(() => 5, { timeoutMs: 1 }),
    5,
  );
  assert.equal(await shield(async () => 6, { timeoutMs: 1 }), 6);
  assert.throws(
    () =>
      shield(
        () => {
          throw new RangeError("mine");
        },
        { timeoutMs: 1 },
      ),
    RangeError,
  );
  await assert.rejects(
    shield(() => Promise.reject(new RangeError("mine")), { timeoutMs: 1 }),
    RangeError,
  );
});
