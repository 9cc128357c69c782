/** `pool` on real threads. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Pool, QuipeError, freeze, guard, move, pool, share } from "../../src/index.ts";
import { runtimeName } from "../../src/runtime/host.ts";
import { nameAndQuipe } from "./called-functions.ts";
import { double, rejection, withPool } from "./using-pools.ts";
import { cannotExit } from "../exit-thread.ts";

const threadOfCall = (): number => process.getBuiltinModule("node:worker_threads").threadId;

test("calls are answered with their own values, many at once", async () => {
  await withPool(pool({ size: 2 }), async (workers) => {
    const calls = Array.from({ length: 3000 }, (_, i) => workers.run(double, [i]));
    assert.deepEqual(
      await Promise.all(calls),
      calls.map((_, i) => i * 2),
    );
    const { completed, failed, waiting, size } = workers.statistics();
    assert.deepEqual(
      { completed, failed, waiting, size },
      { completed: 3000, failed: 0, waiting: 0, size: 2 },
    );
  });
});

test("workers are started when there is work for them, and used again", async () => {
  await withPool(pool({ size: 4 }), async (workers) => {
    assert.equal(workers.statistics().workers, 0);
    const first = await workers.run(threadOfCall);
    assert.equal(await workers.run(threadOfCall), first);
    assert.equal(workers.statistics().workers, 1);
  });
});

test("arguments are copied when the call is made", async () => {
  await withPool(pool({ size: 1 }), async (workers) => {
    const list = [1, 2];
    const calls = [1, 2, 3, 4, 5].map(() =>
      workers.run((numbers: number[]) => numbers.length, [list]),
    );
    list.push(3);
    assert.deepEqual(await Promise.all(calls), [2, 2, 2, 2, 2]);
  });
});

test("frozen objects, guards and moved objects travel as with spawn", async () => {
  await withPool(pool({ size: 1 }), async (workers) => {
    const frozen = freeze({ names: ["a", "b"] });
    assert.equal(await workers.run((data: typeof frozen) => data.names[1], [frozen]), "b");
    const counter = guard({ count: 0 });
    await workers.run(
      async (shared: typeof counter) => shared.update((value) => void (value.count += 5)),
      [counter],
    );
    assert.equal(await counter.read((value) => value.count), 5);
    const draft = share({ count: 1 });
    const answers = Promise.all([
      workers.run(double, [1]),
      workers.run((value: { count: number }) => (value.count += 1), [move(draft)]),
    ]);
    assert.deepEqual(await answers, [2, 2]);
    assert.throws(() => draft.count, { code: "moved" });
  });
});

test("an argument that cannot be sent is refused, and nothing was called or moved", async () => {
  await withPool(pool({ size: 1 }), async (workers) => {
    const draft = share({ count: 1 });
    const refused = workers.run((...all: unknown[]) => all.length, [move(draft), () => 1] as never);
    const error = await rejection(refused);
    assert.equal(error.code, "not-sendable");
    assert.match(error.message, /^\$\[1\] cannot be sent: it is a function/);
    assert.equal(draft.count, 1);
    assert.equal(workers.statistics().workers, 0);
  });
});

test("a result that cannot be sent fails its call and no other", async () => {
  await withPool(pool({ size: 1 }), async (workers) => {
    const [bad, good] = await Promise.allSettled([
      workers.run((): unknown => ({ rows: [1, () => 1] })),
      workers.run(double, [4]),
    ]);
    assert.ok(bad.status === "rejected" && bad.reason instanceof QuipeError);
    assert.equal(bad.reason.code, "not-sendable");
    assert.match(bad.reason.message, /^\$\.rows\[1\] cannot be sent: it is a function/);
    assert.deepEqual(good, { status: "fulfilled", value: 8 });
  });
});

test("an error arrives with its class, code, cause and both stacks", async () => {
  await withPool(pool({ size: 1 }), async (workers) => {
    function failing(): never {
      throw Object.assign(new RangeError("too far", { cause: new TypeError("inner") }), {
        code: "FAR",
      });
    }
    const error = await workers.run(failing).then(assert.fail, (thrown: unknown) => thrown);
    assert.ok(error instanceof RangeError && error.cause instanceof TypeError);
    assert.equal((error as { code?: unknown }).code, "FAR");
    assert.match(error.stack ?? "", /at task "failing", spawned here .*pool\.test/s);
  });
});

test("what is thrown and cannot be sent is described", async () => {
  await withPool(pool({ size: 1 }), async (workers) => {
    const error = await rejection(
      workers.run(() => {
        throw Object.assign(() => {}, { toString: () => "the thrown function" });
      }),
    );
    assert.match(
      error.message,
      /What was thrown or given as a reason, function without a name, cannot be sent/,
    );
  });
});

test(
  "a call whose thread ends says that what was moved to it is gone",
  { skip: cannotExit },
  async () => {
    await withPool(pool({ size: 1 }), async (workers) => {
      const draft = share({ count: 1 });
      const exit = (_moved: unknown): never => process.exit(3);
      const error = await rejection(workers.run(exit, [move(draft)]));
      assert.equal(error.code, "crashed");
      assert.match(error.message, /killed its task, with what was moved to it: /);
      const other = await rejection(workers.run(exit, [1]));
      assert.doesNotMatch(other.message, /moved/);
    });
  },
);

test(
  "a call that ends its thread fails with the exit code; those behind it are made once each",
  { skip: cannotExit },
  async () => {
    await withPool(pool({ size: 1 }), async (workers) => {
      const counter = guard({ count: 0 });
      const exit = workers.run(() => process.exit(3));
      const behind = Array.from({ length: 20 }, () =>
        workers.run(
          async (shared: typeof counter) => shared.update((value) => (value.count += 1)),
          [counter],
        ),
      );
      const error = await rejection(exit);
      assert.equal(error.code, "crashed");
      assert.match(error.message, /exit code 3/);
      assert.equal((await Promise.all(behind)).length, 20);
      assert.equal(await counter.read((value) => value.count), 20);
      assert.equal(workers.statistics().replaced, 1);
    });
  },
);

test(
  "a call that runs out of memory fails alone",
  { skip: runtimeName() !== "node" && "only Node tells of it in a callback [memory-in-callback]" },
  async () => {
    const limits = { maxOldGenerationSizeMb: 24, maxYoungGenerationSizeMb: 8 };
    await withPool(pool({ size: 2, resourceLimits: limits }), async (workers) => {
      const greedy = workers.run(() => {
        const kept: unknown[] = [];
        for (;;) kept.push(Array.from({ length: 1000 }, (_, i) => ({ i })));
      });
      const others = Array.from({ length: 50 }, (_, i) => workers.run(double, [i]));
      assert.equal((await rejection(greedy)).code, "crashed");
      assert.equal((await Promise.all(others)).length, 50);
    });
  },
);

test("a module that cannot be loaded fails its calls, and no others", async () => {
  await withPool(pool({ size: 1 }), async (workers) => {
    const missing = { module: new URL("no-such-module.js", import.meta.url) };
    const calls = [workers.run(missing), workers.run(missing)];
    for (const call of calls) assert.equal((await rejection(call)).code, "module-not-loaded");
    assert.equal(await workers.run(double, [1]), 2);
  });
});

test("what was given to a worker behind a slow call is done by another", async () => {
  await withPool(pool({ size: 2 }), async (workers) => {
    const gate = new Int32Array(new SharedArrayBuffer(4));
    await Promise.all(Array.from({ length: 500 }, (_, i) => workers.run(double, [i])));
    const slow = workers.run((words: Int32Array) => void Atomics.wait(words, 0, 0), [gate]);
    const quick = Array.from({ length: 500 }, (_, i) => workers.run(double, [i]));
    assert.equal((await Promise.all(quick)).length, 500);
    Atomics.store(gate, 0, 1);
    Atomics.notify(gate, 0);
    await slow;
  });
});

test("current() is the call: its name, and no quipe", async () => {
  await withPool(pool({ size: 1, name: "crew" }), async (workers) => {
    assert.deepEqual(await workers.run(nameAndQuipe), ["nameAndQuipe", "unsupported"]);
  });
});

test("a pool maps records, beside its calls and beside other maps", async () => {
  await withPool(pool({ size: 2 }), async (workers) => {
    const shared = freeze({ factor: 3 });
    const times = (value: number, { factor }: typeof shared): number => value * factor;
    const collect = async (concurrency: number): Promise<number[]> => {
      const results: number[] = [];
      const records = Array.from({ length: 200 }, (_, i) => i);
      for await (const value of workers.map(times, records, { shared, concurrency }))
        results.push(value);
      return results;
    };
    const call = workers.run(double, [21]);
    const expected = Array.from({ length: 200 }, (_, i) => i * 3);
    assert.deepEqual(await Promise.all([collect(2), collect(1)]), [expected, expected]);
    assert.equal(await call, 42);
  });
});

test("leaving a map of a pool leaves the pool as it was", async () => {
  await withPool(pool({ size: 2 }), async (workers) => {
    const records = Array.from({ length: 10_000 }, (_, i) => i);
    for await (const value of workers.map(double, records)) if (value >= 10) break;
    assert.equal(await workers.run(double, [4]), 8);
    assert.equal(workers.statistics().waiting, 0);
  });
});

test("options that mean nothing are refused", async () => {
  assert.throws(() => Reflect.construct(Pool, []), TypeError);
  assert.throws(() => pool({ size: 0 }), RangeError);
  assert.throws(() => pool({ recycleAfter: { calls: 0 } }), RangeError);
  assert.throws(() => pool({ recycleAfter: { heapMb: -1 } }), RangeError);
  assert.throws(() => pool({ name: 5 as never }), TypeError);
  assert.throws(() => pool({ resourceLimits: { maxOldGenerationSizeMb: 1 } }), RangeError);
  await withPool(pool({ size: 1 }), async (workers) => {
    await assert.rejects(workers.run(double, [1], { timeoutMs: 0 }), RangeError);
    await assert.rejects(workers.run(double, [1], { graceMs: -1 }), RangeError);
    await assert.rejects(workers.run(double, [1], { graceMs: "5" as never }), TypeError);
    await assert.rejects(workers.run(double, [1], { signal: {} as never }), TypeError);
    await assert.rejects(workers.run(double, 1 as never), TypeError);
    await assert.rejects(workers.run(null as never), /Expected a function/);
    await assert.rejects(workers.map(double, 5 as never).next(), /as an iterable, got 5/);
    await assert.rejects(workers.run(double, [workers as never]), /belongs to the task that made/);
    await assert.rejects(
      workers.run(double, [1], { signal: AbortSignal.abort(new Error("no")) }),
      /no/,
    );
  });
});

test("the trace of a call in a long row says that it shows an earlier one", async () => {
  await withPool(pool({ size: 2 }), async (workers) => {
    const failing = (i: number): never => {
      throw new Error(`call ${i}`);
    };
    const calls = Array.from({ length: 40 }, (_, i) => workers.run(failing, [i]));
    const errors = (await Promise.allSettled(calls)).map((call) =>
      call.status === "rejected" && call.reason instanceof Error ? call.reason : assert.fail(),
    );
    assert.deepEqual(
      errors.map(({ message, stack }) => [message, stack?.includes("(row:calls)")]),
      errors.map((_, i) => [`call ${i}`, i >= 16]),
    );
    assert.ok(errors.every(({ stack }) => stack?.includes("pool.test")));
  });
});
