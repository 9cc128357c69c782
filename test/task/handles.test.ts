/** Handles of tasks in other tasks: they travel in messages, arguments and results, and work there. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { QuipeError } from "../../src/errors.ts";
import { describe } from "../../src/memory/describe.ts";
import { freeze } from "../../src/memory/freeze.ts";
import { plain } from "../../src/memory/share.ts";
import { Task } from "../../src/task/handle.ts";
import { spawn } from "../../src/task/spawn.ts";
import { throwTyped } from "./programs/failures.ts";
import { awaitNothing, awaitReceive, echo, spin } from "./programs/lives.ts";
import {
  end,
  giveBack,
  giveMoved,
  keep,
  lend,
  lookAt,
  tryQuipe,
  useKept,
  withItself,
} from "./programs/watching.ts";

interface Sight {
  readonly kind: string;
  readonly result: Readonly<Record<string, unknown>>;
  readonly isSame: boolean;
  readonly state: string;
  readonly name: string;
  readonly blockedOn: string;
}

async function seenFrom(task: Task): Promise<Sight> {
  return spawn(lookAt, [task]).result;
}

for (const when of ["before", "after"] as const) {
  test(`a value is seen by every task that has the handle, sent ${when} the end`, async () => {
    const task = spawn(echo, [{ deep: [1n] }], { name: "the echo" });
    if (when === "after") await task.result;
    const watchers = [spawn(lookAt, [task]), spawn(lookAt, [task])];
    for (const watcher of watchers) {
      assert.deepEqual(await watcher.result, {
        kind: "done",
        result: { value: { deep: [1n] } },
        isSame: true,
        state: "dead",
        name: "the echo",
        blockedOn: "nothing",
      });
    }
    assert.deepEqual(await task.result, { deep: [1n] });
  });

  test(`an error is seen with its class, code and both stacks, sent ${when} the end`, async () => {
    const task = spawn(throwTyped);
    if (when === "after") await task.outcome;
    const { kind, result } = await seenFrom(task);
    assert.equal(kind, "failed");
    assert.deepEqual(result, {
      name: "RangeError",
      code: "E_FAR",
      message: "too far",
      hasSpawner: true,
    });
    await assert.rejects(task.result, RangeError);
  });

  test(`a result that was moved is the spawner's alone, sent ${when} the end`, async () => {
    const task = spawn(giveMoved);
    if (when === "after") await task.outcome;
    const { kind, result } = await seenFrom(task);
    assert.equal(kind, "done");
    assert.equal(result["code"], "moved");
    assert.deepEqual(plain(await task.result), { list: [1, 2, 3] });
  });
}

test("a kill is seen, with its reason and by whom", async () => {
  const task = spawn(awaitNothing, [], { name: "victim" });
  const watcher = spawn(lookAt, [task]);
  const killer = spawn(end, [task, "kill"], { name: "killer" });
  assert.equal(await killer.result, true);
  const outcome = await task.outcome;
  assert.deepEqual(outcome, {
    kind: "killed",
    reason: "because",
    by: 'the task "killer"',
    stopped: true,
  });
  const { result } = (await watcher.result) as Sight;
  assert.match(String(result["message"]), /"victim" was killed by the task "killer": because/);
});

test("another task may cancel; its handle knows at once that the end has come", async () => {
  const task = spawn(awaitReceive);
  assert.equal(await spawn(end, [task, "cancel"]).result, true);
  assert.equal((await task.outcome).kind, "cancelled");
  assert.equal(await spawn(end, [task, "cancel"]).result, false);
  assert.equal(await spawn(end, [task, "kill"]).result, false);
});

test("the quipe stays with the spawner", async () => {
  const task = spawn(awaitReceive);
  assert.deepEqual(await spawn(tryQuipe, [task]).result, ["not-owner", "not-owner"]);
  await task.kill();
});

test("a handle is one object in each task, also when it comes back in messages and results", async () => {
  const task = spawn(awaitNothing);
  const friend = spawn(giveBack, [task, task]);
  await friend.quipe.send(task);
  assert.equal(await friend.quipe.receive(), task);
  const { areSame, handle } = (await friend.result) as { areSame: boolean; handle: unknown };
  assert.equal(areSame, true);
  assert.equal(handle, task);
  await task.kill();
});

test("a handle outlives the task that spawned, and what that left behind", async () => {
  const lender = spawn(lend, ["echo", "leave"]);
  const lent = (await lender.quipe.receive()) as Task<{
    seven: number;
    frozen: { deep: number[] };
  }>;
  await lender.result;
  assert.ok(lent instanceof Task);
  const { seven, frozen } = await lent.result;
  assert.equal(seven, 7);
  assert.deepEqual(frozen, { deep: [7] });
  assert.deepEqual((await seenFrom(lent)).result["value"], { seven: 7, frozen: { deep: [7] } });
});

test("a handle of a task whose spawner was killed can be killed, and its end is known", async () => {
  const lender = spawn(lend, ["wait", "stay"]);
  const lent = (await lender.quipe.receive()) as Task;
  await lender.kill();
  assert.equal(lent.state === "running" || lent.state === "starting", true);
  assert.equal(await lent.kill(), true);
  assert.equal(lent.state, "dead");
});

test("an outcome that was left before anybody asked is told at once, also while nothing else happens", async () => {
  const lender = spawn(lend, ["echo", "leave"]);
  const lent = (await lender.quipe.receive()) as Task;
  await lender.result;
  while (lent.state !== "dead") await new Promise((resolve) => setTimeout(resolve, 1));
  const other = spawn(awaitNothing); // its handle sleeps in the background
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal((await lent.outcome).kind, "done");
  await other.kill();
});

test("a task that waits for itself is told of the deadlock at once", async () => {
  for (const what of ["result", "outcome", "resultSync"] as const) {
    const task = spawn(withItself, [what]);
    await task.quipe.send(task);
    assert.equal(await task.result, "deadlock");
  }
});

test("a task may kill and cancel itself", async () => {
  const killed = spawn(withItself, ["kill"]);
  await killed.quipe.send(killed);
  const outcome = await killed.outcome;
  assert.deepEqual(outcome, {
    kind: "killed",
    reason: "enough of me",
    by: "itself",
    stopped: true,
  });
  const cancelled = spawn(withItself, ["cancel"]);
  await cancelled.quipe.send(cancelled);
  assert.deepEqual(await cancelled.outcome, { kind: "cancelled", reason: "enough of me" });
});

test("a watcher that is killed while it waits disturbs nobody", async () => {
  const task = spawn(awaitReceive);
  const watchers = Array.from({ length: 4 }, () => spawn(lookAt, [task]));
  await Promise.all(watchers.slice(0, 2).map((watcher) => watcher.kill()));
  await task.quipe.send("go on");
  assert.equal(await task.result, "go on");
  for (const watcher of watchers.slice(2)) {
    assert.deepEqual(((await watcher.result) as Sight).result, { value: "go on" });
  }
});

test("describe says how a handle travels, and shared memory refuses to hold it", async () => {
  const task = spawn(spin);
  assert.equal(describe(task).level, 2);
  assert.throws(
    () => freeze({ list: [task] }),
    (error: QuipeError) => error.code === "not-shareable" && /\.list\[0\]/.test(error.message),
  );
  const mixed: unknown = [task, () => 1];
  assert.throws(() => spawn(echo, [mixed]), /\$\[0\]\[1\] cannot be sent: it is a function/);
  assert.equal(await task.kill(), true);
});

test("a result that cannot be waited for any longer times out", async () => {
  const lender = spawn(lend, ["wait", "stay"]);
  const lent = (await lender.quipe.receive()) as Task;
  assert.throws(
    () => lent.resultSync({ timeoutMs: 1 }),
    (error: QuipeError) => error.code === "timed-out",
  );
  await Promise.all([lender.kill(), lent.kill()]);
});

test("a handle that a task finds on its thread from an earlier one refuses at once, and changes nothing", async () => {
  const task = spawn(awaitReceive);
  const thread = await spawn(keep, [task]).result;
  const used = await spawn(useKept).result;
  assert.equal(used.thread, thread);
  assert.deepEqual(used.codes, Array(5).fill("not-owner"));
  await task.quipe.send("still there");
  assert.equal(await task.result, "still there");
});
