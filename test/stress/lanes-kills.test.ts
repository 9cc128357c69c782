/**
 * Items by the million through each kind of lane, whose senders and receivers are killed at random instants. Nothing that
 * was acknowledged is lost, nothing comes twice, each receiver sees the items of a sender in order, nobody waits for ever,
 * and no slot or buffer is left.
 *
 * `QUIPE_SEED` replays the choices of a run; `QUIPE_ITEMS` says how many items go through each kind of lane, and
 * `QUIPE_LANES` through which of them.
 */
import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { type QuipeOptions, makeQuipe } from "../../src/quipe/quipe.ts";
import { nextTurn } from "../../src/runtime/host.ts";
import { takeCensus } from "../../src/task/census.ts";
import type { Task } from "../../src/task/handle.ts";
import { spawn } from "../../src/task/spawn.ts";
import { randomFrom } from "../memory/bank.ts";
import { collect } from "../collector.ts";
import {
  type Item,
  MOST_LIVES,
  SCORE,
  countReceived,
  createScores,
  receiveMany,
  received,
  sendMany,
} from "../quipe/traffic.ts";

const seed = Number(process.env["QUIPE_SEED"] ?? Date.now() % 2 ** 31);
const items = Number(process.env["QUIPE_ITEMS"] ?? 200_000);
const kinds = new RegExp(process.env["QUIPE_LANES"] ?? ".");
/** Long enough for a machine that does ten things at once. */
const PATIENCE_MS = 120_000;

interface Kind {
  readonly name: string;
  readonly options: QuipeOptions;
  /** How many tasks are on each side. */
  readonly tasks: number;
  /** How many items go through between two kills, at most. */
  readonly between: number;
}

const KINDS: readonly Kind[] = [
  { name: "alone", options: { capacity: 64 }, tasks: 1, between: 100_000 },
  { name: "shared", options: { capacity: 64 }, tasks: 2, between: 20_000 },
  { name: "narrow", options: { capacity: 1 }, tasks: 2, between: 5_000 },
  { name: "rendezvous", options: { capacity: 0 }, tasks: 2, between: 5_000 },
  { name: "face to face", options: { capacity: 0 }, tasks: 1, between: 100_000 },
];

for (const [place, kind] of KINDS.entries()) {
  if (!kinds.test(kind.name)) continue;
  test(`${items} items through a lane that is ${kind.name}, with kills (seed ${seed})`, async (t) => {
    const random = randomFrom(seed + place);
    const before = await settled(undefined);
    const began = performance.now();
    let [count, kills] = [0, 0];
    while (count < items) {
      const done = await runRound(kind, random, items - count);
      count += done.items;
      kills += done.kills;
    }
    const seconds = (performance.now() - began) / 1_000;
    t.diagnostic(`${count} items, ${kills} kills, ${Math.round(count / seconds)} items a second`);
    await settled(before);
  });
}

/** In a function of its own, so that nothing of it is left in the one that waits for what it left behind. */
async function runRound(
  kind: Kind,
  random: Random,
  goal: number,
): Promise<{ readonly items: number; readonly kills: number }> {
  const round = new Round(kind, random);
  await round.run(Math.min(goal, kind.between * 20));
  return { items: round.check(), kills: round.kills };
}

type Random = (below: number) => number;

/** One quipe, until its work is done or, where it has one task on each side, until one of them is dead. */
class Round {
  readonly #kind: Kind;
  readonly #random: Random;
  readonly #buffer = createScores();
  readonly #scores = new Int32Array(this.#buffer);
  readonly #ends;
  readonly #tasks: Task[][] = [[], []];
  readonly #all: Task[] = [];
  #lives = 0;
  #receiverKills = 0;
  kills = 0;

  constructor(kind: Kind, random: Random) {
    this.#kind = kind;
    this.#random = random;
    this.#ends = makeQuipe<Item, never>(kind.options);
  }

