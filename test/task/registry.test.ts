/** Functions that modules mark with `task`: found by name, told apart, and missed with the reason. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { task } from "../../src/task/entry.ts";
import { spawn } from "../../src/task/spawn.ts";
import { Project } from "./project.ts";

type Make = () => (x: number) => number;

const text = `
import { task } from "quipe";
const times = (factor) => task(import.meta.url, function scaled(x) { return x * factor; });
export const [double, triple] = [times(2), times(3)];
export const unnamed = [task(import.meta.url, (x) => x + 1), task(import.meta.url, (x) => x + 2)];
export const renamed = task(import.meta.url, (x) => x + 3, "other name");
export const late = () => task(import.meta.url, function late(x) { return x; });
export const onOneThread = (await import("node:worker_threads")).isMainThread
  ? task(import.meta.url, function onOneThread(x) { return x; })
  : undefined;
export const once = task(import.meta.url, function twice(x) { return x + 1; });
await 0;
export const again = task(import.meta.url, function twice(x) { return x + 2; });
`;

interface Tasks {
  readonly double: (x: number) => number;
  readonly triple: (x: number) => number;
  readonly unnamed: readonly ((x: number) => number)[];
  readonly renamed: (x: number) => number;
  readonly late: Make;
  readonly onOneThread: (x: number) => number;
  readonly once: (x: number) => number;
  readonly again: (x: number) => number;
}

test("functions of one name, or of none, are told apart by the order of their registration", async () => {
  using project = new Project(["quipe"]);
  const tasks = (await import(project.write("tasks.mjs", text).href)) as Tasks;
  assert.equal(await spawn(tasks.double, [5]).result, 10);
  assert.equal(await spawn(tasks.triple, [5]).result, 15);
  for (const [i, fn] of tasks.unnamed.entries()) {
    assert.equal(await spawn(fn, [5]).result, 6 + i);
  }
  assert.equal(await spawn(tasks.renamed, [5]).result, 8);
});

test("a task that its module does not register when it is evaluated is missed with the reason", async () => {
  using project = new Project(["quipe"]);
  const tasks = (await import(project.write("tasks.mjs", text).href)) as Tasks;
  const why = /at its top level, on every thread, and not inside a function; it registers scaled, /;
  for (const fn of [tasks.late(), tasks.onOneThread]) {
    const outcome = await spawn(fn, [1]).outcome;
    assert.ok(outcome.kind === "crashed");
    assert.match((outcome.error as Error).message, why);
  }
});

test("functions of one name with a wait in between could be mistaken, so neither starts", async () => {
  using project = new Project(["quipe"]);
  const tasks = (await import(project.write("tasks.mjs", text).href)) as Tasks;
  for (const fn of [tasks.once, tasks.again]) {
    await assert.rejects(spawn(fn, [1]).result, {
      code: "module-not-loaded",
      message: /there are two, with a wait in between. Give them different names/,
    });
  }
});

test("what is no function or no URL of a module is refused at once", () => {
  assert.throws(() => task(import.meta.url, 5 as never), TypeError);
  assert.throws(() => task("./here.ts", () => 1), {
    name: "TypeError",
    message: /import\.meta\.url/,
  });
  assert.throws(() => task(import.meta.url, () => 1, 5 as never), TypeError);
  assert.throws(() => task(import.meta.url, undefined as never), TypeError);
  assert.throws(() => task(undefined as never, () => 1), TypeError);
});

test("a generator is refused, since its result could not travel", () => {
  assert.throws(() => task(import.meta.url, function* () {}), {
    name: "TypeError",
    message: /generator.*current\(\)\.quipe\.send/,
  });
});
