/**
 * Killing a thread that computes and never looks up. Where the runtime can stop it, it is stopped; Deno cannot,
 * and then everybody is told so in time. A file of its own, and the loop that nothing can end at the end of it: it computes until
 * the process ends.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { spawn } from "../../src/task/spawn.ts";
import { freeze } from "../../src/memory/freeze.ts";
import { share } from "../../src/memory/share.ts";
import { thaw, tryThaw } from "../../src/memory/thaw.ts";
import { countSlots } from "../../src/sync/board.ts";
import { thisThread } from "../../src/sync/thread.ts";
import { until } from "../until.ts";
import { count, echo } from "./programs/lives.ts";

const stops = !("Deno" in globalThis);

async function loopInWasm(): Promise<void> {
  const { current } = await import("quipe");
  const code = [
    "0061736d01000000", // a module
    "0104016000000207", // with functions of type () → ()
    "01016d0166000003", // that imports one, m.f,
    "0201000705010166", // and exports another one, f,
    "00010a0b01090010", // that calls m.f
    "0003400c000b0b", // and loops
  ];
  const bytes = (code.join("").match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16));
  const { WebAssembly: wasm } = globalThis as unknown as {
    WebAssembly: {
      instantiate(
        code: Uint8Array,
        imports: { m: { f(): void } },
      ): Promise<{ instance: { exports: { f(): void } } }>;
    };
  };
  const sayRunning = (): void => void current<string>().quipe.trySend("running");
  const { instance } = await wasm.instantiate(new Uint8Array(bytes), { m: { f: sayRunning } });
  instance.exports.f();
}

async function waitByItself(): Promise<void> {
  const { current } = await import("quipe");
  current<string>().quipe.trySend("running");
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

async function waitInQuipe(): Promise<void> {
  const { current } = await import("quipe");
  current<string>().quipe.trySend("running");
  current<string>().quipe.receiveSync();
}

/** Ends a loop of `count` that nobody could stop, so that it takes nothing from the other tests. */
async function stop(words: Int32Array): Promise<void> {
  const { board } = thisThread();
  const { dying } = countSlots(board);
  Atomics.store(words, 1, 1);
  await until(() => stops || countSlots(board).dying < dying);
}

// docs/runtimes.md: kill-computing
test("killed while it computes: the outcome says whether the thread has stopped, and says the truth", async () => {
  const words = new Int32Array(new SharedArrayBuffer(8));
  const task = spawn(count, [words.buffer]);
  assert.equal(await task.quipe.receive(), "running");
  await until(() => Atomics.load(words, 0) > 0);
  assert.equal(await task.kill("enough"), true);
  assert.deepEqual(await task.outcome, {
    kind: "killed",
    reason: "enough",
    by: "the main thread",
    stopped: stops,
  });
  await assert.rejects(
    task.result,
    stops ? /was killed by the main thread: enough/ : /could not be stopped yet/,
  );
  const before = Atomics.load(words, 0);
  assert.equal(await spawn(echo, [1]).result, 1, "others live on");
  if (stops) assert.equal(Atomics.load(words, 0), before, "it has stopped");
  else await until(() => Atomics.load(words, 0) !== before);
  await stop(words);
});

// docs/runtimes.md: kill-waiting
test("a task in a wait of its own is stopped where the runtime can do so, one in a wait of quipe everywhere", async () => {
  for (const [body, isStopped] of [
    [waitByItself, stops],
    [waitInQuipe, true],
  ] as const) {
    const task = spawn(body);
    assert.equal(await task.quipe.receive(), "running");
    await task.kill("enough");
    const outcome = await task.outcome;
    assert.equal(outcome.kind === "killed" && outcome.stopped, isStopped, body.name);
  }
});

test("a grace that has run out ends in the same way", async () => {
  const words = new Int32Array(new SharedArrayBuffer(8));
  const task = spawn(count, [words.buffer, true]);
  assert.equal(await task.quipe.receive(), "running");
  task.cancel("enough", { graceMs: 10 });
  assert.deepEqual(await task.outcome, {
    kind: "killed",
    reason: "enough",
    by: "the main thread",
    stopped: stops,
  });
  await stop(words);
});

test("a killed task that nobody could stop is not alive for those who talk to it", async () => {
  const words = new Int32Array(new SharedArrayBuffer(8));
  const task = spawn(count, [words.buffer, true]);
  assert.equal(await task.quipe.receive(), "running");
  await task.kill();
  assert.throws(() => task.quipe.tryReceive(), { code: "peer-killed" });
  assert.throws(() => task.quipe.trySend(1), { code: "broken" });
  assert.equal(task.state, "dead");
  await stop(words);
});

// docs/runtimes.md: kill-computing
test("a task that could not be stopped gives back its slot and its pins once its thread has ended after all", async () => {
  const gate = new Int32Array(new SharedArrayBuffer(8));
  const frozen = freeze(share({ count: 1 }));
  const task = spawn(
    (data: { count: number }, words: SharedArrayBuffer) => {
      const open = new Int32Array(words);
      Atomics.store(open, 1, data.count);
      while (Atomics.wait(open, 0, 0, 0.1) === "timed-out"); // without a look at anything that quipe does
      return "too late";
    },
    [frozen, gate.buffer],
  );
  await until(() => Atomics.load(gate, 1) > 0);
  const { board } = thisThread();
  const { taken } = countSlots(board);
  await task.kill("enough");
  const outcome = await task.outcome;
  assert.equal(outcome.kind === "killed" && outcome.stopped, stops);
  if (!stops) {
    assert.equal(countSlots(board).taken, taken, "its slot is not given to anybody");
    assert.throws(() => tryThaw(frozen), { code: "readers-present" });
  }
  Atomics.store(gate, 0, 1);
  assert.equal((await thaw(frozen)).count, 1);
  await until(() => countSlots(board).taken < taken);
});

// docs/runtimes.md: kill-wasm
test("a loop of WebAssembly is stopped where the runtime can do so, and elsewhere the outcome says whether it was", async () => {
  const task = spawn(loopInWasm);
  assert.equal(await task.quipe.receive(), "running");
  await task.kill("enough");
  const outcome = await task.outcome;
  assert.ok(outcome.kind === "killed");
  // Bun stops what it interprets still, and not what it has compiled.
  assert.ok("Bun" in globalThis || outcome.stopped === stops);
});
