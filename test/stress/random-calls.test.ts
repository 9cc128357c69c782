/**
 * Thousands of calls on pools whose workers die at random: see test/pool/random-calls.ts.
 *
 * `QUIPE_SEED` replays the choices of a run; `QUIPE_ROUNDS` says how many calls there are in all.
 */
import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { runCalls } from "../pool/random-calls.ts";

const seed = Number(process.env["QUIPE_SEED"] ?? Date.now() % 2 ** 31);
const rounds = Number(process.env["QUIPE_ROUNDS"] ?? ("Deno" in globalThis ? 500 : 5_000));

test(`${rounds} calls at random (seed ${seed}): each has one outcome and is made once`, async (t) => {
  const tally = await runCalls(seed, rounds);
  t.diagnostic(JSON.stringify(tally));
  assert.ok(tally.crashed > 0 && tally.thrown > 0 && tally.answered > 0);
});
