/**
 * Pools that nobody closes: programs of their own, which must come to their end.
 * Runs in a process of its own, since it counts threads.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { runtimeName } from "../../src/runtime/host.ts";
import { runLimited } from "../../scripts/limited-process.ts";

const canCount = runtimeName() === "node" && process.platform === "linux";
const program = fileURLToPath(new URL("forgotten-pool-program.js", import.meta.url));

async function outputOf(flags: readonly string[], mode: string): Promise<string> {
  const result = await runLimited({
    command: process.execPath,
    parameters: [...flags, program, mode],
    cwd: process.cwd(),
    limitMs: 30_000,
  });
  assert.equal(result.timedOut, false, `it did not end:\n${result.output}`);
  assert.equal(result.code, 0, result.output);
  return result.stdout.trim();
}

test("a pool that has nothing to do lets the program end, and one with a call does not", async () => {
  const flags = runtimeName() === "deno" ? ["run", "-A"] : [];
  assert.equal(await outputOf(flags, "idle"), "42\nlate");
});

test(
  "the threads of a pool that was dropped end once it is collected",
  {
    skip:
      !canCount &&
      "only Node on Linux collects garbage and counts threads when asked to [collector]",
  },
  async () => {
    assert.equal(await outputOf(["--expose-gc"], "dropped"), "ended");
  },
);
