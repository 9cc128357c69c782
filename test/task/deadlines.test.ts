/**
 * What bounds a task: deadlines and signals, kept by the reaper whatever everybody else does.
 *
 * Ideas re-expressed from the tests of Trio (a deadline in the past, nested deadlines, cancelled before the start,
 * a task that does not listen) and of Java's structured concurrency (time-outs before, after and at zero).
 */
import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { type Socket, createServer } from "node:net";
import { test } from "node:test";
import type { TaskFunction } from "../../src/task/entry.ts";
import type { Task } from "../../src/task/handle.ts";
import type { Outcome } from "../../src/task/outcome.ts";
import type { QuipeError } from "../../src/errors.ts";
import { spawn } from "../../src/task/spawn.ts";
import { guard } from "../../src/memory/guard.ts";
import { awaitNothing, echo, spin } from "./programs/lives.ts";
import {
  fetchWithSignal,
  tellDeadline,
  tellDeadlines,
  wait,
  watchDerivedSignal,
  watchTakenSignal,
} from "./programs/limits.ts";

const isDeno = "Deno" in globalThis;
const HOUR_MS = 3_600_000;

async function running<T extends Task>(task: T): Promise<T> {
  assert.equal(await task.quipe.receive(), "running");
  return task;
}

function now(): number {
  return performance.timeOrigin + performance.now();
}

async function reasonOf(task: Task): Promise<QuipeError> {
  const outcome = await task.outcome;
  assert.ok(outcome.kind === "cancelled" || outcome.kind === "killed", JSON.stringify(outcome));
  return outcome.reason as QuipeError;
}

test("a signal that was taken before a loop without a turn shows the cancel, and tells its listeners", async () => {
  const task = await running(spawn(watchTakenSignal));
  task.cancel("please");
  assert.deepEqual(await task.result.catch((error: unknown) => error), [
    false,
    "told: please",
    true,
  ]);
});

test("a signal derived from the task's own is aborted with its reason", async () => {
  const task = await running(spawn(watchDerivedSignal));
  task.cancel("please");
  assert.equal(await task.result, "please");
});

test("a fetch with the task's signal is given up", async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    socket.on("error", () => {});
    sockets.push(socket);
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  const task = await running(spawn(fetchWithSignal, [`http://127.0.0.1:${port}/`]));
  task.cancel(new RangeError("please"));
  const outcome = await task.outcome;
  const error = outcome.kind === "done" ? outcome.value : outcome;
  assert.match(String(error), /please|[Aa]bort/);
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

test("a task that waits beyond its deadline is cancelled, and its result says why", async () => {
  const task = spawn(wait, [], { timeoutMs: 30 });
  await assert.rejects(task.result, (error: QuipeError) => {
    assert.equal(error.code, "cancelled");
    assert.match(error.message, /"wait".*deadline/);
    return (error.cause as QuipeError).code === "timed-out";
  });
  assert.equal((await task.outcome).kind, "cancelled");
});

test("the deadline is kept while its spawner is blocked", () => {
  const outcome = spawn(wait, [], { timeoutMs: 30 }).outcomeSync();
  assert.equal(outcome.kind, "cancelled");
});

/** The outcome of a task that had begun when its deadline passed: with more and more time, until it has. */
function outcomeAfterDeadline(body: TaskFunction<[], unknown>, graceMs: number): Outcome {
  for (let timeoutMs = 50; ; timeoutMs *= 2) {
    const task = spawn(body, [], { timeoutMs, graceMs });
    const outcome = task.outcomeSync();
    const hadBegun = task.quipe.statistics().in.sent > 0;
    if (hadBegun || outcome.kind !== "cancelled") return outcome;
  }
}

test("what does not listen is killed after the grace, by its deadline", async () => {
  const outcome = outcomeAfterDeadline(awaitNothing, 5);
  assert.ok(outcome.kind === "killed", JSON.stringify(outcome));
  assert.equal((outcome.reason as QuipeError).code, "timed-out");
  assert.equal(outcome.by, "its deadline");
});

test(
  "an endless loop is killed after the grace while everybody blocks",
  { skip: isDeno && "Deno does not stop a thread that computes [kill-computing]" },
  () => {
    assert.equal(outcomeAfterDeadline(spin, 0).kind, "killed");
  },
);

for (const [name, limit] of Object.entries({
  "a time-out of zero": { timeoutMs: 0 },
  "a negative time-out": { timeoutMs: -1 },
  "a deadline in the past": { deadline: 1 },
  "a deadline at minus infinity": { deadline: -Infinity },
})) {
  test(`with ${name} a task is born cancelled`, async () => {
    const words = new Int32Array(new SharedArrayBuffer(4));
    const task = spawn(
      (shared: SharedArrayBuffer) => Atomics.store(new Int32Array(shared), 0, 1),
      [words.buffer],
      limit,
    );
    assert.equal((await reasonOf(task)).code, "timed-out");
    assert.equal(await spawn(echo, [1]).result, 1);
    assert.equal(Atomics.load(words, 0), 0);
    assert.equal(task.state, "dead");
  });
}

for (const [name, limit] of Object.entries({
  "an infinite time-out": { timeoutMs: Infinity },
  "more milliseconds than a timer takes": { timeoutMs: 2 ** 31 + 5 },
  "a deadline in the far future": { deadline: 1e300 },
  "a grace that never ends": { timeoutMs: HOUR_MS, graceMs: Infinity },
})) {
  test(`with ${name} a task ends well`, async () => {
    assert.equal(await spawn(echo, [7], limit).result, 7);
  });
}

for (const [name, limit] of Object.entries({
  "not a number": { timeoutMs: NaN },
  "a text": { timeoutMs: "5" as never },
  "no deadline": { deadline: NaN },
  "no grace": { graceMs: NaN },
  "no signal": { signal: {} as never },
})) {
  test(`${name} is refused at once`, () => {
    assert.throws(() => spawn(echo, [1], limit), TypeError);
  });
}

test("what was given instead is told as it was written", () => {
  const five = { timeoutMs: "5" as never };
  assert.throws(() => spawn(echo, [1], five), /got "5"\.$/);
  const lines = { timeoutMs: function later() {} as never };
  assert.throws(() => spawn(echo, [1], lines), /got the function later\.$/);
});

test("a grace that is no number is refused, and the task not cancelled", async () => {
  const task = await running(spawn(awaitNothing));
  assert.throws(() => task.cancel("x", { graceMs: NaN }), TypeError);
  assert.equal(task.state, "running");
  await task.kill();
});

test("a task knows its deadline, and what it spawns has an earlier one or the same", async () => {
  const before = now();
  const result = await spawn(tellDeadlines, [2 * HOUR_MS], { timeoutMs: HOUR_MS }).result;
  const [own = 0, leftMs = 0, later] = result;
  assert.ok(own >= before + HOUR_MS && own <= now() + HOUR_MS, String(own - before));
  assert.ok(leftMs > 0 && leftMs <= HOUR_MS, String(leftMs));
  assert.equal(later, own);
  const [, , earlier = 0] = await spawn(tellDeadlines, [HOUR_MS / 2], { timeoutMs: HOUR_MS })
    .result;
  assert.ok(earlier < own, "a child may have less time");
});

test("of a time-out and a deadline the earlier one counts; without either there is none", async () => {
  const deadline = now() + HOUR_MS;
  assert.equal(
    await spawn(tellDeadline, [], { timeoutMs: 2 * HOUR_MS, deadline }).result,
    deadline,
  );
  assert.equal(await spawn(tellDeadline).result, Infinity);
  assert.deepEqual(await spawn(tellDeadlines, [undefined]).result, [Infinity, Infinity, Infinity]);
});

test("a signal cancels the task, with its reason, and is left alone afterwards", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const task = await running(spawn(wait, [], { signal }));
  const other = spawn(echo, [1], { signal });
  assert.equal(await other.result, 1);
  controller.abort("please");
  assert.deepEqual(await task.outcome, { kind: "cancelled", reason: "please" });
  assert.equal(await spawn(echo, [1]).result, 1);
});

