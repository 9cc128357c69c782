/**
 * Scopes: who is stopped when one of them fails, what leaving waits for, and what it throws.
 *
 * Ideas re-expressed from the tests of Trio's nurseries and cancel scopes: a child that crashes takes its siblings
 * along; several errors at once; the parent's own failure; an error passed on is not told twice; nested nurseries; a
 * deadline in the past; cancelled before it begins; a child that ignores the cancel; a failing clean-up; a start in a
 * cancelled scope; shielded waits in a cancelled body. From the tests of Java's `StructuredTaskScope`: time-outs before,
 * after and at zero, an owner that is interrupted while it waits.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Task } from "../../src/task/handle.ts";
import { scope } from "../../src/task/scope.ts";
import { shield } from "../../src/task/shield.ts";
import { spawn } from "../../src/task/spawn.ts";
import { awaitNothing, echo } from "./programs/lives.ts";
import { failInCleanup, note, obey } from "./programs/scopes.ts";
import { errorOf, running } from "./using-scopes.ts";
import { withoutContext } from "../here.ts";

const HOUR_MS = 3_600_000;

test("a scope gives what its function returned, after all its tasks have ended", async () => {
  const tasks: Task[] = [];
  const value = await scope(async (s) => {
    for (const item of [1, 2, 3]) tasks.push(s.spawn(echo, [item]));
    return "left";
  });
  assert.equal(value, "left");
  assert.deepEqual(
    tasks.map((task) => task.state),
    ["dead", "dead", "dead"],
  );
});

test("an empty scope is left at once, and one without a promise as well", async () => {
  assert.equal(await scope(() => 5), 5);
  await using s = scope();
  assert.equal(s.signal.aborted, false);
});

test(
  "a task that fails cancels its siblings and the body, and its error is thrown",
  { skip: withoutContext },
  async () => {
    const seen: unknown[] = [];
    const thrown = await errorOf(
      scope(async (s) => {
        const [bad, good] = [s.spawn(obey), s.spawn(obey)];
        await Promise.all([running(bad), running(good)]);
        await bad.quipe.send("one of them failed");
        await good.quipe.receive().catch((error: { code?: string }) => seen.push(error.code));
        seen.push(s.signal.aborted);
        await good.outcome.then(({ kind }) => seen.push(kind));
        await good.quipe.receive();
      }),
    );
    assert.ok(thrown instanceof RangeError);
    assert.equal(thrown.message, "one of them failed");
    assert.deepEqual(seen, ["cancelled", true, "cancelled"]);
  },
);

test("several errors are joined in the order of the spawns, the body's own first", async () => {
  const thrown = await errorOf(
    scope(
      async (s) => {
        const tasks = [s.spawn(failInCleanup), s.spawn(obey), s.spawn(failInCleanup)];
        await Promise.all(tasks.map(running));
        throw new TypeError("the body failed");
      },
      { name: "three" },
    ),
  );
  assert.ok(thrown instanceof AggregateError);
  assert.deepEqual(
    thrown.errors.map((error: Error) => error.message),
    ["the body failed", "the clean-up failed", "the clean-up failed"],
  );
  assert.match(thrown.message, /"three" has 3 failures/);
});

test("a body that fails cancels the tasks; its error is thrown when they have ended", async () => {
  let task: Task | undefined;
  const failure = new TypeError("the body failed");
  const thrown = await errorOf(
    scope(async (s) => {
      task = await running(s.spawn(obey));
      throw failure;
    }),
  );
  assert.equal(thrown, failure);
  assert.equal(task?.state, "dead");
  assert.equal((await task.outcome).kind, "cancelled");
});

test("an error that the body only passes on is thrown once", async () => {
  const thrown = await errorOf(
    scope(async (s) => {
      const task = s.spawn(obey);
      await running(task);
      await task.quipe.send("once");
      await task.result;
    }),
  );
  assert.ok(thrown instanceof RangeError, String(thrown));
  assert.equal(thrown.message, "once");
});

test("a task that is killed by somebody fails the scope; one that is cancelled by hand does not", async () => {
  await scope(async (s) => {
    const task = await running(s.spawn(obey));
    task.cancel("not needed any more");
  });
  const thrown = await errorOf(
    scope(async (s) => {
      const task = await running(s.spawn(obey));
      await task.kill("why not");
    }),
  );
  assert.equal(thrown.code, "killed");
});

test("a task that had less time than the scope, and overran it, fails the scope", async () => {
  const thrown = await errorOf(scope((s) => void s.spawn(obey, [], { timeoutMs: 20 })));
  assert.equal(thrown.code, "cancelled");
  assert.equal((thrown.cause as { code: string }).code, "timed-out");
});

test("of a failing inner scope the outer one hears as of any error of its body", async () => {
  let sibling: Task | undefined;
  const thrown = await errorOf(
    scope(async (outer) => {
      sibling = await running(outer.spawn(obey));
      await scope(async (inner) => {
        const task = await running(inner.spawn(obey));
        await task.quipe.send("inside");
        await inner.spawn(obey).result;
      });
    }),
  );
  assert.equal(thrown.message, "inside");
  assert.equal((await sibling?.outcome)?.kind, "cancelled");
});

test(
  "when an outer scope is stopped, so are the body and the tasks of an inner one",
  { skip: withoutContext },
  async () => {
    const ends: unknown[] = [];
    const thrown = await errorOf(
      scope(async (outer) => {
        const bad = await running(outer.spawn(obey));
        await scope(async (inner) => {
          const task = await running(inner.spawn(obey));
          await bad.quipe.send("outside");
          const error = await errorOf(task.quipe.receive());
          ends.push(error.code, inner.signal.aborted, (await task.outcome).kind);
          throw error;
        });
      }),
    );
    assert.equal(thrown.message, "outside");
    assert.deepEqual(ends, ["cancelled", true, "cancelled"]);
  },
);

test("a shield in a cancelled body lets its waits go on, and the tasks in it", async () => {
  const seen: unknown[] = [];
  await errorOf(
    scope(async (s) => {
      const bad = await running(s.spawn(obey));
      await bad.quipe.send("failed");
      await errorOf(bad.result);
      await shield(
        async () => {
          const helper = spawn(obey);
          await running(helper);
          seen.push(await scope((inner) => inner.spawn(echo, [1]).result));
          await helper.quipe.send(2);
          seen.push(await helper.result);
        },
        { timeoutMs: HOUR_MS },
      );
      assert.throws(() => spawn(echo, [1]), { code: "cancelled" });
    }),
  );
  assert.deepEqual(seen, [1, 2]);
});

test("a task that does not listen is killed after the scope's grace, which is no failure of it", async () => {
  let deaf: Task | undefined;
  const thrown = await errorOf(
    scope(
      async (s) => {
        deaf = await running(s.spawn(awaitNothing));
        throw new TypeError("only this");
      },
      { graceMs: 1 },
    ),
  );
  assert.equal(thrown.message, "only this");
  assert.equal((await deaf?.outcome)?.kind, "killed");
});

test("a task spawned in a cancelled scope never runs", async () => {
  const words = new Int32Array(new SharedArrayBuffer(4));
  await scope(async (s) => {
    assert.equal(s.cancel("changed my mind"), true);
    assert.equal(s.cancel("again"), false);
    const task = s.spawn(note, [words.buffer]);
    assert.deepEqual(await task.outcome, { kind: "cancelled", reason: "changed my mind" });
  });
  assert.equal(await spawn(echo, [1]).result, 1);
  assert.equal(Atomics.load(words, 0), 0);
});

test(
  "a scope that cancels itself throws only if that ended its body",
  { skip: withoutContext },
  async () => {
    let task: Task | undefined;
    const value = await scope(async (s) => {
      task = await running(s.spawn(obey));
      s.cancel("enough");
      return "left";
    });
    assert.equal(value, "left");
    assert.deepEqual(await task?.outcome, { kind: "cancelled", reason: "enough" });
    const thrown = await errorOf(
      scope(async (s) => {
        const waits = await running(s.spawn(obey));
        s.cancel("enough");
        await waits.quipe.receive();
      }),
    );
    assert.equal(thrown.code, "cancelled");
    assert.equal(thrown.cause, "enough");
  },
);

test(
  "a deadline ends the tasks and the body, and the scope throws `timed-out`",
  { skip: withoutContext },
  async () => {
    let task: Task | undefined;
    const thrown = await errorOf(
      scope(
        async (s) => {
          task = s.spawn(obey);
          await task.quipe.receive();
          await task.quipe.receive();
        },
        { timeoutMs: 50, name: "slow" },
      ),
    );
    assert.equal(thrown.code, "timed-out");
    assert.match(thrown.message, /"slow"/);
    assert.equal((await task?.outcome)?.kind, "cancelled");
  },
);

test("a deadline ends a body that blocks", async () => {
  const thrown = await errorOf(
    scope((s) => s.spawn(awaitNothing).outcomeSync(), { timeoutMs: 50, graceMs: 0 }),
  );
  assert.equal(thrown.code, "timed-out");
});

test("a scope that is done in time throws nothing, and leaves no timer behind", async () => {
  assert.equal(await scope((s) => s.spawn(echo, [1]).result, { timeoutMs: HOUR_MS }), 1);
  assert.equal(await scope(() => 2, { timeoutMs: 0 }), 2);
});

for (const limit of [{ timeoutMs: 0 }, { timeoutMs: -5 }, { deadline: 1 }]) {
  test(`with ${JSON.stringify(limit)} nothing begins and every wait throws`, async () => {
    const words = new Int32Array(new SharedArrayBuffer(4));
    const other = await running(spawn(obey));
    let code: unknown;
    const thrown = await errorOf(
      scope(async (s) => {
        s.spawn(note, [words.buffer]);
        code = (await errorOf(other.quipe.receive())).code;
      }, limit),
    );
    assert.equal(thrown.code, "timed-out");
    assert.equal(code, "cancelled");
    assert.equal(Atomics.load(words, 0), 0);
    await other.kill();
  });
}

test("of nested deadlines the earlier one counts, for tasks as well", async () => {
  const thrown = await errorOf(
    scope(
      async () => {
        await scope(async (inner) => await inner.spawn(obey).result, { timeoutMs: HOUR_MS });
      },
      { timeoutMs: 50, name: "outer" },
    ),
  );
  assert.equal(thrown.code, "timed-out");
  assert.match(thrown.message, /"outer"/);
});

test("a signal that is aborted before or during the scope stops it, with its reason", async () => {
  const late = { signal: AbortSignal.abort(new RangeError("before")) };
  const before = await errorOf(scope((s) => s.spawn(echo, [1]).result, late));
  assert.equal(before.message, "before");
  const controller = new AbortController();
  const during = await errorOf(
    scope(
      async (s) => {
        const task = await running(s.spawn(obey));
        controller.abort(new RangeError("during"));
        await task.result;
      },
      { signal: controller.signal },
    ),
  );
  assert.equal(during.message, "during");
});

test("a blocked body hears at once that a task has failed", { skip: withoutContext }, async () => {
  const thrown = await errorOf(
    scope((s) => {
      const [bad, good] = [s.spawn(obey), s.spawn(obey)];
      assert.equal(bad.quipe.receiveSync(), "running");
      bad.quipe.sendSync("while it blocks");
      good.resultSync();
    }),
  );
  assert.equal(thrown.message, "while it blocks");
});

test(
  "a body that computes sees in the signal that a task has failed",
  { skip: withoutContext },
  async () => {
    const thrown = await errorOf(
      scope((s) => {
        const { signal } = s;
        const bad = s.spawn(obey);
        assert.equal(bad.quipe.receiveSync(), "running");
        assert.equal(signal.aborted, false);
        bad.quipe.sendSync("while it computes");
        while (!signal.aborted);
        signal.throwIfAborted();
      }),
    );
    assert.equal(thrown.message, "while it computes");
  },
);
