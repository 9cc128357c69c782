/**
 * Tasks that bind several names at once are killed at random instants, half of them the creators of the namespace: all
 * names are as before that or as after it, readers go on, and the heir takes over.
 *
 * `QUIPE_SEED` replays the choices of a run; `QUIPE_ROUNDS` says how many are killed.
 */
import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { freeze } from "../../src/memory/freeze.ts";
import { checkNames } from "../../src/namespace/check-names.ts";
import { adopt, isLocked, publish, unlock } from "../../src/namespace/locks.ts";
import { type Namespace, namespace, rebindable } from "../../src/namespace/namespace.ts";
import { rebind } from "../../src/namespace/rebind.ts";
import { snapshot } from "../../src/namespace/snapshot.ts";
import { nextTurn } from "../../src/runtime/host.ts";
import { spawn } from "../../src/task/spawn.ts";
import { randomFrom } from "../memory/bank.ts";

const seed = Number(process.env["QUIPE_SEED"] ?? Date.now() % 2 ** 31);
const rounds = Number(process.env["QUIPE_ROUNDS"] ?? ("Deno" in globalThis ? 50 : 1_000));
const AT_ONCE = 3;
const PATIENCE_MS = 60_000;

interface Updated {
  a: number;
  b: string;
  list: readonly number[];
  c: number;
}
type Names = Namespace<Updated>;

/** Makes a namespace, sends it, and binds all its names again and again. */
const create = async (): Promise<void> => {
  const quipe = await import("quipe");
  const lists = Array.from({ length: 10 }, (_, i) => quipe.freeze([i]));
  const names = quipe.namespace<Updated>({ a: 0, b: "0", list: lists[0] ?? [], c: 0 });
  await quipe.current().quipe.send(names);
  for (let i = 1; ; i++) {
    const b = String(i).padStart(i % 500, "0"); // tables of many sizes
    quipe.rebind(names, { a: i, b, list: lists[i % 10] ?? [], c: i });
  }
};

/** Binds all names of a namespace of another task again and again. */
const disturb = async (names: Names): Promise<void> => {
  const quipe = await import("quipe");
  const lists = Array.from({ length: 10 }, (_, i) => quipe.freeze([i]));
  await quipe.current().quipe.send("begun");
  for (;;) {
    quipe.rebind(names, ({ a }) => ({
      a: a + 1,
      b: String(a + 1).padStart(a % 500, "0"),
      list: lists[(a + 1) % 10] ?? [],
      c: a + 1,
    }));
  }
};

test(`${rounds} creators killed in the middle of an update (seed ${seed}): all old or all new`, async () => {
  let started = 0;
  const replace = async (): Promise<void> => {
    while (started < rounds) await killCreator(started++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, replace));
});

test(`${rounds / 4} rebinders killed in the middle of an update (seed ${seed}): others go on`, async () => {
  const names: Names = namespace({ a: 0, b: "0", list: freeze([0]), c: 0 });
  let started = 0;
  const replace = async (): Promise<void> => {
    while (started < rounds / 4) await killRebinder(names, started++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, replace));
  publish(names);
  checkNames(names);
});

async function killCreator(number: number): Promise<void> {
  const random = randomFrom(seed + number);
  const creator = spawn(create);
  const names = (await creator.quipe.receive({ timeoutMs: PATIENCE_MS })) as Names;
  for (let i = random(20); i > 0; i--) {
    assertWhole(names);
    await nextTurn();
  }
  await creator.kill("in the middle");
  const { a } = assertWhole(names);
  assert.ok(isLocked(names, "a"));
  assert.throws(() => (names.a = -1), { code: "name-locked" });
  adopt(names);
  assert.equal(names.a, a);
  unlock(names, "a", "b", "list", "c");
  rebind(names, { a: 7, b: "7", list: freeze([7]), c: 7 });
  assert.equal(assertWhole(names).a, 7);
  checkNames(names);
}

async function killRebinder(names: Names, number: number): Promise<void> {
  const random = randomFrom(seed ^ number);
  const task = spawn(disturb, [rebindable(names)]);
  await task.quipe.receive({ timeoutMs: PATIENCE_MS });
  for (let i = random(20); i > 0; i--) {
    assertWhole(names);
    await nextTurn();
  }
  await task.kill("in the middle");
  const { a } = assertWhole(names);
  rebind(names, (now) => ({
    a: now.a + 1,
    b: String(now.a + 1),
    list: freeze([(now.a + 1) % 10]),
    c: now.a + 1,
  }));
  assert.ok(assertWhole(names).a > a);
}

/** All names are from one update. */
function assertWhole(names: Names): Updated {
  const now = snapshot(names);
  assert.equal(Number(now.b), now.a, "half an update");
  assert.equal(now.c, now.a, "half an update");
  assert.equal(now.list[0], now.a % 10, "half an update");
  return now;
}
