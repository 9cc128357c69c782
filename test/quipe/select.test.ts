/** What a select chooses, and how it says so. Both ends of each quipe are held by this thread. */
import assert from "node:assert/strict";
import { afterEach, before, test } from "node:test";
import { QuipeError } from "../../src/errors.ts";
import { guard } from "../../src/memory/guard.ts";
import { after } from "../../src/quipe/after.ts";
import { type SelectOptions, select, selectSync, trySelect } from "../../src/quipe/select.ts";
import { sending } from "../../src/quipe/sending.ts";
import { until } from "../../src/quipe/until.ts";
import { quipe } from "../../src/task/quipe.ts";
import { spawn } from "../../src/task/spawn.ts";
import { checkLanes, ends, hasCode } from "./ends.ts";

before(async () => {
  await spawn(() => 0).result; // a reaper, for the errors with which ends are closed
});

afterEach(checkLanes);

const FIRST: SelectOptions = { priority: true };
const ROUNDS = 4000;

test("one case that is ready is chosen, and the result has its name and its value", async () => {
  const [left, right] = ends();
  const [, idle] = ends();
  left.trySend("item");
  assert.deepEqual(await select({ idle, right }), { case: "right", value: "item" });
  left.trySend("item");
  assert.deepEqual(selectSync({ idle, right }), { case: "right", value: "item" });
  left.trySend("item");
  assert.deepEqual(trySelect({ idle, right }), { case: "right", value: "item" });
  assert.equal(trySelect({ idle, right }), undefined);
});

test("with no case ready it waits for the first that becomes ready", async () => {
  const [left, right] = ends();
  const [, idle] = ends();
  const chosen = select({ idle, right });
  left.trySend(7);
  assert.deepEqual(await chosen, { case: "right", value: 7 });
});

test("an item that is undefined is an item", async () => {
  const [left, right] = ends();
  left.trySend(undefined);
  assert.deepEqual(await select({ right }), { case: "right", value: undefined });
});

test("no case at all is a TypeError, at once, in every form", async () => {
  const none = { name: "TypeError", message: /at least one case/ };
  await assert.rejects(select({}), none);
  await assert.rejects(select({ off: undefined }, { timeoutMs: 0 }), none);
  assert.throws(() => selectSync({}), none);
  assert.throws(() => trySelect({}), none);
});

test("what is no case is a TypeError that names it, and nothing has happened", async () => {
  const [left, right] = ends();
  left.trySend("kept");
  const wrong = { right, odd: 5 } as unknown as { right: typeof right };
  await assert.rejects(select(wrong), { name: "TypeError", message: /`odd`.*got 5/ });
  await assert.rejects(select(null as unknown as { right: typeof right }), TypeError);
  assert.equal(right.receiveSync(), "kept");
});

test("a case that is undefined is never ready", async () => {
  const [left, right] = ends();
  left.trySend(1);
  assert.equal(trySelect({ off: undefined, late: after(Infinity) }), undefined);
  assert.deepEqual(await select({ off: undefined, right }), { case: "right", value: 1 });
});

for (const count of [2, 3, 5]) {
  test(`of ${count} ends that are always ready each is chosen at least half as often as its share`, async () => {
    const quipes = Array.from({ length: count }, () => ends({ capacity: 2 }));
    const cases = Object.fromEntries(quipes.map(([, right], i) => [`case${i}`, right]));
    const times = new Map<string, number>();
    for (let round = 0; round < ROUNDS; round++) {
      for (const [left] of quipes) left.trySend(round);
      const chosen = round % 2 === 0 ? await select(cases) : selectSync(cases);
      times.set(chosen.case, (times.get(chosen.case) ?? 0) + 1);
    }
    for (const name of Object.keys(cases)) {
      const chosen = times.get(name) ?? 0;
      assert.ok(chosen >= ROUNDS / (2 * count), `${name} was chosen ${chosen} of ${ROUNDS} times`);
    }
  });
}

test("cases of every kind that are always ready are chosen fairly, one end in two of them", async () => {
  const [left, right] = ends({ capacity: 2 });
  const holds = guard({ n: 1 });
  const settled = Promise.resolve("settled");
  const times = new Map<string, number>();
  for (let round = 0; round < ROUNDS; round++) {
    left.trySend("item");
    const chosen = await select({
      once: right,
      again: right,
      out: sending(right, 1),
      now: after(0),
      settled,
      holds: until(holds, (it) => it.n === 1),
    });
    left.tryReceive();
    times.set(chosen.case, (times.get(chosen.case) ?? 0) + 1);
  }
  assert.equal(times.size, 6);
  for (const [name, chosen] of times) {
    assert.ok(chosen >= ROUNDS / 12, `${name} was chosen ${chosen} of ${ROUNDS} times`);
  }
});

test("with priority the first in order is chosen whenever it is ready", async () => {
  const [left, right] = ends();
  const [other, second] = ends();
  for (let i = 0; i < 50; i++) {
    left.trySend(i);
    other.trySend(-i);
    assert.deepEqual(await select({ right, second }, FIRST), { case: "right", value: i });
  }
  assert.equal((await select({ right, second }, FIRST)).case, "second");
});

