/** A limit on a thread's heap comes with one that lets the program survive an exhausted thread. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { survivableLimits } from "../../src/runtime/heap-limits.ts";
import { spawn } from "../../src/task/spawn.ts";

const skip = "Bun" in globalThis && "Bun ignores resourceLimits [resource-limits]";

test("the young generation is limited where the old one is, and was not by the program", () => {
  assert.deepEqual(survivableLimits({ maxOldGenerationSizeMb: 40 }), {
    maxOldGenerationSizeMb: 40,
    maxYoungGenerationSizeMb: 32,
  });
  const chosen = { maxOldGenerationSizeMb: 40, maxYoungGenerationSizeMb: 8 };
  assert.deepEqual(survivableLimits(chosen), chosen);
  assert.deepEqual(survivableLimits({ stackSizeMb: 8 }), { stackSizeMb: 8 });
});

// docs/runtimes.md: resource-limits
test("a task with a limit has both", { skip }, async () => {
  const limits = await spawn(
    () => ({ ...process.getBuiltinModule("node:worker_threads").resourceLimits }),
    [],
    { resourceLimits: { maxOldGenerationSizeMb: 40 } },
  ).result;
  assert.equal(limits.maxOldGenerationSizeMb, 40);
  assert.equal(limits.maxYoungGenerationSizeMb, 32);
});
