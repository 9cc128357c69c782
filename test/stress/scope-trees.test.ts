/**
 * Trees of tasks in scopes in scopes, each ending in some way of its own, whose root is killed, cancelled or left to
 * its deadline at a random instant. Nobody may hang, and once the outcome of the root is known, everything that was
 * below it is dead and repaired: its slot on the board is free.
 *
 * `QUIPE_SEED` replays the choices of a run; `QUIPE_ROUNDS` says how many trees there are.
 */
import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import fc from "fast-check";
import { countSlots } from "../../src/sync/board.ts";
import { thisThread } from "../../src/sync/thread.ts";
import { spawn } from "../../src/task/spawn.ts";
import { type Branch, grow } from "../task/programs/scope-trees.ts";

const isDeno = "Deno" in globalThis;
const seed = Number(process.env["QUIPE_SEED"] ?? Date.now() % 2 ** 31);
const rounds = Number(process.env["QUIPE_ROUNDS"] ?? (isDeno ? 30 : 200));
const LONG_MS = 1_000_000;
interface Plan {
  readonly tree: Branch;
  readonly fate: "kill" | "cancel" | "deadline";
  /** Whether the root has begun before anything is done to it. */
  readonly hasBegun: boolean;
  readonly turns: number;
  readonly blocking: boolean;
}

function branchOf(depth: number): fc.Arbitrary<Branch> {
  return fc.record({
    form: fc.constantFrom<Branch["form"]>("function", "function", "joined", "open"),
    policy: fc.constantFrom<Branch["policy"]>("all", "settle", "race"),
    end: fc.constantFrom<Branch["end"]>("return", "throw", "wait", "compute", "exit", "tidy"),
    timeoutMs: fc.constantFrom(LONG_MS, LONG_MS, 10, 0),
    children: depth === 0 ? fc.constant([]) : fc.array(branchOf(depth - 1), { maxLength: 2 }),
  });
}

const plans: fc.Arbitrary<Plan> = fc.record({
  tree: branchOf(3),
  fate: fc.constantFrom<Plan["fate"]>("kill", "cancel", "deadline"),
  hasBegun: fc.boolean(),
  turns: fc.nat(3000),
  blocking: fc.boolean(),
});

test(`${rounds} trees of scopes (seed ${seed}): when the root is dead, so is everything below it`, async () => {
  const outcomes = new Map<string, number>();
  for (const plan of fc.sample(plans, { seed, numRuns: rounds })) {
    const { kind } = await live(plan);
    outcomes.set(kind, (outcomes.get(kind) ?? 0) + 1);
    assert.ok(
      othersAlive() === 0,
      `${othersAlive()} tasks are left of ${JSON.stringify(plan)}, which ended ${kind}`,
    );
  }
  for (const kind of ["killed", "cancelled", "done", "failed", "crashed"])
    assert.ok((outcomes.get(kind) ?? 0) > 0, `${kind}: ${JSON.stringify([...outcomes])}`);
});

async function live({
  tree,
  fate,
  hasBegun,
  turns,
  blocking,
}: Plan): Promise<{ readonly kind: string }> {
  const limit = fate === "deadline" ? { timeoutMs: 20 + (turns % 60), graceMs: 20 } : {};
  const root = spawn(grow, [tree], limit);
  const ended = root.outcome;
  if (hasBegun) await root.quipe.receive().catch(() => "it never began");
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
  const killing = fate === "kill" ? root.kill("enough") : undefined;
  if (fate === "cancel") root.cancel("enough", { graceMs: 20 });
  const outcome = blocking ? root.outcomeSync() : await ended;
  await killing;
  return outcome;
}

/** How many tasks are alive besides this thread's own; the one that is just being struck off does not count. */
function othersAlive(): number {
  const { taken, dying } = countSlots(thisThread().board);
  return taken - 1 - Math.min(dying, 1);
}
