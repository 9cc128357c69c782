/**
 * Tasks that update, read and wait at guards, and let them grow, compact and move to other memory, are killed at random
 * instants. After each death everything is whole and nobody waits for the dead.
 *
 * `QUIPE_SEED` replays the choices of a run; `QUIPE_ROUNDS` says how many are killed.
 */
import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { checkGuard } from "../../src/memory/check-guard.ts";
import { checkRegion } from "../../src/memory/check.ts";
import { Guard } from "../../src/memory/guard.ts";
import { locate } from "../../src/memory/location.ts";
import { nextTurn } from "../../src/runtime/host.ts";
import type { Task } from "../../src/task/handle.ts";
import { spawn } from "../../src/task/spawn.ts";
import { type Bank, checkBank, checkBranch, openBank, randomFrom, work } from "../memory/bank.ts";

const seed = Number(process.env["QUIPE_SEED"] ?? Date.now() % 2 ** 31);
const rounds = Number(process.env["QUIPE_ROUNDS"] ?? ("Deno" in globalThis ? 100 : 2_000));
const AT_ONCE = 3;
/** Long enough for a machine that does ten things at once. */
const PATIENCE_MS = 60_000;

test(`${rounds} tasks killed at guards (seed ${seed}): all whole, nobody left waiting`, async () => {
  const bank = openBank();
  let started = 0;
  const replace = async (): Promise<void> => {
    while (started < rounds) await live(bank, started++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, replace));
  checkBank(bank, PATIENCE_MS);
  for (const branch of bank) checkQuiet(branch);
});

async function live(bank: Bank, number: number): Promise<void> {
  const random = randomFrom(seed + number);
  const worker: Task<unknown, number> = spawn(work, [bank, seed ^ number]);
  for (let i = random(3); i >= 0; i--) await worker.quipe.receive({ timeoutMs: PATIENCE_MS });
  for (let i = random(20); i > 0; i--) await nextTurn();
  await worker.kill("in the middle");
  assert.equal((await worker.outcome).kind, "killed");
  if (number % 4 === 0) checkBank(bank, PATIENCE_MS);
  if (number % 16 !== 0) return;
  const branch = bank[random(bank.length)] as Bank[number];
  const snapshot = await branch.snapshot({ timeoutMs: PATIENCE_MS });
  checkBranch(snapshot);
  const location = locate(snapshot);
  assert.ok(location);
  checkRegion(location.region);
}

/** Nobody is inside and nobody waits. */
function checkQuiet(branch: Guard): void {
  const block = Guard.blockOf(branch);
  assert.ok(block);
  assert.deepEqual(checkGuard(block), { readers: 0, waiting: 0, isHeld: false });
}
