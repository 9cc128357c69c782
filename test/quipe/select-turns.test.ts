/** What the cases of a select that are not chosen leave behind: nothing, and everybody's turn is kept. */
import assert from "node:assert/strict";
import { afterEach, before, test } from "node:test";
import { guard } from "../../src/memory/guard.ts";
import { move } from "../../src/memory/move.ts";
import { share } from "../../src/memory/share.ts";
import { after } from "../../src/quipe/after.ts";
import type { End } from "../../src/quipe/end.ts";
import { type SelectOptions, select, selectSync, trySelect } from "../../src/quipe/select.ts";
import { sending } from "../../src/quipe/sending.ts";
import { until } from "../../src/quipe/until.ts";
import { spawn } from "../../src/task/spawn.ts";
import { checkLanes, ends, hasCode } from "./ends.ts";

before(async () => {
  await spawn(() => 0).result; // a reaper, for what is moved and what does not fit into a lane
});

afterEach(checkLanes);

const FIRST: SelectOptions = { priority: true };

test("sending and receiving in one select: one of both happens, and the other not at all", async () => {
  const [left, right] = ends({ capacity: 1 });
  for (let round = 0; round < 200; round++) {
    right.trySend("for left");
    const chosen = await select({ in: left, out: sending(left, "from left") });
    const sent = right.tryReceive() !== undefined;
    const taken = left.tryReceive() === undefined;
    assert.deepEqual({ sent, taken }, { sent: chosen.case === "out", taken: chosen.case === "in" });
  }
});

test("of items offered to several ends at once, or twice to one, exactly one is sent", async () => {
  const quipes = [ends(), ends(), ends()] as const;
  const [[a], [b], [c]] = quipes;
  for (let round = 0; round < 100; round++) {
    const cases = {
      a: sending(a, "a"),
      again: sending(a, "again"),
      b: sending(b, "b"),
      c: sending(c, "c"),
    };
    const chosen = round % 2 === 0 ? await select(cases) : selectSync(cases);
    const arrived = quipes.map(([, right]) => right.tryReceive()?.value);
    assert.deepEqual(
      arrived.filter((item) => item !== undefined),
      [chosen.case],
    );
  }
});

test("with items at several ends exactly one is taken", async () => {
  const [left, right] = ends();
  const [other, second] = ends();
  left.trySend(1);
  other.trySend(2);
  const chosen = await select({ right, second });
  const rest = [right.tryReceive()?.value, second.tryReceive()?.value];
  assert.deepEqual(rest, chosen.value === 1 ? [undefined, 2] : [1, undefined]);
});

test("an item is sent as it was when the select began", async () => {
  const [left, right] = ends({ capacity: 1 });
  left.trySend("full");
  const item = { n: 1 };
  const chosen = select({ out: sending(left, item) });
  item.n = 2;
  assert.equal(right.receiveSync(), "full");
  await chosen;
  assert.deepEqual(right.receiveSync(), { n: 1 });
});

test("one sending() serves many selects, and each sends the item as it is by then", async () => {
  const [left, right] = ends();
  const item = { n: 1 };
  const out = sending(left, item);
  for (let n = 1; n <= 3; n++) {
    item.n = n;
    await select({ out });
    assert.deepEqual(right.receiveSync(), { n });
  }
});

test("items of every size and kind are sent by a select, also those that wait", async () => {
  const [left, right] = ends({ capacity: 1, maxBytes: 256 });
  const items = [5, -0, "text", { a: [1] }, new Uint8Array(100_000).fill(7), null, undefined];
  for (const item of items) {
    const first = select({ out: sending(left, item) });
    const second = select({ out: sending(left, item) });
    assert.deepEqual([await right.receive(), await right.receive()], [item, item]);
    await Promise.all([first, second]);
  }
});

test("what cannot be sent is refused at once, whichever case is ready, and nothing has happened", async () => {
  const [left, right] = ends();
  right.trySend("kept");
  const draft = share({ n: 1 });
  const bad = () => ({
    in: left,
    moving: sending(left, move(draft)),
    out: sending<unknown, unknown, unknown>(left, { fn: () => 1 }),
  });
  await assert.rejects(select(bad()), hasCode("not-sendable"));
  assert.throws(() => selectSync(bad()), hasCode("not-sendable"));
  assert.throws(() => trySelect(bad()), hasCode("not-sendable"));
  draft.n = 2;
  assert.equal(left.receiveSync(), "kept");
  assert.equal(right.tryReceive(), undefined);
});

