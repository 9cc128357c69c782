/** Streams through tasks: what transforms, what fails in any place, what is killed, who leaves early. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { QuipeError } from "../../src/errors.ts";
import { isPeerGone } from "../../src/quipe/end-errors.ts";
import { spawn } from "../../src/task/spawn.ts";
import { hasCode } from "./ends.ts";
import { collecting, doubling, sendingSome, taking } from "./programs/streaming.ts";
import { all, counting } from "./streams.ts";
import { until } from "../until.ts";

const NO_POISON = -1;

type Pair = {
  readonly readable: ReadableStream<number>;
  readonly writable: WritableStream<number>;
};

/** The end of a task that takes and gives numbers. */
function numbers(task: { readonly quipe: unknown }): Pair {
  return task.quipe as Pair;
}

test("an end is what pipeThrough takes: a task transforms, and both sides end", async () => {
  const task = spawn(doubling, [NO_POISON], { capacity: 4 });
  const doubled = await all(counting(500).stream.pipeThrough(numbers(task)));
  assert.deepEqual(
    doubled,
    Array.from({ length: 500 }, (_, n) => n * 2),
  );
  await task.result;
});

test("two tasks in a row", async () => {
  const tasks = [spawn(doubling, [NO_POISON]), spawn(doubling, [NO_POISON])] as const;
  const [first, second] = tasks;
  const stream = counting(200).stream.pipeThrough(numbers(first)).pipeThrough(numbers(second));
  assert.deepEqual(
    await all(stream),
    Array.from({ length: 200 }, (_, n) => n * 4),
  );
  for (const task of tasks) await task.result;
});

test("a task that fails: what it sent comes, then its error, and the source is cancelled", async () => {
  const task = spawn(doubling, [3]);
  const failed = assert.rejects(task.result, /3 is poison/);
  const source = counting();
  const received: number[] = [];
  await assert.rejects(
    async () => {
      for await (const n of source.stream.pipeThrough(numbers(task))) received.push(n);
    },
    (error: QuipeError) => {
      assert.equal(error.code, "peer-failed");
      assert.match(String(error.cause), /RangeError: 3 is poison/);
      return true;
    },
  );
  assert.deepEqual(received, [0, 2, 4]);
  await until(() => source.cancelled() !== undefined);
  await failed;
});

test("a source that fails: the task gets what came before, and then the error", async () => {
  const task = spawn(collecting);
  const source = new ReadableStream<number>({
    start(controller) {
      controller.enqueue(1);
    },
    pull: () => Promise.reject(new RangeError("torn")),
  });
  await assert.rejects(source.pipeTo(task.quipe.writable), /torn/);
  const { items, error } = await task.result;
  assert.deepEqual(items, [1]);
  assert.equal((error as QuipeError).code, "peer-failed");
  assert.match(String((error as QuipeError).cause), /RangeError: torn/);
});

test("a killed task: what it sent comes, then `peer-killed`, never an end", async () => {
  for (let round = 0; round < 3; round++) {
    const task = spawn(sendingSome, [round]);
    const writer = task.quipe.writable.getWriter();
    const broken = assert.rejects(writer.closed, hasCode("broken"));
    const received: unknown[] = [];
    const reading = (async () => {
      for await (const n of task.quipe.readable) received.push(n);
    })();
    const killed = assert.rejects(reading, hasCode("peer-killed"));
    await until(() => received.length === round);
    await task.kill("enough");
    await killed;
    await broken;
  }
});

test("a task killed in the midst of a pipe is not taken for one that failed or ended", async () => {
  for (let round = 0; round < 3; round++) {
    const task = spawn(doubling, [NO_POISON], { capacity: 2 });
    const source = counting();
    const reader = source.stream.pipeThrough(numbers(task)).getReader();
    for (let i = 0; i <= round; i++) assert.equal((await reader.read()).value, i * 2);
    const reading = (async () => {
      while (!(await reader.read()).done);
    })();
    const killed = assert.rejects(reading, hasCode("peer-killed"));
    await task.kill("enough");
    await killed;
    await until(() => source.cancelled() !== undefined);
    assert.ok(hasCode("broken")(source.cancelled()?.reason));
  }
});

test("whoever leaves early stops the task and the source, through every pipe", async () => {
  const tasks = [
    spawn(doubling, [NO_POISON], { capacity: 2 }),
    spawn(doubling, [NO_POISON], { capacity: 2 }),
  ] as const;
  const outcomes = Promise.all(tasks.map((task) => task.outcome));
  const source = counting();
  const stream = source.stream.pipeThrough(numbers(tasks[0])).pipeThrough(numbers(tasks[1]));
  for await (const n of stream) if (n === 40) break;
  for (const outcome of await outcomes) {
    assert.ok(outcome.kind === "failed");
    assert.ok(isPeerGone(outcome.error));
  }
  await until(() => source.cancelled() !== undefined);
});

test("a task that takes a few and returns: they come, the stream ends well, the source is cancelled", async () => {
  const task = spawn(taking, [3]);
  const source = counting();
  assert.deepEqual(await all(source.stream.pipeThrough(numbers(task))), [0, 1, 2]);
  await task.result;
  await until(() => source.cancelled() !== undefined);
});

test("a cancelled task is one that failed, with that as the cause", async () => {
  const task = spawn(doubling, [NO_POISON]);
  const reader = counting(5).stream.pipeThrough(numbers(task), { preventClose: true }).getReader();
  for (let i = 0; i < 5; i++) await reader.read();
  task.cancel("not needed");
  await assert.rejects(reader.read(), (error: QuipeError) => {
    assert.equal((error.cause as QuipeError).code, "cancelled");
    return hasCode("peer-failed")(error);
  });
  await task.outcome;
});