test("after() is due so long after it was made, stays due, and serves several selects", async () => {
  const [left, right] = ends();
  const late = after(20);
  const began = performance.now();
  for (let i = 0; i < 3; i++) {
    left.trySend(i);
    assert.equal((await select({ right, late }, FIRST)).case, "right");
  }
  assert.deepEqual(await select({ right, late }), { case: "late", value: undefined });
  assert.ok(performance.now() - began >= 19);
  assert.equal(trySelect({ right, late })?.case, "late");
  assert.equal(selectSync({ right, late }).case, "late");
});

test("of several after() the earliest wins, blocking or not", async () => {
  const both = () => ({ late: after(60_000), soon: after(5) });
  assert.equal((await select(both())).case, "soon");
  assert.equal(selectSync(both()).case, "soon");
});

test("after() takes what is a number of milliseconds", () => {
  for (const wrong of [Number.NaN, undefined, "5"] as unknown as number[]) {
    assert.throws(() => after(wrong), { name: "TypeError", message: /delayMs/ });
  }
  assert.equal(trySelect({ past: after(-5) })?.case, "past");
  assert.equal(trySelect({ never: after(Infinity) }), undefined);
});

test("timeoutMs rejects timed-out, names the cases, and nothing has happened", async () => {
  const [left, right] = ends({ capacity: 1 });
  left.trySend("full");
  const cases = () => ({ out: sending(left, "never"), back: left });
  const late = (error: unknown) => hasCode("timed-out")(error) && /out, back/.test(String(error));
  await assert.rejects(select(cases(), { timeoutMs: 2 }), late);
  await assert.rejects(select(cases(), { timeoutMs: 0 }), late);
  assert.throws(() => selectSync(cases(), { timeoutMs: 2 }), late);
  await assert.rejects(select(cases(), { timeoutMs: Number.NaN }), TypeError);
  assert.deepEqual(right.receiveSync(), "full");
  assert.equal(right.tryReceive(), undefined);
});

test("a timeout later than after() and one earlier than it", async () => {
  await assert.rejects(select({ late: after(60_000) }, { timeoutMs: 2 }), hasCode("timed-out"));
  assert.equal((await select({ soon: after(2) }, { timeoutMs: 60_000 })).case, "soon");
  assert.throws(() => selectSync({ late: after(60_000) }, { timeoutMs: 2 }), hasCode("timed-out"));
});

test("a signal gives a select up with its reason, before and while it waits", async () => {
  const [left, right] = ends();
  const controller = new AbortController();
  const waiting = select({ right }, { signal: controller.signal });
  controller.abort(new Error("enough"));
  await assert.rejects(waiting, { message: "enough" });
  left.trySend("kept");
  const { signal } = controller;
  await assert.rejects(select({ right }, { signal }), { message: "enough" });
  assert.throws(() => selectSync({ right }, { signal }), { message: "enough" });
  assert.equal(right.receiveSync(), "kept");
});

test("an ended end is ready: what is buffered first, then the error as the result of its case", async () => {
  const [left, right] = ends();
  const [, idle] = ends();
  left.trySend("last");
  left.close();
  assert.deepEqual(await select({ idle, right }), { case: "right", value: "last" });
  for (let i = 0; i < 2; i++) {
    const ended = await select({ idle, right });
    assert.equal(ended.case, "right");
    assert.ok(hasCode("ended")(ended.error));
    assert.throws(() => ended.value, hasCode("ended"));
  }
  assert.throws(() => selectSync({ right }).value, hasCode("ended"));
  assert.throws(() => trySelect({ right })?.value, hasCode("ended"));
});

test("a failed, a broken and a closed end are ready, also if they become so in the middle", async () => {
  const [left, right] = ends();
  const failing = select({ right });
  left.close(new Error("no more"));
  const failed = await failing;
  assert.ok(failed.error instanceof QuipeError && failed.error.code === "peer-failed");
  assert.equal((failed.error.cause as Error).message, "no more");

  const [one, other] = ends({ capacity: 1 });
  one.trySend("full");
  const breaking = select({ out: sending(one, 1) });
  other.close();
  assert.ok(hasCode("broken")((await breaking).error));

  const [mine, theirs] = ends();
  const closing = select({ mine });
  mine.close();
  assert.ok(hasCode("closed")((await closing).error));
  assert.ok(hasCode("closed")((await select({ out: sending(mine, 1) })).error));
  theirs.close();
});

test("a result with an error shows it, and only reading its value throws", async () => {
  const [left, right] = ends();
  left.close();
  const result = await select({ right });
  assert.deepEqual(Object.keys(result), ["case", "error"]);
  assert.match(JSON.stringify(result), /"case":"right"/);
  assert.throws(() => result.value, hasCode("ended"));
});

