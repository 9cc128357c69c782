/** Names of tasks: any text, and seen where tools show what a thread does. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as worker from "node:worker_threads";
import { spawn } from "../../src/task/spawn.ts";
import { throwTyped } from "./programs/failures.ts";
import { awaitNothing, echo } from "./programs/lives.ts";

const NAMES = {
  "two words": "two words",
  "line breaks": 'a\n    at b (c:1:1)\r\u2028"`${d}',
  "other alphabets": "числа 数 🍐",
  "half a character": "\ud83d",
  "a word of the language": "__proto__",
  "a very long one": "long ".repeat(50_000),
};

for (const [what, name] of Object.entries(NAMES)) {
  // docs/runtimes.md: stack-format
  test(`a task may be called anything: ${what}`, async () => {
    const task = spawn(echo, [1], { name });
    assert.equal(task.name, name);
    assert.equal(await task.result, 1);
    const failing = spawn(throwTyped, [], { name });
    await assert.rejects(failing.result, (error: Error) => {
      const lines = error.stack?.split("\n").filter((line) => line !== "") ?? [];
      const frames = lines.filter((line) => /^\s+at |^[^@]*@\S+\.js/.test(line));
      assert.ok(frames.length > 1, error.stack);
      const head = lines.filter((line) => !frames.includes(line));
      assert.deepEqual(head, ["RangeError: too far"]);
      assert.ok((error.stack?.length ?? 0) < 10_000);
      return error.message === "too far";
    });
    const killed = spawn(awaitNothing, [], { name });
    await killed.kill();
    await assert.rejects(killed.result, (error: Error) => error.message.includes(name));
  });
}

test("an empty name is none, and two tasks may have the same", async () => {
  const tasks = ["", "twin", "twin"].map((name) => spawn(echo, [name], { name }));
  assert.deepEqual(
    tasks.map(({ name }) => name),
    ["a task", "twin", "twin"],
  );
  assert.deepEqual(await Promise.all(tasks.map(({ result }) => result)), ["", "twin", "twin"]);
});

/** Runs in the task: the functions above the one that computes, in a profile of the task's thread. */
async function profileMyself(): Promise<string[]> {
  const { Session } = process.getBuiltinModule("node:inspector");
  const session = new Session();
  session.connect();
  session.post("Profiler.enable");
  session.post("Profiler.setSamplingInterval", { interval: 100 });
  session.post("Profiler.start");
  const end = performance.now() + 150; // some samples, on a busy machine too
  const compute = { hotLoop: (): void => void (() => {}) };
  compute.hotLoop = function hotLoop() {
    while (performance.now() < end);
  };
  compute.hotLoop();
  const names: string[] = [];
  session.post("Profiler.stop", (_error, { profile }) => {
    const { nodes } = profile;
    let node = nodes.find(({ callFrame }) => callFrame.functionName === "hotLoop");
    while (node !== undefined) {
      const { id, callFrame } = node;
      names.push(callFrame.functionName);
      node = nodes.find(({ children }) => children?.includes(id));
    }
  });
  return names;
}

const whyNot =
  "Bun" in globalThis || "Deno" in globalThis
    ? "this runtime profiles no thread for itself [profiles]"
    : false;

// docs/runtimes.md: profiles
test("a profile shows the name of the task above all that it does", { skip: whyNot }, async () => {
  for (const name of ["count pears", "count 🍐"]) {
    const above = await spawn(profileMyself, [], { name }).result;
    assert.ok(above.includes(name), above.join(" ◂ "));
  }
});

const whyUnnamed =
  "threadName" in worker && !whyNot
    ? false
    : "this runtime does not tell the name of a thread [thread-names]";

// docs/runtimes.md: thread-names
test("a new thread carries the name of its task", { skip: whyUnnamed }, async () => {
  const limits = { resourceLimits: { maxOldGenerationSizeMb: 64 } };
  const threadName = (): unknown =>
    (process.getBuiltinModule("node:worker_threads") as { threadName?: string }).threadName;
  const name = await spawn(threadName, [], { name: "a named thread", ...limits }).result;
  assert.equal(name, "a named thread");
});
