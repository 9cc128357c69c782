/**
 * Thousands of tasks that end at random: see test/task/mortality.ts.
 *
 * `QUIPE_SEED` replays the choices of a run; `QUIPE_ROUNDS` says how many tasks there are in all.
 */
import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { runLives } from "../task/mortality.ts";

const seed = Number(process.env["QUIPE_SEED"] ?? Date.now() % 2 ** 31);
const rounds = Number(process.env["QUIPE_ROUNDS"] ?? ("Deno" in globalThis ? 100 : 1_000));

test(`${rounds} tasks with random ends (seed ${seed}): nobody hangs, nothing is left over`, async (t) => {
  const { outcomes, before, after } = await runLives(seed, rounds);
  t.diagnostic(JSON.stringify({ outcomes, before, after }));
  t.diagnostic(`${Math.round(process.memoryUsage.rss() / 1e6)} MB resident`);
  for (const kind of ["done", "failed", "cancelled", "killed", "crashed"])
    assert.ok((outcomes[kind] ?? 0) > 0, `none was ${kind}`);
});
