/** A short run of what test/stress does at length. */
import process from "node:process";
import { test } from "node:test";
import { runCalls } from "./random-calls.ts";

const seed = Number(process.env["QUIPE_SEED"] ?? Date.now() % 2 ** 31);

test(`calls on dying workers (seed ${seed}) have one outcome each and are made once`, async (t) => {
  t.diagnostic(JSON.stringify(await runCalls(seed, 250)));
});
