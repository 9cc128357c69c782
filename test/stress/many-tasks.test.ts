/** As many tasks as there may be at once, and one more. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { QuipeError } from "../../src/errors.ts";
import type { Task } from "../../src/task/handle.ts";
import { spawn } from "../../src/task/spawn.ts";
import { echo } from "../task/programs/lives.ts";

test("more tasks than there may be are refused in words, and nothing is left of them", async () => {
  const tasks: Task[] = [];
  let refusal: unknown;
  while (refusal === undefined) {
    try {
      tasks.push(spawn(echo, [tasks.length]));
    } catch (error) {
      refusal = error;
    }
  }
  assert.equal((refusal as QuipeError).code, "too-many-tasks");
  assert.match((refusal as QuipeError).message, /1024 tasks are alive/);
  assert.ok(tasks.length >= 1000);
  for (const [i, { result }] of tasks.entries()) assert.equal(await result, i);
  assert.equal(await spawn(echo, ["after"]).result, "after");
});
