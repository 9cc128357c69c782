/** What calls leave behind on their thread, which sleeps outside of its event loop for a moment after each. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { pool } from "../../src/index.ts";
import { double, skipOnDeno, withPool } from "./using-pools.ts";

test("what a call leaves behind goes on between calls that are made one after the other", async () => {
  await withPool(pool({ size: 1 }), async (workers) => {
    const leave = (): void => {
      const all = globalThis as { left?: string[] };
      const left: string[] = (all.left = []);
      setTimeout(() => left.push("timer"), 1);
      setTimeout(() => left.push("unreferenced timer"), 1).unref();
      setTimeout(() => setTimeout(() => left.push("last timer"), 1).unref(), 1).unref();
      void Promise.resolve().then(() => left.push("promise"));
    };
    const look = (): readonly string[] => (globalThis as { left?: string[] }).left ?? [];
    await workers.run(leave);
    let left: readonly string[] = [];
    const untilMs = performance.now() + 5000;
    while (left.length < 4 && performance.now() < untilMs) left = await workers.run(look);
    assert.deepEqual([...left].sort(), ["last timer", "promise", "timer", "unreferenced timer"]);
  });
});

test("a stray rejection strikes no call that is made after it", { skip: skipOnDeno }, async () => {
  await withPool(pool({ size: 1 }), async (workers) => {
    const stray = async (): Promise<number> => {
      await Promise.resolve();
      void Promise.reject(new Error("nobody hears"));
      return 1;
    };
    for (let i = 0; i < 5; i++) {
      assert.equal(await workers.run(stray), 1);
      assert.equal(await workers.run(double, [i]), 2 * i);
    }
  });
});
