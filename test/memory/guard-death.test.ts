/** Deaths inside guards, and of readers that compute. A file of its own: a thread that Deno cannot stop computes until the process ends. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { freeze, guard, plain, spawn, tryThaw } from "../../src/index.ts";

// docs/runtimes.md: kill-in-guard
test("a task that is killed inside an update leaves no trace and holds nobody up", async () => {
  const guarded = guard({ list: [1, 2, 3], n: 0, text: "whole" });
  const victim = spawn(
    async (shared: typeof guarded) => {
      const { current } = await import("quipe");
      const { quipe } = current<string>();
      shared.updateSync((it) => {
        it.n = 99;
        it.text = "half";
        it.list.length = 0;
        quipe.trySend("inside");
        for (;;) it.list.push(it.list.length);
      });
    },
    [guarded],
    { name: "victim" },
  );
  await victim.quipe.receive();
  const waiting = guarded.update((it) => it.n++);
  waiting.catch(() => {}); // in Deno it may fail a moment before the kill is told of
  await victim.kill("enough");
  if ("Deno" in globalThis) {
    // A busy thread cannot be stopped there, so nobody is let in, and everybody is told.
    await assert.rejects(waiting, { code: "killed" });
    assert.throws(() => guarded.readSync(() => {}), { code: "killed" });
    return;
  }
  await waiting;
  assert.deepEqual(plain(guarded.snapshotSync()), { list: [1, 2, 3], n: 1, text: "whole" });
});

test("a killed task whose thread goes on does not commit, and leaves the guard to others", async () => {
  const guarded = guard({ list: [1, 2, 3], n: 0 });
  const words = new Int32Array(new SharedArrayBuffer(8));
  const [GO_ON, HAS_LEFT] = [0, 1] as const;
  const victim = spawn(
    async (shared: typeof guarded, flags: SharedArrayBuffer) => {
      const { current } = await import("quipe");
      const { quipe } = current<string>();
      const memory = new Int32Array(flags);
      try {
        shared.updateSync((it) => {
          it.list.push(4);
          quipe.trySend("inside");
          while (Atomics.load(memory, 0) === 0);
          it.n = 99;
        });
      } finally {
        Atomics.store(memory, 1, 1);
        Atomics.notify(memory, 1);
      }
    },
    [guarded, words.buffer],
    { name: "victim" },
  );
  await victim.quipe.receive();
  await victim.kill("enough");
  Atomics.store(words, GO_ON, 1);
  // Elsewhere the thread has stopped, and was cleaned up after.
  if ("Deno" in globalThis) assert.notEqual(Atomics.wait(words, HAS_LEFT, 0, 10_000), "timed-out");
  guarded.updateSync((it) => it.n++);
  assert.deepEqual(plain(guarded.snapshotSync()), { list: [1, 2, 3], n: 1 });
});

test("what a killed task read is free once its thread has stopped, and only then", async () => {
  const route = freeze({ stops: ["Oslo"] });
  const reader = spawn(
    async (line: typeof route) => {
      const { current } = await import("quipe");
      current<string>().quipe.trySend(line.stops.join());
      for (;;);
    },
    [route],
    { name: "reader" },
  );
  assert.equal(await reader.quipe.receive(), "Oslo");
  await reader.kill("enough");
  if ("Deno" in globalThis) assert.throws(() => tryThaw(route), { code: "readers-present" });
  else assert.equal(tryThaw(route).stops.push("Hamar"), 2);
});
