/**
 * Tasks of many kinds that end at random, for tests: by a kill, a cancel, a deadline or by themselves, while they compute,
 * wait, hold guards, read frozen data, edit their own, or have children. Nobody may hang, every outcome is one that can
 * be, every lane counts right, items arrive without a gap, and nothing is left over afterwards.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { QuipeError } from "../../src/errors.ts";
import { checkGuard } from "../../src/memory/check-guard.ts";
import { freeze } from "../../src/memory/freeze.ts";
import { Guard } from "../../src/memory/guard.ts";
import { nextTurn } from "../../src/runtime/host.ts";
import { countSlots } from "../../src/sync/board.ts";
import type { Census } from "../../src/sync/messages.ts";
import { thisThread } from "../../src/sync/thread.ts";
import { takeCensus } from "../../src/task/census.ts";
import type { Task } from "../../src/task/handle.ts";
import type { Outcome } from "../../src/task/outcome.ts";
import { spawn } from "../../src/task/spawn.ts";
import { type Bank, checkBank, openBank, work } from "../memory/bank.ts";
import {
  blockInReceive,
  check,
  echo,
  receiveAll,
  sendForEver,
  sendThen,
} from "./programs/lives.ts";
import { type Rows, editForEver, endAs, raise, readForEver } from "./programs/mortals.ts";

/** What a run came to. */
export interface Mortality {
  /** How many tasks ended in which way. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly before: Census;
  readonly after: Census;
}

/** Long enough for a machine that does ten things at once. */
const PATIENCE_MS = 60_000;
const AT_ONCE = 4;
/** Threads that the reaper keeps warm. */
const IDLE_THREADS = 16;
/** Buffers whose last view the collector has not found yet; more than that would grow with the run. */
const UNCOLLECTED = 40;

const LIVES = [
  "compute",
  "send",
  "receive",
  "block",
  "sendLarge",
  "echo",
  "update",
  "read",
  "edit",
  "raise",
  "return",
  "throw",
  "exit",
  "timer",
] as const;

interface Plan {
  readonly life: (typeof LIVES)[number];
  readonly fate: "kill" | "cancel" | "deadline" | "leave";
  readonly turns: number;
  readonly capacity: number;
  readonly blocking: boolean;
}

const plans: fc.Arbitrary<Plan> = fc.record({
  life: fc.constantFrom(...LIVES),
  fate: fc.constantFrom("kill", "kill", "kill", "cancel", "deadline", "leave"),
  turns: fc.nat(40),
  capacity: fc.constantFrom(1, 2, 64),
  blocking: fc.boolean(),
});

/** How a life ends if nothing else ends it. */
const NATURAL_ENDS: Partial<Record<Plan["life"], Outcome["kind"]>> = {
  echo: "done",
  sendLarge: "done",
  receive: "done",
  return: "done",
  timer: "done",
  throw: "failed",
  exit: "crashed",
};

const FATES: Record<Plan["fate"], readonly Outcome["kind"][]> = {
  kill: ["killed"],
  cancel: ["cancelled", "killed"],
  deadline: ["cancelled", "killed"],
  leave: ["done"],
};

/** What all tasks of a run share. */
interface World {
  readonly bank: Bank;
  readonly rows: Rows;
  /** Who lives just now, for the case that somebody hangs. */
  readonly present: Map<Plan, Task>;
  /** Who was killed, and whose thread had not stopped when that was told. */
  readonly unstopped: string[];
}

/** So many tasks, a few at a time. Throws if anything is wrong. */
export async function runLives(seed: number, rounds: number): Promise<Mortality> {
  const rows = Array.from({ length: 500 }, (_, id) => ({ id, name: `row ${id}` }));
  const world: World = {
    bank: openBank(),
    rows: freeze({ rows }),
    present: new Map(),
    unstopped: [],
  };
  await spawn(echo, [[world.bank, world.rows]]).result;
  const before = await takeCensus();
  const outcomes: Record<string, number> = {};
  const next = fc.sample(plans, { seed, numRuns: rounds }).values();
  const live = async (): Promise<void> => {
    for (const plan of next) {
      const outcome = await orSayWhoHangs(liveOne(plan, world), plan, world);
      const { kind } = outcome;
      assert.ok(isPossible(plan, kind), `${JSON.stringify(plan)} ended as ${said(outcome)}`);
      outcomes[kind] = (outcomes[kind] ?? 0) + 1;
      if (outcome.kind === "killed" && !outcome.stopped) world.unstopped.push(JSON.stringify(plan));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, live));
  checkBank(world.bank, PATIENCE_MS);
  const after = await nothingLeft(before, world);
  for (const branch of world.bank) assertQuiet(branch);
  return { outcomes, before, after };
}

function isPossible({ life, fate }: Plan, kind: Outcome["kind"]): boolean {
  return FATES[fate].includes(kind) || NATURAL_ENDS[life] === kind;
}

/** One task from its start to its end. */
async function liveOne(plan: Plan, world: World): Promise<Outcome> {
  const task = start(plan, world);
  world.present.set(plan, task);
  void task.outcome; // asked for at once, so that none is raised as unheard of
  const talking = talk(task, plan);
  for (let turn = 0; turn < plan.turns; turn++) await nextTurn();
  const ending = end(task, plan);
  const isSoon = plan.fate === "kill" || plan.fate === "cancel";
  const outcome =
    plan.blocking && isSoon ? task.outcomeSync({ timeoutMs: PATIENCE_MS }) : await task.outcome;
  await ending;
  await talking;
  world.present.delete(plan);
  const { out, in: into } = task.quipe.statistics();
  for (const { sent, taken, buffered, capacity } of [out, into]) {
    assert.equal(sent - taken, buffered);
    assert.ok(buffered >= 0 && buffered <= capacity);
  }
  return outcome;
}

function start({ life, fate, capacity, turns }: Plan, { bank, rows }: World): Task {
  const options = {
    capacity,
    ...(fate === "deadline" && { timeoutMs: turns, graceMs: turns * 2 }),
  };
  switch (life) {
    case "echo":
      return spawn(echo, ["x"], options);
    case "sendLarge":
      return spawn(sendThen, [6, 100_000, "return"], options);
    case "receive":
      return spawn(receiveAll, [], options);
    case "return":
    case "throw":
    case "exit":
    case "timer":
      return spawn(endAs, [life, turns], options);
    default:
      // What nobody stops must stop by itself.
      if (fate === "leave") return spawn(sendThen, [100, 0, "return"], options);
  }
  switch (life) {
    case "compute":
      return spawn(check, [], options);
    case "send":
      return spawn(sendForEver, [], options);
    case "block":
      return spawn(blockInReceive, [], options);
    case "update":
      return spawn(work, [bank, turns], options);
    case "read":
      return spawn(readForEver, [rows], options);
    case "edit":
      return spawn(editForEver, [], options);
    case "raise":
      return spawn(raise, [2], options);
  }
}

/** Sends to a task that receives; from one that sends, checks that each item follows on the last. */
async function talk(task: Task, { life, fate, turns }: Plan): Promise<void> {
  const step = life === "update" && fate !== "leave" ? 8 : 1;
  try {
    if (life === "receive") {
      for (let i = 0; i < turns; i++)
        await task.quipe.send(i % 7 === 0 ? new Uint8Array(70_000) : i);
      task.quipe.close();
      return;
    }
    let expected = 0;
    for await (const item of task) {
      if (item instanceof Uint8Array) assert.ok(item.every((byte) => byte === expected % 256));
      else if (typeof item === "number") assert.equal(item, expected);
      else continue;
      expected += step;
    }
  } catch (error) {
    if (error instanceof RangeError) return assert.equal(life, "throw");
    assert.ok(error instanceof QuipeError, String(error));
    const codes = ["broken", "peer-killed", "peer-failed", "closed", "crashed", "cancelled"];
    assert.ok(codes.includes(error.code), error.code);
  }
}

async function end(task: Task, { fate }: Plan): Promise<void> {
  if (fate === "kill") await task.kill("by chance");
  if (fate === "cancel") task.cancel("by chance", { graceMs: 5_000 });
}

async function orSayWhoHangs<Result>(
  living: Promise<Result>,
  plan: Plan,
  { present }: World,
): Promise<Result> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const hangs = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const others = [...present].map(([other, task]) => `${task.state} ${JSON.stringify(other)}`);
      reject(new Error(`${JSON.stringify(plan)} hangs; alive are:\n${others.join("\n")}`));
    }, PATIENCE_MS * 2);
  });
  try {
    return await Promise.race([living, hangs]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits until what the last tasks have left is gone, and throws if that does not happen. */
async function nothingLeft(before: Census, { unstopped }: World): Promise<Census> {
  const deadline = performance.now() + PATIENCE_MS;
  const { board } = thisThread();
  for (;;) {
    const census = await takeCensus();
    const { taken } = countSlots(board);
    const isLeft =
      taken > 1 ||
      census.tasks > 0 ||
      census.threads > IDLE_THREADS ||
      census.buffers > before.buffers + UNCOLLECTED;
    if (!isLeft) return census;
    const what = JSON.stringify({ before, census, slotsTaken: taken, unstopped });
    assert.ok(performance.now() < deadline, `something is left over: ${what}`);
    await spawn(echo, [0]).result;
  }
}

/** Nobody is inside and nobody waits. */
function assertQuiet(branch: Bank[number]): void {
  const block = Guard.blockOf(branch);
  assert.ok(block);
  assert.deepEqual(checkGuard(block), { readers: 0, waiting: 0, isHeld: false });
}

function said(outcome: Outcome): string {
  return "error" in outcome ? `${outcome.kind}: ${String(outcome.error)}` : outcome.kind;
}
