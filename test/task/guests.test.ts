/** Workers that the program makes itself, for one task each: `spawn({ worker: () => new Worker(…) })`. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import type { QuipeError } from "../../src/errors.ts";
import { runtimeName } from "../../src/runtime/host.ts";
import { freeze } from "../../src/memory/freeze.ts";
import { scope } from "../../src/task/scope.ts";
import { spawn } from "../../src/task/spawn.ts";
import { guestOwner } from "./programs/guest-owner.ts";

const cannotStop = runtimeName() === "deno" && "Deno does not stop a thread that computes";
const file = new URL("./programs/guest-file.js", import.meta.url);

function guest(task: string): { worker: () => Worker; task: string } {
  return { worker: () => new Worker(file, { workerData: "untouched" }), task };
}

/** A worker with a file of this text. */
function textual(text: string): { worker: () => Worker } {
  return { worker: () => new Worker(new URL(`data:text/javascript,${encodeURIComponent(text)}`)) };
}

test("a marked function runs on a worker of the program's own", async () => {
  const task = spawn(guest("report"), [1], { name: "mine" });
  assert.deepEqual(await task.result, { name: "mine", x: 1, workerData: "untouched" });
  assert.equal(await spawn(guest("late")).result, "late");
});

test("the only function of a file needs no name, which minifiers take away", async () => {
  const worker = (): Worker => new Worker(new URL("./programs/single-task.js", import.meta.url));
  assert.equal(await spawn({ worker }, [21]).result, 42);
});

test("it has a quipe, arguments by reference and names like any task", async () => {
  const task = spawn<string>(guest("echo"), [], { names: { any: 1 } });
  const graph = freeze({ a: [1, 2] });
  await task.quipe.send(graph);
  assert.deepEqual(await task.quipe.receive(), { a: [1, 2] });
  task.quipe.close();
  assert.equal(await task.result, "done");
});

test("it may belong to a scope, which ends it", async () => {
  const s = scope({ policy: "settle" });
  const task = s.spawn<void>(guest("wait"));
  await task.quipe.receive();
  s.cancel("enough", { graceMs: 0 });
  const [outcome] = await s.join();
  assert.equal(outcome?.kind, "killed");
});

test("the worker may talk with the program as before", async () => {
  let made: Worker | undefined;
  const task = spawn({ ...guest("wait"), worker: () => (made = new Worker(file)) });
  await task.quipe.receive();
  made?.postMessage("hello");
  assert.deepEqual(await once(made as Worker, "message"), ["hello yourself"]);
  assert.equal(await task.kill(), true);
});

test("the worker is gone when its task is over", async () => {
  let made: Worker | undefined;
  const ended = new Promise<number>((resolve) => {
    const worker = (): Worker => {
      made = new Worker(file);
      made.once("exit", resolve);
      return made;
    };
    void spawn({ worker, task: "report" }, [1]).outcome;
  });
  assert.equal(typeof (await ended), "number");
});

test("a kill stops it, whether it computes or waits, also while this thread is blocked", async (t) => {
  if (cannotStop !== false) return t.skip(cannotStop);
  for (const name of ["spin", "wait"]) {
    const task = spawn(guest(name));
    task.quipe.receiveSync();
    const killing = task.kill("enough");
    const outcome = task.outcomeSync();
    assert.ok(outcome.kind === "killed" && outcome.stopped, JSON.stringify(outcome));
    assert.equal(await killing, true);
  }
});

test("a cancel whose grace runs out ends it", async (t) => {
  if (cannotStop !== false) return t.skip(cannotStop);
  let made: Worker | undefined;
  const task = spawn({ worker: () => (made = new Worker(file)), task: "spin" });
  task.quipe.receiveSync();
  const ended = once(made as Worker, "exit");
  const { outcome } = task;
  task.cancel("too slow", { graceMs: 1 });
  await ended;
  assert.equal((await outcome).kind, "killed");
});

test("a worker that ends by itself crashes its task, also for a thread that blocks for it", async () => {
  const outcome = spawn(guest("leave")).outcomeSync();
  assert.equal(outcome.kind, "crashed");
  const later = await spawn(guest("leave")).outcome;
  assert.match(String(later.kind === "crashed" && later.error), /exit code 5/);
});

test("a worker whose file does not load crashes its task with the reason", async () => {
  const cases: readonly (readonly [{ worker: () => Worker }, RegExp])[] = [
    [textual("throw new RangeError('while loading')"), /while loading/],
    [{ worker: () => new Worker(new URL("./nowhere.js", import.meta.url)) }, /nowhere/],
  ];
  for (const [what, reason] of cases) {
    const outcome = await spawn(what).outcome;
    assert.ok(outcome.kind === "crashed", JSON.stringify(outcome));
    assert.match(String(outcome.error), reason);
  }
});

test("a function that the file does not mark is missed by name, as is the choice among several", async () => {
  for (const [task, what] of [
    ["nobody", 'one function "nobody"'],
    [undefined, "exactly one function"],
  ]) {
    await assert.rejects(
      spawn({ worker: () => new Worker(file), ...(task !== undefined && { task }) }).result,
      (error: QuipeError) => {
        assert.equal(error.code, "module-not-loaded");
        assert.match(error.message, /It marks report, echo, spin, wait, leave/);
        assert.ok(error.message.includes(what as string), error.message);
        return true;
      },
    );
  }
});

test("what is no factory of workers is refused at once", () => {
  const throwing = (): never => {
    throw new RangeError("no worker today");
  };
  const cases: readonly (readonly [unknown, RegExp])[] = [
    [{ worker: () => 5 }, /TypeError: Expected { worker } to return a Worker .* got 5/],
    [{ worker: () => undefined }, /got undefined/],
    [{ worker: async () => new Worker(file) }, /got a promise; it may not be async/],
    [{ worker: 5 }, /TypeError: Expected a function that makes a worker/],
    [{ worker: () => new Worker(file), task: 5 }, /TypeError: Expected `task` to be the name/],
    [{ worker: throwing }, /RangeError: no worker today/],
  ];
  for (const [what, message] of cases) {
    assert.throws(
      () => spawn(what as { worker: () => Worker }),
      (error) => message.test(String(error)),
    );
  }
});

test("workers that quipe did not ask for stay alone, also inside one that it did", async () => {
  const stranger = new Worker(file);
  stranger.postMessage("hello");
  assert.deepEqual(await once(stranger, "message"), ["hello yourself"]);
  await stranger.terminate();
});

test("a worker of the runtime's own kind will do, unless it gives quipe nothing to recognize", async (t) => {
  const WebWorker = (globalThis as { Worker?: typeof Worker }).Worker;
  if (WebWorker === undefined) return t.skip("this runtime has none");
  if (runtimeName() === "browser") return t.skip("browser/guests tests those of browsers");
  const spawned = () =>
    spawn({ worker: () => new WebWorker(file, { type: "module" } as object), task: "late" });
  if (runtimeName() === "deno") assert.throws(spawned, TypeError);
  else assert.equal(await spawned().result, "late");
});

test("a task may make one, which ends with its thread", async () => {
  const outcome = await spawn(guestOwner, [file.href]).outcome;
  assert.deepEqual(outcome, { kind: "done", value: { name: "inner", x: 2 } });
});
