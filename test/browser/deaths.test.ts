/** Deaths in a browser: a thread is dead when its lock says so, and nothing of it is used again before that. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type End, type QuipeError, guard, quipe, spawn } from "quipe";

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

/** Counts in shared memory, for ever. */
async function countForEver(words: Int32Array): Promise<never> {
  const { current } = await import("quipe");
  current().quipe.trySend("counting");
  for (;;) Atomics.add(words, 0, 1);
}

test("a task that computes has stopped when its kill is told", async () => {
  const words = new Int32Array(new SharedArrayBuffer(4));
  const counting = spawn(countForEver, [words]);
  await counting.quipe.receive();
  assert.equal(await counting.kill("enough"), true);
  const stoppedAt = Atomics.load(words, 0);
  const outcome = await counting.outcome;
  assert.ok(outcome.kind === "killed" && outcome.stopped);
  assert.equal(outcome.reason, "enough");
  for (let i = 0; i < 5; i++) await turn();
  assert.equal(Atomics.load(words, 0), stoppedAt, "it writes no more");
});

test("what a task has closed while it was being killed says why to the other side", async () => {
  for (let round = 0; round < 12; round++) {
    const [left, right] = quipe<never, never>();
    const words = new Int32Array(new SharedArrayBuffer(8));
    const telling = spawn(
      async (end: End<never, never>, shared: Int32Array) => {
        const { current } = await import("quipe");
        current().quipe.trySend("here");
        while (Atomics.load(shared, 0) === 0);
        Atomics.store(shared, 1, end.close(new RangeError("last words")) ? 1 : 2);
        await new Promise(() => {});
      },
      [left, words],
    );
    await telling.quipe.receive();
    const killed = telling.kill();
    Atomics.store(words, 0, 1);
    const error = await right.receive().catch((reason: QuipeError) => reason);
    assert.equal(await killed, true);
    assert.ok(error instanceof Error);
    if (Atomics.load(words, 1) !== 1) continue; // the kill came first
    assert.equal(error.code, "peer-failed");
    assert.equal((error.cause as Error).message, "last words");
  }
});

test("what a killed task was changing is undone after its end, and nobody gets in before", async () => {
  const words = new Int32Array(new SharedArrayBuffer(4));
  const shared = guard({ count: 1 });
  const inside = spawn(
    async (it: typeof shared, alive: Int32Array) => {
      const { current } = await import("quipe");
      it.updateSync((value) => {
        value.count = 99;
        current().quipe.trySend("inside");
        for (;;) Atomics.wait(alive, 0, Atomics.add(alive, 0, 1) + 1, 0.1);
      });
    },
    [shared, words],
  );
  await inside.quipe.receive();
  const killed = inside.kill();
  const seen = await shared.update((value) => {
    value.count += 1;
    return { count: value.count, alive: Atomics.load(words, 0) };
  });
  assert.equal(seen.count, 2);
  for (let i = 0; i < 5; i++) await turn();
  assert.equal(Atomics.load(words, 0), seen.alive, "its thread had ended before anybody got in");
  assert.equal(await killed, true);
});

test("a task that dies asleep takes no wake-up from those who live", async () => {
  const [left, right] = quipe<number, never>({ capacity: 4 });
  const receive = async (end: End<never, number>): Promise<number> => {
    let sum = 0;
    for (const n of end) sum += n;
    return sum;
  };
  const doomed = spawn(receive, [right.clone()]);
  const living = [spawn(receive, [right.clone()]), spawn(receive, [right.clone()])];
  right.close();
  const all = [doomed, ...living];
  while (!all.every((task) => task.blockedOn !== "nothing")) await turn();
  const killed = doomed.kill();
  while (doomed.state !== "dying" && doomed.state !== "dead") await turn();
  for (let n = 1; n <= 50; n++) await left.send(n);
  left.close();
  const sums = await Promise.all(living.map((task) => task.result));
  assert.equal(
    sums.reduce((total, sum) => total + sum, 0),
    1275,
  );
  assert.equal(await killed, true);
});

test("a task that sleeps in a wait of its own is killed, and its sleep disturbs nobody", async () => {
  const words = new Int32Array(new SharedArrayBuffer(4));
  const sleeping = spawn(
    async (own: Int32Array) => {
      const { current } = await import("quipe");
      current().quipe.trySend("asleep");
      Atomics.wait(own, 0, 0);
    },
    [words],
  );
  await sleeping.quipe.receive();
  await sleeping.kill();
  const outcome = await sleeping.outcome;
  assert.ok(outcome.kind === "killed" && outcome.stopped);
});

test("a thread that closes itself is a crash", async () => {
  const closing = spawn(async () => {
    (globalThis as unknown as { close(): void }).close();
    await new Promise(() => {});
  });
  const outcome = await closing.outcome;
  assert.equal(outcome.kind, "crashed");
  assert.equal(outcome.kind === "crashed" && (outcome.error as QuipeError).code, "crashed");
});

test("what nothing catches fails its task, and is nobody else's error", async () => {
  const late = spawn(async () => {
    setTimeout(() => {
      throw new RangeError("from a timer");
    });
    await new Promise(() => {});
  });
  await assert.rejects(late.result, { name: "RangeError", message: "from a timer" });
  const floating = spawn(async () => {
    void Promise.reject(new RangeError("from a promise"));
    await new Promise(() => {});
  });
  await assert.rejects(floating.result, { name: "RangeError", message: "from a promise" });
});

test("a module that is not there is told as such", async () => {
  const module = new URL("./no-such-module.js", import.meta.url);
  await assert.rejects(spawn({ module }).result, { code: "module-not-loaded" });
});

test("a timer that a task leaves behind ends with its thread", async () => {
  const words = new Int32Array(new SharedArrayBuffer(4));
  const leaving = spawn(
    (own: Int32Array) => void setInterval(() => Atomics.add(own, 0, 1)),
    [words],
  );
  await leaving.result;
  const stoppedAt = Atomics.load(words, 0);
  for (let i = 0; i < 10; i++) await turn();
  assert.equal(Atomics.load(words, 0), stoppedAt);
});
