/**
 * The property of memory/graphs.test.ts with larger graphs, more edits and more thaws, for longer.
 *
 * `QUIPE_SEED` replays a run; `QUIPE_ROUNDS` says how many batches there are.
 */
import process from "node:process";
import { test } from "node:test";
import fc from "fast-check";
import { play, Reader, scenarios } from "../memory/graph-run.ts";

const seed = Number(process.env["QUIPE_SEED"] ?? Date.now() % 2 ** 31);
const numRuns = Number(process.env["QUIPE_ROUNDS"] ?? 150);

test(`${numRuns} batches of graphs stay what their twins are (seed ${seed})`, async () => {
  await using reader = new Reader();
  const sizes = { nodes: 20, edits: 25, rounds: 4 };
  const batch = fc.array(scenarios(sizes), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(batch, async (drawn) => play(drawn, reader)),
    { seed, numRuns },
  );
});
