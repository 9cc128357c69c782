/** Ends in two threads: what each side hears when the task at the other end ends in any way. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { QuipeError } from "../../src/errors.ts";
import { freeze } from "../../src/memory/freeze.ts";
import type { Task } from "../../src/task/handle.ts";
import { spawn } from "../../src/task/spawn.ts";
import {
  awaitNothing,
  blockInReceive,
  parentOfWitness,
  receiveAll,
  receiveSome,
  sendThen,
} from "../task/programs/lives.ts";
import { hasCode } from "./ends.ts";
import { cannotExit } from "../exit-thread.ts";

type Received = { items: unknown[]; error: QuipeError | undefined };

/** Everything that the task sent, and what the iteration threw. */
async function receiveFrom(task: Task): Promise<Received> {
  const items: unknown[] = [];
  try {
    for await (const item of task) items.push(item);
    return { items, error: undefined };
  } catch (error) {
    return { items, error: error as QuipeError };
  }
}

const counted = Array.from({ length: 20 }, (_, i) => i);

test("a task that is done: everything it sent, then the end", async () => {
  const task = spawn(sendThen, [20, 0, "return"], { capacity: 4 });
  assert.deepEqual(await receiveFrom(task), { items: counted, error: undefined });
  assert.throws(() => task.quipe.tryReceive(), hasCode("ended"));
  assert.throws(() => task.quipe.receiveSync(), hasCode("ended"));
  await assert.rejects(task.quipe.send(1), hasCode("broken"));
});

test("a task that failed: everything it sent, then `peer-failed` with its error as the cause", async () => {
  for (let round = 0; round < 20; round++) {
    const task = spawn(sendThen, [3, 0, "throw"]);
    const { items, error } = await receiveFrom(task);
    assert.deepEqual(items, [0, 1, 2]);
    assert.equal(error?.code, "peer-failed");
    assert.ok(
      error.cause instanceof RangeError,
      "the cause is never missed, however early one looks",
    );
    assert.equal((error.cause as { code?: string }).code, "E_SENT");
    assert.equal((await task.outcome).kind, "failed");
  }
});

test("a task whose thread ended: everything it sent, then `peer-killed` with the crash as the cause", async () => {
  const task = spawn(sendThen, [20, 0, "exit"], { capacity: 32 });
  const { items, error } = await receiveFrom(task);
  assert.deepEqual(items, counted);
  assert.equal(error?.code, "peer-killed");
  assert.match(String(error.cause), cannotExit === false ? /exit code 5/ : /ended its thread/);
});

test("a task that closed its end and lives on: everything it sent, then the end at once", async () => {
  const task = spawn(sendThen, [2, 0, "close"]);
  assert.deepEqual(await receiveFrom(task), { items: [0, 1], error: undefined });
  assert.equal(await task.result, 2);
});

test("what a task sent can be received long after it is dead, large items and frozen ones too", async () => {
  const task = spawn(sendThen, [3, 100_000, "return"]);
  assert.equal(await task.result, 3);
  for (let i = 0; i < 50; i++) await spawn((x: number) => x, [i]).result; // other tasks come and go
  const { items, error } = await receiveFrom(task);
  assert.equal(error, undefined);
  assert.deepEqual(
    items,
    [0, 1, 2].map((i) => new Uint8Array(100_000).fill(i)),
  );
  const frozen = spawn(async () => {
    const { current } = await import("quipe");
    const { freeze: share } = await import("quipe");
    await current().quipe.send(share({ rows: [1, 2, 3] }));
  });
  await frozen.result;
  assert.deepEqual(await frozen.quipe.receive(), { rows: [1, 2, 3] });
});

test("a task receives what was sent before it began, in order, by value and by reference", async () => {
  const task = spawn(receiveSome, [4]);
  const place = freeze({ name: "Oslo" });
  await task.quipe.send(1);
  await task.quipe.send(new Uint8Array(100_000).fill(7));
  await task.quipe.send(place);
  await task.quipe.send({ again: place });
  assert.deepEqual(await task.result, [
    1,
    new Uint8Array(100_000).fill(7),
    place,
    { again: place },
  ]);
});

test("a task hears when the spawner's end is closed, and why", async () => {
  const finished = spawn(receiveAll);
  finished.quipe.trySend("a");
  finished.quipe.close();
  assert.deepEqual(await finished.result, { received: ["a"], end: "finished" });
  const failed = spawn(receiveAll);
  failed.quipe.trySend("a");
  failed.quipe.close(new RangeError("why"));
  const heard = (await failed.result) as { end: string; cause: unknown };
  assert.equal(heard.end, "peer-failed");
  assert.ok(heard.cause instanceof RangeError);
});

for (const [end, heard] of [
  ["throw", "peer-failed"],
  ["return", "ended"],
  ["spin", "peer-killed"],
] as const) {
  test(`a task whose spawner ends by ${end} hears \`${heard}\``, (t) => {
    const report = new Int32Array(new SharedArrayBuffer(4));
    const spawner = spawn(parentOfWitness, [report.buffer, end]);
    t.after(() => spawner.kill()); // on a page this test goes no further than to its first blocking call
    assert.equal(spawner.quipe.receiveSync(), "running");
    if (end === "spin") void spawner.kill();
    void spawner.outcome;
    assert.notEqual(Atomics.wait(report, 0, 0, 20_000), "timed-out");
    const seen = ["", "ended", "peer-failed", "peer-killed"][Atomics.load(report, 0)];
    assert.equal(seen, heard);
  });
}

test("sends that wait for a task that never receives are `broken` when it dies", async () => {
  const task = spawn(awaitNothing, [], { capacity: 1 });
  assert.equal(await task.quipe.receive(), "running");
  task.quipe.trySend(0);
  const sends = [1, 2, 3].map((item) => assert.rejects(task.quipe.send(item), hasCode("broken")));
  assert.equal(await task.kill(), true);
  await Promise.all(sends);
  assert.throws(() => task.quipe.sendSync(4), hasCode("broken"));
  assert.equal(task.quipe.statistics().out.taken, 0);
});

test("a receive that blocks is told of a kill that another thread asked for", () => {
  const task = spawn(blockInReceive);
  assert.equal(task.quipe.receiveSync(), "running");
  void task.kill();
  assert.throws(() => task.quipe.receiveSync(), hasCode("peer-killed"));
});

test("two threads exchange ten thousand items through one slot, blocking and waiting in turn", async () => {
  const count = 10_000;
  const adder = spawn(
    async (items: number) => {
      const { current } = await import("quipe");
      const { quipe } = current<number, number>();
      for (let i = 0; i < items; i++) {
        if (i % 2 === 0) await quipe.send((await quipe.receive()) + 1);
        else quipe.sendSync(quipe.receiveSync() + 1);
      }
    },
    [count],
    { capacity: 1 },
  );
  for (let i = 0; i < count; i++) {
    if (i % 3 === 0) adder.quipe.sendSync(i);
    else await adder.quipe.send(i);
    assert.equal(i % 5 === 0 ? adder.quipe.receiveSync() : await adder.quipe.receive(), i + 1);
  }
  await adder.result;
});
