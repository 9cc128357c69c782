/**
 * Handles that travel while those who have them are killed: whoever lives hears of the end, and nothing is left over.
 *
 * `QUIPE_SEED` replays the choices of a run; `QUIPE_ROUNDS` says how many tasks are handed around.
 */
import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { takeCensus } from "../../src/task/census.ts";
import { spawn } from "../../src/task/spawn.ts";
import { echo } from "./programs/lives.ts";
import { handAround } from "./programs/handle-lives.ts";

const seed = Number(process.env["QUIPE_SEED"] ?? Date.now() % 2 ** 31);
const rounds = Number(process.env["QUIPE_ROUNDS"] ?? 6);
/** Tasks look and are gone in milliseconds, and there is nothing else to wait for than what the reaper still does. */
const LOOKS = 1_000;

async function buffersLeft(atMost: number): Promise<number> {
  for (let look = 0; ; look++) {
    const { buffers, tasks } = await takeCensus();
    if ((buffers <= atMost && tasks === 0) || look === LOOKS) return buffers;
    await spawn(echo, [0]).result;
  }
}

test(`${rounds} handles go around, and some who have them are killed (seed ${seed}): all others hear of the end, and nothing is left over`, async (t) => {
  await spawn(handAround, [seed]).result; // whatever is kept for good is there after the first
  const { buffers } = await takeCensus();
  const counts: Record<string, number> = {};
  for (let round = 1; round <= rounds; round++) {
    const [end = "", ...watchers] = await spawn(handAround, [seed + round]).result;
    counts[end] = (counts[end] ?? 0) + 1;
    for (const watcher of watchers) assert.match(watcher, /^(?:done|killed)$/);
  }
  t.diagnostic(JSON.stringify(counts));
  assert.ok((await buffersLeft(buffers)) <= buffers, "shared buffers of dead tasks were kept");
});
