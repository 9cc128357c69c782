/** Calls that are given up, or take too long. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { pool, scope } from "../../src/index.ts";
import { listenForAbort, lookForAbort } from "./called-functions.ts";
import { double, rejection, setIn, skipOnDeno, withPool } from "./using-pools.ts";

test("a call that has not begun is withdrawn when aborted, and never made", async () => {
  await withPool(pool({ size: 1 }), async (workers) => {
    const gate = new Int32Array(new SharedArrayBuffer(8));
    const wait = (words: Int32Array): void => void Atomics.wait(words, 0, 0);
    const mark = (words: Int32Array): number => Atomics.add(words, 1, 1);
    const first = workers.run(wait, [gate]);
    const controller = new AbortController();
    const { signal } = controller;
    const given = [1, 2, 3].map(() => workers.run(mark, [gate], { signal }));
    const settled = Promise.allSettled(given);
    const reason = new Error("no longer wanted");
    controller.abort(reason);
    for (const call of await settled)
      assert.ok(call.status === "rejected" && call.reason === reason);
    Atomics.store(gate, 0, 1);
    Atomics.notify(gate, 0);
    await first;
    await workers.run(double, [1]);
    assert.equal(gate[1], 0);
  });
});

test("a scope that is stopped withdraws its call, and leaves the worker to others", async () => {
  await withPool(pool({ size: 1 }), async (workers) => {
    const gate = new Int32Array(new SharedArrayBuffer(8));
    const wait = (words: Int32Array): void => {
      Atomics.store(words, 1, 1);
      Atomics.notify(words, 1);
      Atomics.wait(words, 0, 0);
    };
    const first = workers.run(wait, [gate]);
    await setIn(gate, 1);
    const stopped = scope(() => workers.run(double, [1]), { timeoutMs: 5 });
    assert.equal((await rejection(stopped)).code, "timed-out");
    Atomics.store(gate, 0, 1);
    Atomics.notify(gate, 0);
    await first;
    assert.equal(await workers.run(double, [2]), 4);
  });
});

test("a call that is given up while its arguments are read is not made, and the pool can be closed", async () => {
  await withPool(pool({ size: 1 }), async (workers) => {
    const late = {
      get x(): number {
        const end = performance.now() + 40;
        while (performance.now() < end);
        return 1;
      },
    };
    const readX = ({ x }: { readonly x: number }): number => x;
    const stopped = scope(() => workers.run(readX, [late]), { timeoutMs: 20 });
    assert.equal((await rejection(stopped)).code, "timed-out");
    const controller = new AbortController();
    const aborting = {
      get x(): number {
        controller.abort("enough");
        return 1;
      },
    };
    const aborted = workers.run(readX, [aborting], { signal: controller.signal });
    await assert.rejects(aborted, (reason) => reason === "enough");
    assert.equal(workers.statistics().failed, 2);
  });
});

test("a call at work that is aborted sees it, also in a loop that never awaits", async () => {
  await withPool(pool({ size: 1 }), async (workers) => {
    const controller = new AbortController();
    const begun = new Int32Array(new SharedArrayBuffer(8));
    const options = { signal: controller.signal, graceMs: 60_000 };
    const call = workers.run(lookForAbort, [begun], options);
    await setIn(begun, 0);
    const reason = new Error("enough");
    controller.abort(reason);
    await assert.rejects(call, reason);
    assert.equal(begun[1], 1, "it has ended by itself");
    assert.equal(workers.statistics().replaced, 0);
  });
});

test("an aborted call that awaits hears of it, and checkpoint throws", async () => {
  await withPool(pool({ size: 1 }), async (workers) => {
    const controller = new AbortController();
    const seen = new Int32Array(new SharedArrayBuffer(8));
    const options = { signal: controller.signal, graceMs: 60_000 };
    const call = workers.run(listenForAbort, [seen], options);
    await setIn(seen, 0);
    controller.abort();
    await assert.rejects(call, { name: "AbortError" });
    assert.equal(seen[1], 1);
  });
});

test(
  "a call that ignores its abort or its time is killed after the grace",
  { skip: skipOnDeno },
  async () => {
    await withPool(pool({ size: 1 }), async (workers) => {
      const begun = new Int32Array(new SharedArrayBuffer(4));
      const loop = (words: Int32Array): void => {
        for (;;) {
          Atomics.store(words, 0, 1);
          Atomics.notify(words, 0);
        }
      };
      const late = await rejection(workers.run(loop, [begun], { timeoutMs: 30, graceMs: 0 }));
      assert.equal(late.code, "timed-out");
      Atomics.store(begun, 0, 0);
      const controller = new AbortController();
      const call = workers.run(loop, [begun], { signal: controller.signal, graceMs: 10 });
      await setIn(begun, 0);
      const reason = new Error("enough");
      controller.abort(reason);
      await assert.rejects(call, reason);
      assert.equal(await workers.run(double, [3]), 6);
      assert.equal(workers.statistics().replaced, 2);
    });
  },
);