  async run(goal: number): Promise<void> {
    const { tasks, between } = this.#kind;
    const isAlone = tasks === 1;
    for (let i = 0; i < tasks; i++) for (const side of [0, 1] as const) this.#start(side, isAlone);
    let next = 1 + this.#random(between);
    while (received(this.#scores) < goal && this.#lives < MOST_LIVES) {
      await this.#until(Math.min(next, goal));
      next = received(this.#scores) + 1 + this.#random(between);
      const side = this.#random(2) as 0 | 1;
      await this.#kill(side);
      if (isAlone) break;
      this.#start(side, false);
    }
    store(this.#scores);
    if (!isAlone) for (const end of this.#ends) end.close();
    for (const each of this.#all) {
      const { kind } = await orHangs(each.outcome, () => this.#tell());
      assert.ok(kind === "done" || kind === "killed", kind);
    }
  }

  /** Asserts that all adds up; returns how many items were received. */
  check(): number {
    const scores = this.#scores;
    assert.equal(scores[SCORE.TWICE], 0, "an item came twice");
    assert.equal(scores[SCORE.DISORDER], 0, "the order of a sender was not kept");
    let lost = 0;
    for (let life = 0; life < this.#lives; life++) {
      const accepted = scores[SCORE.ACCEPTED + life] as number;
      lost += accepted - countReceived(scores, life, accepted);
    }
    // Whoever dies between taking an item and noting it; and where no receiver is left, what still lies in the lane.
    const capacity = this.#kind.options.capacity as number;
    const unread = this.#kind.tasks === 1 && this.#receiverKills > 0 ? Math.max(capacity, 1) : 0;
    assert.ok(lost <= this.#receiverKills + unread, `${lost} items were lost, ${this.#tell()}`);
    return received(scores);
  }

  #start(side: 0 | 1, isLast: boolean): void {
    const end = this.#ends[side];
    const mine = isLast ? end : end.clone();
    const started: Task =
      side === 0
        ? (spawn(sendMany, [mine as never, this.#buffer, this.#lives++]) as Task)
        : (spawn(receiveMany, [mine as never, this.#buffer]) as Task);
    this.#tasks[side]?.push(started);
    this.#all.push(started);
  }

  async #kill(side: 0 | 1): Promise<void> {
    const tasks = this.#tasks[side] as Task[];
    const [victim] = tasks.splice(this.#random(tasks.length), 1) as [Task];
    await victim.kill("at random");
    this.kills += 1;
    if (side === 1) this.#receiverKills += 1;
  }

  async #until(goal: number): Promise<void> {
    let seen = received(this.#scores);
    let deadline = performance.now() + PATIENCE_MS;
    while (received(this.#scores) < goal) {
      await nextTurn();
      if (received(this.#scores) !== seen) deadline = performance.now() + PATIENCE_MS;
      seen = received(this.#scores);
      assert.ok(performance.now() < deadline, `nothing moves any more, ${this.#tell()}`);
    }
  }

  #tell(): string {
    const { out } = this.#ends[0].statistics();
    return `after ${received(this.#scores)} items and ${this.kills} kills: ${JSON.stringify(out)}`;
  }
}

function store(scores: Int32Array): void {
  scores[SCORE.STOP] = 1;
}

async function orHangs<T>(promise: Promise<T>, tell: () => string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`a task hangs, ${tell()}`)), PATIENCE_MS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Buffers whose last view the collector of some idle thread has not found yet; more than that would grow with the run. */
const UNCOLLECTED = 8;

/** Waits until the reaper keeps no task, and no more buffers than before. */
async function settled(
  before: { readonly buffers: number } | undefined,
): Promise<{ readonly buffers: number }> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    collect?.();
    const census = await takeCensus();
    if (census.tasks === 0 && census.buffers <= (before?.buffers ?? Infinity) + UNCOLLECTED)
      return census;
    assert.ok(performance.now() < deadline, `left over: ${JSON.stringify({ before, census })}`);
    await nextTurn();
  }
}
