/** Tasks that spawn tasks, and tasks one after the other on one thread. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { spawn } from "../../src/task/spawn.ts";
import { count, delegate, echo, parent } from "./programs/lives.ts";

const isDeno = "Deno" in globalThis;

test("tasks spawn tasks, each blocked on the next, five deep", () => {
  assert.equal(spawn(delegate, [5]).resultSync(), 6);
});

test("an error crosses several tasks as itself", async () => {
  const outer = spawn(async () => {
    const { spawn: spawnInner } = await import("quipe");
    return await spawnInner(() => {
      throw Object.assign(new RangeError("deep"), { code: "E_DEEP" });
    }).result;
  });
  await assert.rejects(outer.result, (error: RangeError & { code: string }) => {
    assert.ok(error instanceof RangeError);
    assert.equal(error.code, "E_DEEP");
    assert.equal(error.stack?.match(/spawned here/g)?.length, 2);
    return true;
  });
});

test(
  "a task whose spawner is killed lives on",
  { skip: isDeno && "Deno could not stop it afterwards [kill-computing]" },
  async () => {
    const words = new Int32Array(new SharedArrayBuffer(4));
    const task = spawn(parent, [words.buffer]);
    assert.equal(await task.quipe.receive(), "running");
    assert.equal(await task.kill(), true);
    const before = Atomics.load(words, 0);
    while (Atomics.load(words, 0) === before) await spawn(echo, [1]).result;
  },
);

test("a thread is used again: the second task finds it warm", async () => {
  const idOf = async (): Promise<number> => (await import("node:worker_threads")).threadId;
  const first = await spawn(idOf).result;
  const ids = new Set<number>();
  for (let i = 0; i < 5; i++) ids.add(await spawn(idOf).result);
  assert.ok(ids.size <= 2, `${[...ids].join(", ")} after ${first}`);
});

test("many short tasks at once share few threads", async () => {
  const idOf = async (): Promise<number> => (await import("node:worker_threads")).threadId;
  const ids = await Promise.all(Array.from({ length: 60 }, () => spawn(idOf).result));
  assert.ok(new Set(ids).size <= 40, `${new Set(ids).size} threads`);
});

test("tasks that wait for each other all get a thread, however many", async () => {
  const gate = new Int32Array(new SharedArrayBuffer(4));
  const waiting = Array.from({ length: 12 }, () =>
    spawn(
      (words: SharedArrayBuffer, all: number) => {
        const arrived = new Int32Array(words);
        Atomics.add(arrived, 0, 1);
        Atomics.notify(arrived, 0);
        for (;;) {
          const seen = Atomics.load(arrived, 0);
          if (seen === all) return seen;
          Atomics.wait(arrived, 0, seen);
        }
      },
      [gate.buffer, 12],
    ),
  );
  for (const { result } of waiting) assert.equal(await result, 12);
});

test("a task that leaves a timer or a listener behind does not disturb the next one", async () => {
  const ticks = new Int32Array(new SharedArrayBuffer(4));
  const leaving = spawn(
    (words: SharedArrayBuffer) => {
      setInterval(() => Atomics.add(new Int32Array(words), 0, 1), 1);
    },
    [ticks.buffer],
  );
  await leaving.result;
  const idle = spawn(async () => {
    const { setTimeout: sleep } = await import("node:timers/promises");
    const begun =
      process.getActiveResourcesInfo?.().filter((kind) => kind === "Timeout").length ?? 0;
    await sleep(5);
    return begun;
  });
  assert.ok((await idle.result) <= 1, "only the timer that holds the task's own loop");
});

test("a wait that a task leaves behind takes nothing from the next one", async () => {
  for (let i = 0; i < 3; i++) {
    const leaving = spawn(async () => {
      const { current } = await import("quipe");
      void current()
        .quipe.receive()
        .catch(() => {});
    });
    await leaving.result;
    const next = spawn(async () => {
      const { current } = await import("quipe");
      return await current().quipe.receive();
    });
    next.quipe.trySend(i);
    assert.equal(await next.result, i);
  }
});

test("what fails since its task has ended is not blamed on the next task of the thread", async () => {
  const leave = async (inVain: boolean): Promise<string> => {
    const { current, quipe } = await import("quipe");
    const [into, from] = quipe<number, number>();
    for (const end of [into, from, current<number, number>().quipe]) {
      void end.receive().finally(() => {
        if (inVain) throw new Error("this fails as well");
      });
    }
    return "left";
  };
  for (let i = 0; i < 20; i++) {
    const leaving = [false, i < 2, false].map((inVain) => spawn(leave, [inVain]));
    const next = leaving.map(async ({ result }) => [await result, await spawn(echo, [i]).result]);
    assert.deepEqual(await Promise.all(next), [
      ["left", i],
      ["left", i],
      ["left", i],
    ]);
  }
});

test("a dozen tasks at once each get their own arguments and give their own results", async () => {
  const tasks = Array.from({ length: 12 }, (_, i) => spawn(echo, [{ i }]));
  assert.deepEqual(
    await Promise.all(tasks.map(({ result }) => result)),
    Array.from({ length: 12 }, (_, i) => ({ i })),
  );
});

test(
  "a task that computes shares its counter while it runs",
  { skip: isDeno && "Deno could not stop it afterwards [kill-computing]" },
  async () => {
    const words = new Int32Array(new SharedArrayBuffer(4));
    await using task = spawn(count, [words.buffer]);
    assert.equal(await task.quipe.receive(), "running");
    while (Atomics.load(words, 0) < 1000) await spawn(echo, [1]).result;
    assert.equal(task.state, "running");
  },
);

test("a task that replaces a built-in method spoils no later task", async () => {
  await spawn(() => {
    Object.assign(Array.prototype, { push: () => 0 });
    globalThis.parseInt = () => 7;
  }).result;
  for (let round = 0; round < 3; round++) {
    const seen = await spawn(() => {
      const list: number[] = [];
      list.push(1);
      return [list.length, globalThis.parseInt("1")];
    }).result;
    assert.deepEqual(seen, [1, 1]);
  }
});