test("what a case was to move is the caller's again when another is chosen, or none", async () => {
  const [left, right] = ends({ capacity: 1 });
  left.trySend("full");
  const draft = share({ n: 1 });
  const [word, soon] = ends();
  const cases = () => ({ out: sending(left, move(draft)), soon });
  const waiting = select(cases());
  assert.throws(() => draft.n, hasCode("moved"));
  word.trySend("now");
  assert.equal((await waiting).case, "soon");
  assert.equal((draft.n += 1), 2);
  word.trySend("now");
  assert.equal(selectSync(cases()).case, "soon");
  assert.equal((draft.n += 1), 3);
  assert.equal(trySelect({ out: sending(left, move(draft)) }), undefined);
  assert.equal((draft.n += 1), 4);
  await assert.rejects(
    select({ out: sending(left, move(draft)) }, { timeoutMs: 1 }),
    hasCode("timed-out"),
  );
  assert.equal((draft.n += 1), 5);
  const broken = select({ out: sending(left, move(draft)) });
  right.close();
  assert.ok(hasCode("broken")((await broken).error));
  assert.equal((draft.n += 1), 6);
});

test("what the chosen case moves is gone here, and lives there", async () => {
  const [left, right] = ends();
  const draft = share({ n: 1 });
  await select({ out: sending(left, move(draft)) });
  assert.throws(() => draft.n, hasCode("moved"));
  assert.equal(((await right.receive()) as typeof draft).n, 1);
});

test("one object can be offered to several ends: one gets it, or it comes back", async () => {
  const quipes = [ends({ capacity: 1 }), ends({ capacity: 1 }), ends({ capacity: 1 })];
  const offer = (draft: object) =>
    Object.fromEntries(quipes.map(([left], i) => [`to${i}`, sending(left, move(draft))]));
  const receivers = new Set<number>();
  for (let round = 0; round < 60; round++) {
    const draft = share({ n: round });
    const chosen = round % 2 === 0 ? await select(offer(draft)) : selectSync(offer(draft));
    assert.throws(() => draft.n, hasCode("moved"));
    const arrived = quipes.map(
      ([, right]) => right.tryReceive()?.value as typeof draft | undefined,
    );
    const receiver = Number(chosen.case.slice(2));
    assert.deepEqual(
      arrived.map((item) => item?.n),
      quipes.map((_, i) => (i === receiver ? round : undefined)),
    );
    receivers.add(receiver);
  }
  assert.equal(receivers.size, 3);
  const kept = share({ n: 0 });
  for (const [left] of quipes) left.trySend("full");
  assert.equal(trySelect(offer(kept)), undefined);
  assert.equal((kept.n += 1), 1);
});

test("a receive that waits already is served before a select, and one that comes later after it", async () => {
  const [left, right] = ends();
  const [, idle] = ends();
  const earlier = right.receive();
  const chosen = select({ idle, right });
  const later = right.receive();
  assert.equal(right.tryReceive(), undefined);
  for (let n = 1; n <= 3; n++) left.trySend(n);
  assert.deepEqual([await earlier, (await chosen).value, await later], [1, 2, 3]);
});

test("a send that waits already goes before that of a select, and one that comes later after it", async () => {
  const [left, right] = ends({ capacity: 1 });
  left.trySend(0);
  const earlier = left.send(1);
  const chosen = select({ out: sending(left, 2), back: left });
  const later = left.send(3);
  assert.equal(left.trySend(4), false);
  for (let n = 0; n <= 3; n++) assert.equal(await right.receive(), n);
  assert.equal((await chosen).case, "out");
  await Promise.all([earlier, later]);
});

test("who waits behind a select goes on as soon as it has chosen something else, or given up", async () => {
  const [left, right] = ends();
  const [other, second] = ends();
  const chosen = select({ right, second });
  const behind = right.receive();
  other.trySend("other");
  assert.equal((await chosen).case, "second");
  left.trySend("item");
  assert.equal(await behind, "item");

  const controller = new AbortController();
  const givenUp = select({ right, second }, { signal: controller.signal });
  const next = right.receive();
  left.trySend("next");
  controller.abort(new Error("enough"));
  await assert.rejects(givenUp, { message: "enough" });
  assert.equal(await next, "next");
});

test("who blocks the thread behind a select lets it choose first", async () => {
  const [left, right] = ends();
  const [, idle] = ends();
  const first = select({ idle, right });
  const second = select({ right, idle }, FIRST);
  for (let n = 1; n <= 4; n++) left.trySend(n);
  assert.equal(right.receiveSync(), 3);
  assert.equal(selectSync({ idle, right }).value, 4);
  assert.deepEqual([(await first).value, (await second).value], [1, 2]);
});

test("a blocking receive behind a select gets its item although the select chooses another case", async () => {
  const [left, right] = ends();
  const [other, second] = ends();
  const chosen = select({ second, right }, FIRST);
  other.trySend("other");
  left.trySend("mine");
  assert.equal(right.receiveSync(), "mine");
  assert.deepEqual(await chosen, { case: "second", value: "other" });
});