test("an error that is undefined is an error all the same", async () => {
  const result = await select({ bad: Promise.reject(undefined as unknown as Error) });
  assert.ok("error" in result);
  assert.throws(
    () => result.value,
    (error: unknown) => error === undefined,
  );
});

test("promises are cases: settled before, later, rejected, and as fair as any", async () => {
  const [left, right] = ends();
  assert.deepEqual(await select({ right, known: Promise.resolve(1) }), { case: "known", value: 1 });
  const gate = new AbortController();
  const pending = new Promise<number>((resolve) => {
    gate.signal.addEventListener("abort", () => resolve(2));
  });
  const chosen = select({ right, pending });
  gate.abort();
  assert.deepEqual(await chosen, { case: "pending", value: 2 });
  assert.deepEqual(await select({ right, pending }), { case: "pending", value: 2 });
  const rejected = await select({ bad: Promise.reject(new Error("bad")) });
  assert.throws(() => rejected.value, { message: "bad" });
  left.trySend("both");
  assert.equal((await select({ right, pending }, FIRST)).case, "right");
});

test("a promise that is named in many selects is listened to once", async () => {
  let listeners = 0;
  class Counted<T> extends Promise<T> {
    // oxlint-disable-next-line unicorn/no-thenable -- it counts who listens to it
    override then<A = T, B = never>(
      onValue?: ((value: T) => A | PromiseLike<A>) | null,
      onError?: ((error: unknown) => B | PromiseLike<B>) | null,
    ): Promise<A | B> {
      listeners += 1;
      return super.then(onValue, onError);
    }
  }
  const never = new Counted<void>(() => {});
  for (let i = 0; i < 100; i++) await select({ never, now: after(0) });
  assert.equal(listeners, 1);
});

test("a promise cannot be a case where nothing settles meanwhile", () => {
  const promise = Promise.resolve(1);
  assert.throws(() => selectSync({ promise }), { name: "TypeError", message: /selectSync/ });
  assert.throws(() => trySelect({ promise }), { name: "TypeError", message: /trySelect/ });
});

test("until() is ready when the predicate holds, with what it returned", async () => {
  const [, right] = ends();
  const stock = guard({ pears: 0 });
  const enough = until(stock, (it) => it.pears >= 2 && `${it.pears} pears`);
  const chosen = select({ right, enough });
  await stock.update((it) => (it.pears += 1));
  await stock.update((it) => (it.pears += 2));
  assert.deepEqual(await chosen, { case: "enough", value: "3 pears" });
  assert.deepEqual(selectSync({ right, enough }), { case: "enough", value: "3 pears" });
  assert.deepEqual(trySelect({ right, enough }), { case: "enough", value: "3 pears" });
});

test("what a predicate throws is the result of its case", async () => {
  const data = guard({ n: 0 });
  const bad = until(data, () => {
    throw new RangeError("no such pear");
  });
  assert.throws(() => trySelect({ bad })?.value, RangeError);
  const chosen = await select({ bad });
  assert.ok(chosen.error instanceof RangeError);
  await data.update((it) => (it.n += 1));
  assert.equal(
    data.readSync((it) => it.n),
    1,
  );
});

test("inside a guard until() is refused with deadlock, and what is no guard with TypeError", () => {
  const data = guard({ n: 0 });
  const holds = until(data, (it) => it.n === 0);
  data.updateSync(() => {
    assert.throws(() => trySelect({ holds }), hasCode("deadlock"));
  });
  assert.throws(() => until({} as typeof data, () => true), TypeError);
  assert.throws(() => until(data, 1 as unknown as () => boolean), TypeError);
  assert.equal(trySelect({ holds })?.case, "holds");
});

test("several conditions of one guard in one select, blocking or not: the true one is found", async () => {
  const data = guard({ n: 0 });
  const conditions = (n: number) => ({
    low: until(data, (it) => it.n < 0),
    high: until(data, (it) => it.n >= n && it.n),
    huge: until(data, (it) => it.n > 1000),
  });
  const chosen = select(conditions(3));
  for (let i = 0; i < 3; i++) await data.update((it) => (it.n += 1));
  assert.deepEqual(await chosen, { case: "high", value: 3 });
  assert.deepEqual(selectSync(conditions(3)), { case: "high", value: 3 });
  assert.throws(() => selectSync(conditions(4), { timeoutMs: 3 }), hasCode("timed-out"));
});

test("sending into a lane that drops is always ready, and drops", async () => {
  for (const [overflow, kept] of [
    ["drop-oldest", [2, 3]],
    ["drop-newest", [1, 2]],
  ] as const) {
    const lost: unknown[] = [];
    const [left, right] = quipe<number, never>({
      capacity: 2,
      overflow,
      undelivered: (item) => lost.push(item),
    });
    for (const n of [1, 2, 3]) {
      assert.equal((await select({ sent: sending(left, n), late: after(60_000) })).case, "sent");
    }
    assert.deepEqual(right.drain(), kept);
    await Promise.resolve();
    assert.deepEqual(lost, overflow === "drop-oldest" ? [1] : [3]);
  }
});
