/**
 * Leaving a scope: the policies, joining, `await using`, what is still open inside, and what is no use of a scope.
 *
 * Ideas re-expressed from the tests of Java's `StructuredTaskScope`: the policies that shut down on success and on
 * failure, fork after close, join twice, close without join, an inner scope left open when the outer one is
 * left, fork by another thread; and from Trio's: what nobody awaits is waited for all the same.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Task } from "../../src/task/handle.ts";
import { scope } from "../../src/task/scope.ts";
import { spawn } from "../../src/task/spawn.ts";
import { echo } from "./programs/lives.ts";
import { forget, forgetBody, obey } from "./programs/scopes.ts";
import { errorOf, running } from "./using-scopes.ts";
import { withoutContext } from "../here.ts";

test("with `settle` everybody ends in his own way, and the outcomes come in the order of the spawns", async () => {
  const s = scope({ policy: "settle" });
  const [bad, good] = [s.spawn(obey), s.spawn(obey)];
  await Promise.all([running(bad), running(good)]);
  await bad.quipe.send("failed");
  await bad.outcome;
  await good.quipe.send(7);
  const outcomes = await s.join();
  assert.deepEqual(
    outcomes.map(({ kind }) => kind),
    ["failed", "done"],
  );
});

test("with `race` the first that is done cancels the others", async () => {
  const kinds: unknown[] = [];
  const value = await scope(
    async (s) => {
      const tasks = [s.spawn(obey), s.spawn(obey), s.spawn(obey)];
      const [failing, winning, losing] = await Promise.all(tasks.map(running));
      await failing?.quipe.send("not yet");
      await failing?.outcome;
      await winning?.quipe.send(7);
      for (const task of tasks) kinds.push((await task.outcome).kind);
      const late = await s.spawn(echo, [1]).outcome;
      kinds.push(late.kind);
      void losing;
      return await winning?.result;
    },
    { policy: "race" },
  );
  assert.equal(value, 7);
  assert.deepEqual(kinds, ["failed", "done", "cancelled", "cancelled"]);
});

test("a race that nobody wins throws all errors, also those that the body has joined already", async () => {
  const lose = (s: ReturnType<typeof scope>): Task[] =>
    ["one", "other"].map((text) => {
      const task = s.spawn(obey);
      void running(task).then(() => task.quipe.send(text));
      return task;
    });
  for (const body of [
    (s: ReturnType<typeof scope>) => void lose(s),
    (s: ReturnType<typeof scope>) => Promise.any(lose(s).map((task) => task.result)),
  ]) {
    const thrown = await errorOf(scope(body, { policy: "race" }));
    assert.ok(thrown instanceof AggregateError);
    assert.deepEqual(
      thrown.errors.map((error: Error) => error.message),
      ["one", "other"],
    );
  }
});

test("once a scope is being left nothing can be spawned in it, and joining it again gives the same", async () => {
  const s = scope({ name: "done" });
  const task = await running(s.spawn(obey));
  const joined = s.join();
  assert.throws(() => s.spawn(echo, [1]), { code: "closed", message: /"done"/ });
  await task.quipe.send(1);
  assert.deepEqual(await joined, [{ kind: "done", value: 1 }]);
  assert.equal(s.join(), joined);
  assert.equal(s.cancel(), false);
  assert.throws(() => s.spawn(echo, [1]), { code: "closed" });
});

test("`await using` waits for the tasks and throws their error", async () => {
  let task: Task | undefined;
  const thrown = await errorOf(
    (async () => {
      await using s = scope();
      task = await running(s.spawn(obey));
      await task.quipe.send("in the block");
    })(),
  );
  assert.equal(thrown.message, "in the block");
  assert.equal(task?.state, "dead");
});

test("`await using` of a scope that was joined throws nothing again", async () => {
  await using s = scope();
  const task = await running(s.spawn(obey));
  await task.quipe.send("told by join");
  assert.equal((await errorOf(s.join())).message, "told by join");
});

test("a block that throws with `await using` throws both errors, as the language joins them", async () => {
  const thrown = await errorOf(
    (async () => {
      await using s = scope();
      const task = await running(s.spawn(obey));
      await task.quipe.send("the task's");
      throw new TypeError("the block's");
    })(),
  );
  if (!("error" in thrown)) throw thrown; // where there is no Symbol.asyncDispose
  const { error, suppressed } = thrown as unknown as { error: Error; suppressed: Error };
  assert.equal(error.message, "the task's");
  assert.equal(suppressed.message, "the block's");
});

test("an inner scope that is still open is left first, and what it throws is not lost", async () => {
  let task: Task | undefined;
  const thrown = await errorOf(
    scope(async () => {
      const forgotten = scope();
      task = await running(forgotten.spawn(obey));
      await task.quipe.send("forgotten");
    }),
  );
  assert.equal(thrown.message, "forgotten");
  assert.equal(task?.state, "dead");
});

test("an inner body that nobody awaits is waited for by the outer scope", async () => {
  let end = "";
  const other = await running(spawn(obey));
  await scope(async () => {
    void scope(async () => {
      await other.quipe.send(3);
      await other.result;
      end = "inner";
    });
  });
  assert.equal(end, "inner");
});

test("the error of an inner body that nobody awaits is thrown by the outer scope", async () => {
  const other = await running(spawn(obey));
  const thrown = await errorOf(
    scope(() => {
      void scope(async () => {
        await other.quipe.send("nobody looked");
        await other.result;
      });
    }),
  );
  assert.equal(thrown.message, "nobody looked");
});

test("a scope cannot be sent to another task, and the error says what to do instead", () => {
  const s = scope();
  const unsafe = spawn as (fn: typeof echo, args: unknown[]) => Task;
  assert.throws(() => unsafe(echo, [{ s }]), {
    code: "not-sendable",
    message: /\.s.*belongs to the task that opened it/s,
  });
});

test("what is no option of a scope is refused at once", () => {
  for (const options of [
    { policy: "first" },
    { name: 5 },
    { timeoutMs: NaN },
    { graceMs: "1" },
    { signal: 1 },
    null,
  ]) {
    assert.throws(() => scope(() => assert.fail("it ran"), options as never), TypeError);
  }
});

test("a task that leaves a scope open has ended when the tasks in there are done", async () => {
  const words = new SharedArrayBuffer(4);
  assert.equal(await spawn(forget, ["wait", words]).result, "returned");
  assert.equal(new Int32Array(words)[0], 1);
});

test(
  "what fails in a scope that a task has left open fails that task",
  { skip: withoutContext },
  async () => {
    const words = new SharedArrayBuffer(4);
    assert.equal(
      (await errorOf(spawn(forget, ["fail", words]).result)).message,
      "in the forgotten scope",
    );
    const both = await errorOf(spawn(forget, ["throw", words]).result);
    assert.ok(both instanceof AggregateError);
    assert.deepEqual(
      both.errors.map(({ message }: Error) => message),
      ["the task's own", "in the forgotten scope"],
    );
  },
);

test(
  "a body that a task does not wait for comes to its end, and its error fails the task",
  { skip: withoutContext },
  async () => {
    const words = new SharedArrayBuffer(4);
    const thrown = await errorOf(spawn(forgetBody, [words]).result);
    assert.match(thrown.message, /in the forgotten body$/); // Bun ends a thread for it
    assert.equal(new Int32Array(words)[0], 1);
  },
);