test("a select that has chosen is not given up any more", async () => {
  const [left, right] = ends();
  const controller = new AbortController();
  const chosen = select({ right }, { signal: controller.signal });
  left.trySend(1);
  left.trySend(2);
  assert.equal(right.receiveSync(), 2); // and so lets the select take the first
  controller.abort();
  assert.deepEqual(await chosen, { case: "right", value: 1 });
});

test("a thousand selects at once in one thread: each gets one item, in the order in which they began", async () => {
  const [left, right] = ends({ capacity: 7 });
  const [, idle] = ends();
  const count = 1000;
  const selects = Array.from({ length: count }, () => select({ idle, right }));
  for (let n = 0; n < count; n++) await left.send(n);
  const chosen = await Promise.all(selects);
  assert.deepEqual(
    chosen.map(({ value }) => value),
    Array.from({ length: count }, (_, n) => n),
  );
  assert.equal(right.tryReceive(), undefined);
});

test("selects that wait for each other's ends in every order neither block nor slow each other", async () => {
  const quipes = Array.from({ length: 16 }, () => ends());
  const all = Object.fromEntries(quipes.map(([, right], i) => [`end${i}`, right]));
  const selects = quipes.map((_, i) => {
    const rotated = [...Object.entries(all).slice(i), ...Object.entries(all).slice(0, i)];
    return select(Object.fromEntries(rotated.slice(0, 12)), FIRST);
  });
  for (const [i, [left]] of quipes.entries()) left.trySend(i);
  const values = (await Promise.all(selects)).map(({ value }) => value as number);
  assert.deepEqual(
    values.toSorted((one, other) => one - other),
    quipes.map((_, i) => i),
  );
});

test("two selects over the two ends of one quipe play ping-pong in both directions", async () => {
  const [left, right] = ends({ capacity: 1 });
  const play = async (end: End, rounds: number): Promise<number[]> => {
    const received: number[] = [];
    let next = 0;
    while (next < rounds || received.length < rounds) {
      const out = next < rounds ? sending(end, next) : undefined;
      const chosen = await select({ out, in: received.length < rounds ? end : undefined });
      if (chosen.case === "out") next += 1;
      else received.push(chosen.value as number);
    }
    return received;
  };
  const [one, other] = await Promise.all([play(left, 300), play(right, 300)]);
  const numbers = Array.from({ length: 300 }, (_, n) => n);
  assert.deepEqual([one, other], [numbers, numbers]);
});

test("a select inside of the loop of another: each sees its own items", async () => {
  const [outerLeft, outer] = ends();
  const [innerLeft, inner] = ends();
  const seen: unknown[] = [];
  const loop = (async () => {
    for (let i = 0; i < 3; i++) {
      const first = await select({ outer, late: after(60_000) });
      const second = await select({ inner, late: after(60_000) });
      seen.push(first.value, second.value);
    }
  })();
  for (let i = 0; i < 3; i++) innerLeft.trySend(`inner ${i}`);
  for (let i = 0; i < 3; i++) outerLeft.trySend(`outer ${i}`);
  await loop;
  assert.deepEqual(seen, ["outer 0", "inner 0", "outer 1", "inner 1", "outer 2", "inner 2"]);
});

test("a select as a case of a select, since it is a promise", async () => {
  const [left, right] = ends();
  const inner = select({ right });
  const outer = select({ inner, late: after(60_000) });
  left.trySend("deep");
  assert.deepEqual(await outer, { case: "inner", value: { case: "right", value: "deep" } });
});

test("selects that are always ready do not keep timers from firing", async () => {
  const [left, right] = ends();
  const timer = { fired: false };
  setTimeout(() => (timer.fired = true), 1);
  const giveUp = after(20_000);
  while (!timer.fired) {
    left.trySend(1);
    const chosen = await select({ right, giveUp });
    assert.equal(chosen.case, "right", "timers never got a turn");
  }
});

test("a condition that is not chosen leaves the guard: updates, and other waits for it, go on", async () => {
  const data = guard({ n: 0 });
  const [left, right] = ends();
  const cases = () => ({ right, holds: until(data, (it) => it.n > 100) });
  const chosen = select(cases());
  const rival = data.until((it) => it.n === 2);
  left.trySend(1);
  assert.equal((await chosen).case, "right");
  assert.throws(() => selectSync(cases(), { timeoutMs: 1 }), hasCode("timed-out"));
  await Promise.all([data.update((it) => (it.n += 1)), data.update((it) => (it.n += 1))]);
  assert.equal(await rival, true);
});

test("a predicate that selects by itself does not disturb the select that asks it", async () => {
  const [left, right] = ends();
  const data = guard({ n: 0 });
  left.trySend("taken inside");
  const chosen = await select(
    { holds: until(data, () => trySelect({ right })?.value), right },
    FIRST,
  );
  assert.deepEqual(chosen, { case: "holds", value: "taken inside" });
});
