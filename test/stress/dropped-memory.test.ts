/**
 * Shared memory that nobody uses any more goes back to the system, though engines do not count its bytes: sixty
 * objects of 50 MB are made one after the other and dropped.
 */
import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { freeze } from "../../src/memory/freeze.ts";
import { share } from "../../src/memory/share.ts";
import { compact } from "../../src/memory/settling.ts";
import { spawn } from "../../src/task/spawn.ts";
import { lastOfEach } from "./dropped-memory-task.ts";

const BYTES = 50_000_000;
const ROUNDS = 60;
const MOST = 15;

/** Runs `round` again and again; the most memory that the program had meanwhile, counted in objects. */
async function peakOf(round: (i: number) => Promise<void>): Promise<number> {
  const before = process.memoryUsage().rss;
  let peak = before;
  for (let i = 0; i < ROUNDS; i++) {
    await round(i);
    // What was collected is let go of between two turns of the event loop.
    await setTimeout(1);
    peak = Math.max(peak, process.memoryUsage().rss);
  }
  return (peak - before) / BYTES;
}

test("frozen data that is sent to a task and dropped does not pile up", async () => {
  const numbers = new Float64Array(BYTES / 8).fill(1.5);
  const task = spawn(lastOfEach);
  const peak = await peakOf(async (i) => {
    await task.quipe.send(freeze({ i, numbers }));
    assert.equal(await task.quipe.receive(), 1.5);
  });
  task.quipe.close();
  await task.outcome;
  console.log(`sent and dropped: at most ${peak.toFixed(1)} of ${ROUNDS} objects in memory`);
  assert.ok(peak < MOST);
});

test("shared data that is compacted and dropped does not pile up", async () => {
  const numbers = new Float64Array(BYTES / 8).fill(1.5);
  const peak = await peakOf(async (i) => {
    const draft = share({ i, numbers });
    draft.i += 1;
    compact(draft);
    assert.equal(draft.i, i + 1);
  });
  console.log(`compacted and dropped: at most ${peak.toFixed(1)} of ${ROUNDS} objects in memory`);
  assert.ok(peak < MOST);
});