test("no listener stays on a signal of tasks and waits that are over", async () => {
  const { signal } = new AbortController();
  const listeners = (): number => getEventListeners(signal, "abort").length;
  const door = guard({ open: false });
  const task = await running(spawn(wait, [], { signal }));
  const waits = [
    task.quipe.receive({ signal, timeoutMs: 1 }),
    door.until((it) => it.open, { signal, timeoutMs: 1 }),
  ];
  await Promise.all(waits.map((one) => assert.rejects(one, { code: "timed-out" })));
  await task.kill();
  assert.equal(listeners(), 0);
});

test("with a signal that is aborted already a task is born cancelled", async () => {
  const task = spawn(awaitNothing, [], { signal: AbortSignal.abort("too late") });
  assert.deepEqual(await task.outcome, { kind: "cancelled", reason: "too late" });
});

test("a task that ignores its signal is killed after the grace", async () => {
  const controller = new AbortController();
  const task = await running(spawn(awaitNothing, [], { signal: controller.signal, graceMs: 1 }));
  controller.abort("please");
  const by = "the main thread";
  assert.deepEqual(await task.outcome, { kind: "killed", reason: "please", by, stopped: true });
});

const aborted = { signal: AbortSignal.abort(new RangeError("given up")) };

test("every wait refuses a signal that is aborted already, and does nothing", async () => {
  const task = await running(spawn(wait));
  const door = guard({ count: 0 });
  const count = (it: { count: number }): number => (it.count += 1);
  const givenUp = { name: "RangeError", message: "given up" };
  await assert.rejects(task.quipe.send(1, aborted), givenUp);
  await assert.rejects(task.quipe.receive(aborted), givenUp);
  await assert.rejects(door.update(count, aborted), givenUp);
  await assert.rejects(
    door.until((it) => it.count, aborted),
    givenUp,
  );
  for (const block of [
    () => task.quipe.sendSync(1, aborted),
    () => task.quipe.receiveSync(aborted),
    () => task.resultSync(aborted),
    () => task.outcomeSync(aborted),
    () => door.updateSync(count, aborted),
  ]) {
    assert.throws(block, givenUp);
  }
  assert.equal(
    door.readSync((it) => it.count),
    0,
  );
  assert.equal(task.quipe.statistics().out.sent, 0);
  await task.kill();
});
