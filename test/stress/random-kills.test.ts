/**
 * Tasks that compute, send and receive are killed at random instants, cancelled, or left alone. Nobody may hang,
 * every outcome is one that can be, every lane counts right, items arrive without a gap, and nothing is left over.
 *
 * `QUIPE_SEED` replays the choices of a run; `QUIPE_ROUNDS` says how many tasks there are in all.
 */
import assert from "node:assert/strict";
import process from "node:process";
import { after, test } from "node:test";
import fc from "fast-check";
import { QuipeError } from "../../src/errors.ts";
import type { Outcome } from "../../src/task/outcome.ts";
import type { Task } from "../../src/task/handle.ts";
import { spawn } from "../../src/task/spawn.ts";
import { MAX_TASKS, Phase, phaseOfTask } from "../../src/sync/board.ts";
import { thisThread } from "../../src/sync/thread.ts";
import { check, echo, receiveAll, sendForEver, sendThen } from "../task/programs/lives.ts";

const isDeno = "Deno" in globalThis;
const seed = Number(process.env["QUIPE_SEED"] ?? Date.now() % 2 ** 31);
const rounds = Number(process.env["QUIPE_ROUNDS"] ?? (isDeno ? 60 : 600));
const AT_ONCE = 4;

type Fate = "kill" | "cancel" | "leave";

interface Plan {
  readonly life: "compute" | "send" | "receive" | "sendLarge" | "echo";
  readonly fate: Fate;
  readonly turns: number;
  readonly capacity: number;
  readonly blocking: boolean;
}

const plans: fc.Arbitrary<Plan> = fc.record({
  life: fc.constantFrom("compute", "send", "receive", "sendLarge", "echo"),
  fate: fc.constantFrom<Fate>("kill", "kill", "cancel", "leave"),
  turns: fc.nat(40),
  capacity: fc.constantFrom(1, 2, 64),
  blocking: fc.boolean(),
});

test(`${rounds} tasks with random ends (seed ${seed}): nobody hangs, nothing is lost that was counted`, async () => {
  const drawn = fc.sample(plans, { seed, numRuns: rounds });
  const next = drawn.values();
  const outcomes = new Map<string, number>();
  const work = async (): Promise<void> => {
    for (const plan of next) {
      const { kind } = await live(plan);
      outcomes.set(kind, (outcomes.get(kind) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  for (const kind of ["killed", "cancelled", "done"])
    assert.ok((outcomes.get(kind) ?? 0) > 0, kind);
  assert.equal(outcomes.get("crashed"), undefined, "no task dies of another one's end");
  assert.equal(outcomes.get("failed"), undefined);
});

after(() => {
  assert.equal(tasksAlive(), 1, "only the main thread's own task is left");
});

/** One task from its start to its end. */
async function live(plan: Plan): Promise<Outcome> {
  const task = start(plan);
  const talking = talk(task, plan);
  for (let turn = 0; turn < plan.turns; turn++)
    await new Promise((resolve) => setImmediate(resolve));
  const ending = end(task, plan);
  const outcome = plan.blocking && plan.fate !== "leave" ? task.outcomeSync() : await task.outcome;
  await ending;
  await talking;
  const { out, in: into } = task.quipe.statistics();
  for (const { sent, taken, buffered, capacity } of [out, into]) {
    assert.equal(sent - taken, buffered);
    assert.ok(buffered >= 0 && buffered <= capacity);
  }
  return outcome;
}

function start({ life, fate, capacity }: Plan): Task {
  const options = { capacity };
  if (life === "echo") return spawn(echo, ["x"], options);
  if (life === "sendLarge") return spawn(sendThen, [6, 100_000, "return"], options);
  if (life === "receive") return spawn(receiveAll, [], options);
  // What nobody stops must stop by itself.
  if (fate === "leave") return spawn(sendThen, [100, 0, "return"], options);
  return life === "send" ? spawn(sendForEver, [], options) : spawn(check, [], options);
}

/** Sends to a task that receives; from one that sends, checks that each item follows on the last. */
async function talk(task: Task, { life, turns }: Plan): Promise<void> {
  try {
    if (life === "receive") {
      for (let i = 0; i < turns; i++)
        await task.quipe.send(i % 7 === 0 ? new Uint8Array(70_000) : i);
      task.quipe.close();
      return;
    }
    let expected = 0;
    for await (const item of task) {
      if (typeof item === "number") assert.equal(item, expected++);
      if (item instanceof Uint8Array)
        assert.ok(item.every((byte) => byte === expected % 256) && ++expected);
    }
  } catch (error) {
    assert.ok(error instanceof QuipeError, String(error));
    assert.ok(["broken", "peer-killed", "peer-failed", "closed"].includes(error.code), error.code);
  }
}

async function end(task: Task, { fate }: Plan): Promise<void> {
  if (fate === "kill") await task.kill("by chance");
  if (fate === "cancel") task.cancel("by chance", { graceMs: 5_000 });
}

function tasksAlive(): number {
  const { board } = thisThread();
  let alive = 0;
  for (let slot = 0; slot < MAX_TASKS; slot++) {
    for (let generation = 1; generation <= rounds + 1; generation++) {
      if (phaseOfTask(board, { slot, generation }) !== Phase.free) alive += 1;
    }
  }
  return alive;
}
