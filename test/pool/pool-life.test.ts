/** A pool replaces its workers, and comes to its end. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { QuipeError, guard, pool, scope, shield } from "../../src/index.ts";
import { runtimeName } from "../../src/runtime/host.ts";
import {
  Phase,
  type TaskId,
  advance,
  claimSlot,
  countSlots,
  endClaim,
} from "../../src/sync/board.ts";
import { thisThread } from "../../src/sync/thread.ts";
import { double, rejection, skipOnDeno, withPool } from "./using-pools.ts";
import { until } from "../until.ts";

test("a worker is replaced after so many calls, and no call is lost or made twice", async () => {
  await withPool(pool({ size: 2, recycleAfter: { calls: 10 } }), async (workers) => {
    const counter = guard({ count: 0 });
    const call = async (shared: typeof counter): Promise<number> => {
      await shared.update((value) => void (value.count += 1));
      return process.getBuiltinModule("node:worker_threads").threadId;
    };
    const threads = await Promise.all(
      Array.from({ length: 45 }, () => workers.run(call, [counter])),
    );
    assert.equal(await counter.read((value) => value.count), 45);
    const calls = new Map<number, number>();
    for (const thread of threads) calls.set(thread, (calls.get(thread) ?? 0) + 1);
    assert.ok(
      [...calls.values()].every((count) => count <= 10),
      [...calls.values()].join(),
    );
    assert.ok(calls.size >= 5);
  });
});

// docs/runtimes.md: heap-size
test(
  "a worker whose heap has grown is replaced",
  { skip: runtimeName() !== "node" && "only Node tells how large a heap is [heap-size]" },
  async () => {
    await withPool(pool({ size: 1, recycleAfter: { heapMb: 60 } }), async (workers) => {
      const hoard = (): number => {
        const all = globalThis as { kept?: unknown[] };
        all.kept ??= [];
        all.kept.push(Array.from({ length: 100_000 }, (_, i) => ({ i })));
        return process.getBuiltinModule("node:worker_threads").threadId;
      };
      const threads = new Set<number>();
      for (let i = 0; i < 60 && threads.size < 3; i++) threads.add(await workers.run(hoard));
      assert.equal(threads.size, 3);
    });
  },
);

test("close waits for the calls under way and refuses new ones", async () => {
  const workers = pool({ size: 1, name: "closing" });
  const calls = Array.from({ length: 20 }, (_, i) => workers.run(double, [i]));
  const closed = workers.close();
  const error = await rejection(workers.run(double, [1]));
  assert.equal(error.code, "closed");
  assert.match(error.message, /"closing" is closed/);
  await closed;
  assert.equal((await Promise.all(calls)).length, 20);
  assert.equal(workers.statistics().workers, 0);
  await workers.close();
});

test("close does not wait for what a call has left running in a scope", async () => {
  const workers = pool({ size: 1 });
  const leave = async (): Promise<number> => {
    const { scope: open } = await import("quipe");
    open().spawn(() => new Promise(() => {}));
    return 1;
  };
  assert.equal(await workers.run(leave), 1);
  await workers.close();
});

test("kill ends every call at once, with its reason", { skip: skipOnDeno }, async () => {
  const workers = pool({ size: 2 });
  const reason = new Error("shutting down");
  const calls = Array.from({ length: 10 }, () =>
    workers.run(() => {
      for (;;);
    }),
  );
  const settled = Promise.allSettled(calls);
  await workers.kill(reason);
  for (const call of await settled) {
    assert.ok(call.status === "rejected" && call.reason instanceof QuipeError);
    assert.equal(call.reason.code, "killed");
    assert.ok(call.reason.cause instanceof Error && call.reason.cause.message === reason.message);
  }
  assert.equal(workers.statistics().workers, 0);
  assert.equal((await rejection(workers.run(double, [1]))).code, "killed");
});

test("a worker is not bound by the scope or the shield in which it was started", async () => {
  const deadline = async (): Promise<number> => (await import("quipe")).current().deadline;
  await withPool(pool({ size: 1 }), async (workers) => {
    await scope(() => workers.run(double, [1]), { timeoutMs: 60_000 });
    assert.equal(await workers.run(deadline), Infinity);
  });
  await withPool(pool({ size: 1 }), async (workers) => {
    await shield(() => workers.run(double, [1]), { timeoutMs: 60_000 });
    assert.equal(await workers.run(deadline), Infinity);
  });
});

test("a call for which there can be no worker fails with the reason", async () => {
  const { board, task } = thisThread();
  const claimed: TaskId[] = [];
  const claimAll = (): never => {
    for (;;) claimed.push(claimSlot(board, task.slot));
  };
  // A death is told just before its slot is free: one of another test must not become free in the middle of this one.
  await until(() => countSlots(board).taken <= 1);
  await withPool(pool({ size: 1 }), async (workers) => {
    assert.throws(claimAll, { code: "too-many-tasks" });
    try {
      assert.equal((await rejection(workers.run(double, [1]))).code, "too-many-tasks");
      const mapped = workers.map(double, [1]).next();
      assert.equal((await rejection(mapped)).code, "too-many-tasks");
    } finally {
      for (const one of claimed) {
        advance(board, one, Phase.starting, Phase.free);
        endClaim(board, one.slot);
      }
    }
    assert.equal(await workers.run(double, [2]), 4);
  });
});

test("a pool that is killed twice tells of the first time", async () => {
  const workers = pool({ size: 1 });
  await workers.kill("first");
  await workers.kill("second");
  assert.match((await rejection(workers.run(double, [1]))).message, /killed: first/);
});

test("a call is given up when the scope that it was made in is stopped", async () => {
  await withPool(pool({ size: 1 }), async (workers) => {
    const listening = async (): Promise<void> => {
      const { current } = await import("quipe");
      const { signal } = current();
      if (!signal.aborted)
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
    };
    const inScope = scope(() => workers.run(listening, [], { graceMs: 60_000 }), { timeoutMs: 50 });
    assert.equal((await rejection(inScope)).code, "timed-out");
    const failure = scope(async (s) => {
      s.spawn(() => JSON.parse("{") as unknown);
      await workers.run(listening, [], { graceMs: 60_000 });
    });
    await assert.rejects(failure, SyntaxError);
    assert.equal(await workers.run(double, [2]), 4);
  });
});
