/**
 * Shared data moves to and fro between tasks that are killed at random instants, as senders, as receivers and
 * in between. Whatever dies, each piece of data ends with exactly one owner: it arrives, or the main task, which
 * is the heir of all, takes it over. What a task was changing when it was killed may be refused, but loudly.
 *
 * `QUIPE_SEED` replays the choices of a run; `QUIPE_ROUNDS` says how many tasks there are in all.
 */
import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import fc from "fast-check";
import { QuipeError } from "../../src/errors.ts";
import { checkRegion } from "../../src/memory/check.ts";
import { describe } from "../../src/memory/describe.ts";
import { locate, type Location } from "../../src/memory/location.ts";
import { move } from "../../src/memory/move.ts";
import { slotsPinned } from "../../src/memory/pins.ts";
import { release } from "../../src/memory/release.ts";
import { share } from "../../src/memory/share.ts";
import { tryThaw } from "../../src/memory/thaw.ts";
import { thisThread } from "../../src/sync/thread.ts";
import type { Task } from "../../src/task/handle.ts";
import { spawn } from "../../src/task/spawn.ts";
import { type Draft, bounce, churn, extend, relay } from "../memory/moving-tasks.ts";

const isDeno = "Deno" in globalThis;
const seed = Number(process.env["QUIPE_SEED"] ?? Date.now() % 2 ** 31);
const rounds = Number(process.env["QUIPE_ROUNDS"] ?? (isDeno ? 40 : 400));
const AT_ONCE = 3;
/** Data that has gone through so many rounds is released, and new data takes its place. */
const GENERATION = 16;
/** Long enough for a machine that does ten things at once. */
const PATIENCE_MS = 20_000;

interface Plan {
  readonly life: "bounce" | "relay" | "result" | "churn";
  /** Trips there and back, at least so many before a kill. */
  readonly trips: number;
  /** Turns of the loop after that, and before a kill. */
  readonly turns: number;
  readonly isKilled: boolean;
}

const plans: fc.Arbitrary<Plan> = fc.record({
  life: fc.constantFrom("bounce", "bounce", "relay", "result", "churn", "churn", "churn"),
  trips: fc.nat(4),
  turns: fc.nat(12),
  isKilled: fc.constantFrom(true, true, true, false),
});

/** How data came back, over the whole run. */
const endings = { received: 0, takenOver: 0, refused: 0 };

test(`${rounds} tasks that move data, most of them killed (seed ${seed}): none lost, none twice`, async (t) => {
  const next = fc.sample(plans, { seed, numRuns: rounds }).values();
  const work = async (): Promise<void> => {
    let draft = fresh();
    let age = 0;
    for (const plan of next) {
      draft = await live(plan, draft);
      check(draft);
      if (++age % GENERATION !== 0) continue;
      release(draft);
      assert.equal(describe(draft).state, "released");
      draft = fresh();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  t.diagnostic(JSON.stringify(endings));
  assert.ok(endings.received > 0 && endings.takenOver > 0, JSON.stringify(endings));
});

function fresh(): Draft {
  return share<Draft>({ count: 0, names: [] });
}

/** One task from its start to its end, and where the data is then. */
async function live(plan: Plan, draft: Draft): Promise<Draft> {
  if (plan.life === "churn") return churned(plan, draft);
  const task: Task =
    plan.life === "result"
      ? spawn(extend, [move(draft)])
      : spawn(plan.life === "relay" ? relay : bounce);
  const last = plan.life === "result" ? resultOf(task, draft) : talk(task, plan, draft);
  const progress = { isOver: false };
  void last.then(() => (progress.isOver = true));
  while (task.quipe.statistics().in.taken < plan.trips && !progress.isOver) await turnOver();
  for (let turn = 0; turn < plan.turns; turn++) await turnOver();
  if (plan.isKilled) await task.kill("by chance");
  const { known } = await last;
  task.quipe.close();
  await task.outcome;
  return findAgain(known);
}

/** The task has the data from its start to its death. */
async function churned({ trips, turns }: Plan, draft: Draft): Promise<Draft> {
  const task: Task = spawn(churn);
  await task.quipe.send(move(draft));
  for (let trip = 0; trip <= trips; trip++) await task.quipe.receive();
  for (let turn = 0; turn < turns; turn++) await turnOver();
  await task.kill("by chance");
  return findAgain(draft);
}

/** Boxed, since a promise reads `then` of what it is given, and a view of what was moved throws. */
interface Last {
  readonly known: Draft;
}

/** The last view that this task has had of the data, whether it still owns it or not. */
async function talk(task: Task, { trips, isKilled }: Plan, draft: Draft): Promise<Last> {
  let known = draft;
  try {
    const enough = isKilled ? Infinity : trips;
    for (let trip = 0; trip < enough; trip++) {
      await task.quipe.send(move(known));
      known = (await task.quipe.receive()) as Draft;
      check(known);
    }
  } catch (error) {
    assert.ok(error instanceof QuipeError, String(error));
    assert.ok(["broken", "peer-killed"].includes(error.code), `${error.code}: ${error.message}`);
  }
  return { known };
}

async function resultOf(task: Task, draft: Draft): Promise<Last> {
  const outcome = await task.outcome;
  return { known: outcome.kind === "done" ? (outcome.value as Draft) : draft };
}

/** The data is here, or can be taken over once the tasks that hold it have ended. */
async function findAgain(known: Draft): Promise<Draft> {
  if (describe(known).state === "owned") {
    endings.received += 1;
    return known;
  }
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      const mine = tryThaw(known);
      endings.takenOver += 1;
      assert.throws(() => known.count, { code: "moved" });
      return mine;
    } catch (error) {
      if (!(error instanceof QuipeError)) throw error;
      if (error.code === "killed") {
        endings.refused += 1;
        return fresh();
      }
      assert.equal(error.code, "moved", error.message);
      assert.ok(performance.now() < deadline, `${describe(known).state}: ${error.message}`);
    }
    await turnOver();
  }
}

/** Each change is one of `count` and one of `names`, in this order; a kill may come in between. */
function check(draft: Draft): void {
  const { region } = locate(draft) as Location;
  checkRegion(region);
  assert.equal(describe(draft).state, "owned");
  assert.equal(describe(draft).region?.isMine, true);
  const readers = region.isEntered ? [thisThread().task.slot] : [];
  assert.deepEqual(slotsPinned(region.words), readers, "nobody else has a pin in it");
  const missing = draft.count - draft.names.length;
  assert.ok(missing >= 0 && missing <= GENERATION * 2, `${missing} changes are half`);
}

function turnOver(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
