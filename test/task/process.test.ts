/** What a process does at its end: it stays while a task works, leaves when nothing is left, and loses no word. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const program = fileURLToPath(new URL("./programs/process-ends.js", import.meta.url));
const runtimeArguments = "Deno" in globalThis ? ["run", "-A", "--no-check"] : [];

/** Runs one scene in a process of its own; one that does not end by itself is a failure. */
function run(scene: string): Promise<Ended> {
  const parameters = [...runtimeArguments, program, scene];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, parameters, { timeout: 60_000 }, (error, out, err) => {
      if (error?.killed === true) reject(new Error(`${scene} did not end: ${out} ${err}`));
      else resolve({ code: error === null ? 0 : Number(error.code), out: out.trim(), err });
    });
  });
}

test("a process in which nothing is left to do ends, though threads are kept warm", async () => {
  assert.deepEqual(await run("idle"), { code: 0, out: "all done", err: "" });
});

test("a process stays until a task has finished that nobody waits for", async () => {
  assert.deepEqual(await run("abandoned"), { code: 0, out: "the task finished", err: "" });
});

test("what tasks printed is not lost when the program ends right after them", async () => {
  const { out, err } = await run("printing");
  const lines = out.split("\n");
  assert.deepEqual(
    lines,
    Array.from({ length: 200 }, (_, line) => `line ${line}`),
  );
  assert.match(err, /and an error line/);
});

test("what a task printed appears though its spawner was blocked meanwhile", async () => {
  const { out } = await run("blockedThenExit");
  assert.deepEqual(out.split("\n").toSorted(), ["from main", "from the task"]);
});

test("a process that exits takes its tasks with it", async () => {
  const { code, out } = await run("exitWhileRunning");
  assert.equal(code, 7);
  assert.match(out, /^(starting|running)$/);
});

test("a bug in the reaper ends the process loudly, also while the main thread is blocked", async () => {
  const { code, out, err } = await run("reaperFails");
  assert.notEqual(code, 0);
  assert.equal(out, "");
  assert.match(err, /the reaper failed: TypeError/);
});

test("a failure that nobody asked for ends the process, as an unhandled rejection does", async () => {
  const { code, err } = await run("unobserved");
  assert.notEqual(code, 0);
  assert.match(err, /nobody asked/);
});

test("a failure in a scope that was never left ends the process when nothing else is to do", async () => {
  const { code, out, err } = await run("neverLeft");
  assert.equal(out, "failed, and nobody leaves the scope");
  assert.notEqual(code, 0);
  assert.match(err, /in the forgotten scope/);
});

test("listening to diagnostics is not asking for a failure", async () => {
  const { code, err } = await run("unobservedButTraced");
  assert.match(err, /^heard failed/m);
  assert.notEqual(code, 0);
  assert.match(err, /nobody asked/);
});

test("a failure that somebody has asked for is raised nowhere else", async () => {
  assert.deepEqual(await run("observedLate"), { code: 0, out: "failed", err: "" });
  assert.deepEqual(await run("iterated"), { code: 0, out: "peer-failed", err: "" });
});

for (const scene of ["orphanFails", "orphanOfKilledFails", "orphanWasLentAndIgnored"]) {
  test(`a failure that nobody is left to hear of is raised in the root, once: ${scene}`, async () => {
    const { code, out, err } = await run(scene);
    assert.deepEqual({ code, err }, { code: 0, err: "" });
    assert.match(out, /^The task "left behind" failed, and nobody is left.* told so \| told so$/);
  });
}

test("killing a task does not end the program by what a task of its own says of that", async () => {
  assert.deepEqual(await run("orphanLosesItsPeer"), { code: 0, out: "still here", err: "" });
});

test("a failure that a task with the handle has asked for is raised nowhere", async () => {
  assert.deepEqual(await run("failureOfLentIsAsked"), { code: 0, out: "failed", err: "" });
  const asked = await run("failureOfLentIsAskedWhileSpawnerLives");
  assert.deepEqual(asked, { code: 0, out: "too far", err: "" });
});

// docs/runtimes.md: pending-waits
test("a receive that waits is answered before the process ends", async () => {
  assert.deepEqual(await run("unusedReceive"), { code: 0, out: "ended", err: "" });
});

test("any number of tasks, scopes and waits may have one signal, and no runtime warns of it", async () => {
  assert.deepEqual(await run("oneSignal"), { code: 0, out: "60 stopped", err: "" });
});

test("the same holds for calls on a pool, maps, and scopes inside a task", async () => {
  assert.deepEqual(await run("oneSignalOfCalls"), { code: 0, out: "20 left", err: "" });
});
