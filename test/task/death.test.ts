/** A task that is killed or ends its thread: everybody hears of it, in time and truly, and others live on. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { QuipeError } from "../../src/errors.ts";
import type { Task } from "../../src/task/handle.ts";
import { spawn } from "../../src/task/spawn.ts";
import {
  awaitNothing,
  awaitReceive,
  blockInReceive,
  echo,
  parent,
  sendForEver,
  spin,
} from "./programs/lives.ts";
import { nextTurn } from "../../src/runtime/host.ts";
import { cannotExit } from "../exit-thread.ts";
import { withoutLimits } from "../here.ts";

const isDeno = "Deno" in globalThis;
/** Deno ends a thread that runs out of memory while its module is loaded; in a callback it stays, without a word. */
const noLimits =
  withoutLimits ||
  (isDeno && "Deno 2.9 tells nobody of a thread that ran out of memory in a callback");
/** A kill mostly costs a thread, and Deno takes a second for a new one (docs/runtimes.md). */
const RACES = isDeno ? 8 : 20;

async function running<T extends Task>(task: T): Promise<T> {
  assert.equal(await task.quipe.receive(), "running");
  return task;
}

for (const [where, body] of Object.entries({ awaitNothing, awaitReceive, blockInReceive })) {
  test(`killed in ${where}: stopped, repaired, told, with the reason`, async () => {
    const task = await running(spawn<[], unknown>(body));
    assert.equal(await task.kill("enough"), true);
    assert.deepEqual(await task.outcome, {
      kind: "killed",
      reason: "enough",
      by: "the main thread",
      stopped: true,
    });
    await assert.rejects(task.result, (error: QuipeError) => {
      assert.match(error.message, /was killed by the main thread: enough/);
      assert.equal(error.cause, "enough");
      return error.code === "killed";
    });
    assert.equal(await task.kill("again"), false);
    assert.equal(task.state, "dead");
  });
}

test("killed while it sends: the items up to then arrive, then `peer-killed`, for ever", async () => {
  const task = spawn(sendForEver, [], { capacity: 8 });
  assert.equal(await task.quipe.receive(), 0);
  await task.kill("no more");
  let expected = 1;
  const error = await (async () => {
    for await (const item of task) assert.equal(item, expected++);
    return assert.fail("a killed sender looked like one that had finished");
  })().catch((thrown: QuipeError) => thrown);
  assert.equal(error.code, "peer-killed");
  assert.match(String(error.cause), /killed by the main thread: no more/);
  assert.ok(expected <= 10);
  assert.throws(() => task.quipe.tryReceive(), { code: "peer-killed" });
  assert.throws(() => task.quipe.trySend(1), { code: "broken" });
});

test("killed before it began: it never runs", async () => {
  const words = new Int32Array(new SharedArrayBuffer(4));
  for (let i = 0; i < 3; i++) {
    const task = spawn(
      (shared: SharedArrayBuffer) => Atomics.add(new Int32Array(shared), 0, 1),
      [words.buffer],
    );
    const killed = await task.kill("at once");
    const outcome = await task.outcome;
    assert.equal(outcome.kind, killed ? "killed" : "done");
    assert.equal(Atomics.load(words, 0), killed ? 0 : 1);
    Atomics.store(words, 0, 0);
  }
});

test("a handle that is disposed of kills its task", async () => {
  let inner: Task | undefined;
  {
    await using task = spawn(awaitNothing);
    inner = await running(task);
  }
  assert.equal((await inner.outcome).kind, "killed");
});

for (const code of [0, 3]) {
  test(
    `process.exit(${code}) in a task is a crash that says so`,
    { skip: cannotExit },
    async () => {
      const outcome = await spawn((exitCode: number) => process.exit(exitCode), [code]).outcome;
      assert.ok(
        outcome.kind === "crashed" && outcome.error instanceof QuipeError,
        JSON.stringify(outcome),
      );
      assert.equal(outcome.error.code, "crashed");
      assert.match(outcome.error.message, new RegExp(`exit code ${code} `));
    },
  );
}

