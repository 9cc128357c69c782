/** Asking a task to stop: what it notices, where, and what becomes of one that does not listen. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Task } from "../../src/task/handle.ts";
import { spawn } from "../../src/task/spawn.ts";
import {
  awaitNothing,
  awaitReceive,
  awaitResults,
  blockInReceive,
  check,
  echo,
  ignoreCancel,
  sendForEver,
  sleepWithSignal,
  watchSignal,
} from "./programs/lives.ts";

async function running<T extends Task>(task: T): Promise<T> {
  assert.equal(await task.quipe.receive(), "running");
  return task;
}

for (const [where, body] of Object.entries({
  awaitReceive,
  blockInReceive,
  check,
  sleepWithSignal,
})) {
  test(`a task cancelled in ${where} is cancelled, with the reason`, async () => {
    const task = await running(spawn<[], unknown>(body));
    const reason = Object.assign(new RangeError("enough"), { code: "E_ENOUGH" });
    assert.equal(task.cancel(reason), true);
    const outcome = await task.outcome;
    assert.equal(outcome.kind, "cancelled", JSON.stringify(outcome));
    assert.deepEqual(outcome.kind === "cancelled" && outcome.reason, reason);
    await assert.rejects(task.result, (error: { code: string; cause: unknown }) => {
      assert.deepEqual(error.cause, reason);
      return error.code === "cancelled";
    });
    assert.equal(task.cancel("again"), false);
  });
}

test("a task cancelled while it waits for room is cancelled", async () => {
  const task = spawn(sendForEver, [], { capacity: 1 });
  await task.quipe.receive();
  task.cancel();
  const outcome = await task.outcome;
  assert.deepEqual(outcome, { kind: "cancelled", reason: undefined });
});

test("the signal is seen in a loop without a turn of the event loop, and the task may still end well", async () => {
  const task = await running(spawn(watchSignal));
  task.cancel("please");
  assert.deepEqual(await task.outcome, { kind: "done", value: "stopped: please" });
});

test("every wait after a cancel throws, not only the first", async () => {
  const task = await running(spawn(ignoreCancel));
  task.cancel();
  assert.deepEqual(await task.result, ["cancelled", "cancelled", "cancelled"]);
});

test("a result asked for in a cancelled task rejects, also one that is there; an outcome still comes", async () => {
  const task = await running(spawn(awaitResults));
  task.cancel();
  assert.deepEqual(await task.result, ["cancelled", "cancelled", "cancelled", "killed"]);
});

/** A task with limits gets a fresh thread, which takes far longer to begin than a cancel takes to arrive. */
const ofItsOwn = { resourceLimits: { maxOldGenerationSizeMb: 64 } };

test("a task cancelled before it began never runs", async () => {
  const words = new Int32Array(new SharedArrayBuffer(4));
  const task = spawn(
    (shared: SharedArrayBuffer) => Atomics.store(new Int32Array(shared), 0, 1),
    [words.buffer],
    ofItsOwn,
  );
  assert.equal(task.cancel("changed my mind"), true);
  assert.equal(task.cancel("twice"), false);
  const outcome = task.outcomeSync();
  assert.deepEqual(outcome, { kind: "cancelled", reason: "changed my mind" });
  assert.equal(await spawn(echo, [1]).result, 1);
  assert.equal(Atomics.load(words, 0), 0);
});

test("a second cancel may bring a grace that the first one had not", async () => {
  const task = await running(spawn(awaitNothing));
  assert.equal(task.cancel("first"), true);
  assert.equal(task.cancel("second", { graceMs: 1 }), false);
  assert.equal((await task.outcome).kind, "killed");
});

test("without a grace a task that does not listen runs on", async () => {
  const task = await running(spawn(awaitNothing));
  task.cancel("first");
  assert.equal(await spawn(echo, [1]).result, 1);
  assert.equal(task.state, "cancelling");
  assert.equal(await task.kill(), true);
});

test("a reason that cannot be sent is described; the cancel and the kill happen", async () => {
  const task = await running(spawn(awaitReceive));
  task.cancel(() => 1);
  const outcome = await task.outcome;
  assert.match(String(outcome.kind === "cancelled" && outcome.reason), /cannot be sent/);
  const other = await running(spawn(awaitNothing));
  assert.equal(await other.kill(Symbol("why")), true);
});

test("a cancelled task leaves a clean thread behind", async () => {
  for (let i = 0; i < 5; i++) {
    const task = await running(spawn(awaitReceive));
    task.cancel();
    assert.equal((await task.outcome).kind, "cancelled");
    assert.equal(await spawn(echo, [i]).result, i);
  }
});