test("a spawner that is blocked hears of an exit", { skip: cannotExit }, () => {
  for (let i = 0; i < 3; i++) {
    assert.equal(spawn(() => process.exit(3)).outcomeSync().kind, "crashed");
    assert.equal(spawn(echo, [i]).resultSync(), i);
  }
});

test("a spawner that is blocked in a receive hears of an exit", { skip: cannotExit }, () => {
  const task = spawn(() => process.exit(3));
  assert.throws(() => task.quipe.receiveSync(), { code: "peer-killed" });
  assert.equal(task.outcomeSync().kind, "crashed");
});

test("out of memory is a crash with the runtime's own words", { skip: noLimits }, async () => {
  const greedy = (): never => {
    const hoard: number[][] = [];
    for (;;) hoard.push(Array.from({ length: 10_000 }, (_, i) => i + 0.5));
  };
  const outcome = await spawn(greedy, [], { resourceLimits: { maxOldGenerationSizeMb: 16 } })
    .outcome;
  assert.equal(outcome.kind, "crashed");
  assert.match(
    String(outcome.kind === "crashed" && outcome.error),
    /memory.*maxOldGenerationSizeMb: 16/,
  );
  assert.equal(await spawn(echo, [1]).result, 1);
});

test("what no thread can be started with is refused at once, and nothing is left of it", async () => {
  const bad = [
    { name: 5 as unknown as string },
    { resourceLimits: { maxOldGenerationSizeMb: 1 } },
    { resourceLimits: { stackSizeMb: 0.01 } },
    { resourceLimits: { maxYoungGenerationSizeMb: "8" as unknown as number } },
  ];
  for (const options of bad) {
    assert.throws(() => spawn(echo, [1], options), /Expected `(name|resourceLimits\.\w+)` to be /);
  }
  assert.equal(await spawn(echo, [1]).result, 1);
});

test("killed and cancelled while they wait for a thread, tasks end at once and never run", async () => {
  const words = new Int32Array(new SharedArrayBuffer(4));
  const more = 40;
  const tasks = Array.from({ length: more }, () =>
    spawn((shared: SharedArrayBuffer) => Atomics.add(new Int32Array(shared), 0, 1), [words.buffer]),
  );
  const latest = tasks.slice(more / 2);
  latest.forEach((task, i) => (i % 2 === 0 ? void task.kill("early") : task.cancel("early")));
  const kinds = await Promise.all(tasks.map(async ({ outcome }) => (await outcome).kind));
  const ran = kinds.filter((kind) => kind === "done").length;
  assert.ok(ran >= more / 2, kinds.join());
  assert.ok(kinds.includes("killed") && kinds.includes("cancelled"), kinds.join());
  assert.ok(Atomics.load(words, 0) >= ran && Atomics.load(words, 0) < more, `${words[0]} ran`);
});

test("tasks that are killed at the moment they end do not harm the next ones", async () => {
  for (let i = 0; i < RACES; i++) {
    const task = spawn(echo, [i]);
    if (i % 2 === 0) await nextTurn();
    const killed = await task.kill("race");
    assert.equal((await task.outcome).kind, killed ? "killed" : "done");
    assert.equal(await spawn(echo, [i]).result, i);
  }
});

test("of two kills at once both are answered, and the task dies once", async () => {
  const task = await running(spawn(awaitNothing));
  const answers = await Promise.all([task.kill("a"), task.kill("b")]);
  assert.ok(answers.includes(true));
  assert.equal((await task.outcome).kind, "killed");
});

test(
  "a task whose spawner is killed lives on",
  { skip: isDeno && "Deno could not stop it afterwards" },
  async () => {
    const words = new Int32Array(new SharedArrayBuffer(4));
    const task = await running(spawn(parent, [words.buffer]));
    await task.kill();
    const before = Atomics.load(words, 0);
    while (Atomics.load(words, 0) === before) await spawn(echo, [1]).result;
  },
);

test(
  "an endless loop is killed while this thread blocks for the outcome",
  { skip: isDeno && "Deno does not stop a thread that computes" },
  async () => {
    const task = await running(spawn(spin));
    const killing = task.kill("sync");
    assert.deepEqual(task.outcomeSync(), {
      kind: "killed",
      reason: "sync",
      by: "the main thread",
      stopped: true,
    });
    assert.equal(await killing, true);
  },
);
