/** Selects over tasks and between threads: ends of every kind, cancels, kills, and who is told. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { guard } from "../../src/memory/guard.ts";
import { after } from "../../src/quipe/after.ts";
import { type SelectOptions, select, selectSync, trySelect } from "../../src/quipe/select.ts";
import { sending } from "../../src/quipe/sending.ts";
import { until } from "../../src/quipe/until.ts";
import type { Task } from "../../src/task/handle.ts";
import { shield } from "../../src/task/shield.ts";
import { spawn } from "../../src/task/spawn.ts";
import { hasCode } from "./ends.ts";
import { cannotExit } from "../exit-thread.ts";

const FIRST: SelectOptions = { priority: true };
const LONG_MS = 60_000;

/** Answers each number with the next one, by selects in both directions. */
async function increment(): Promise<number> {
  const { current, select: choose, sending: offer } = await import("quipe");
  const end = current<number, number>().quipe;
  const answers: number[] = [];
  let count = 0;
  for (let isOpen = true; isOpen || answers.length > 0;) {
    const next = answers[0];
    const chosen = await choose({
      in: isOpen ? end : undefined,
      out: next === undefined ? undefined : offer(end, next),
    });
    if (chosen.error !== undefined) isOpen = false;
    else if (chosen.case === "out") answers.shift();
    else {
      answers.push(chosen.value + 1);
      count += 1;
      isOpen = count < 500;
    }
  }
  return count;
}

/** The same, blocking its thread. */
async function incrementSync(): Promise<number> {
  const { current, selectSync: choose, after: later } = await import("quipe");
  const end = current<number, number>().quipe;
  for (let count = 0; ; count++) {
    const chosen = choose({ in: end, never: later(60_000) });
    if (chosen.error !== undefined || chosen.case === "never") return count;
    end.sendSync(chosen.value + 1);
  }
}

/** Waits in a select until it is stopped, and tells how. */
async function waitInSelect(isBlocking: boolean): Promise<string> {
  const {
    current,
    select: choose,
    selectSync: chooseSync,
    after: later,
    QuipeError,
  } = await import("quipe");
  const { quipe } = current();
  quipe.trySend("ready");
  try {
    const cases = { quipe, late: later(60_000) };
    const chosen = isBlocking ? chooseSync(cases) : await choose(cases);
    return chosen.case;
  } catch (error) {
    return error instanceof QuipeError ? error.code : String(error);
  }
}

test("a task that has ended in any way is ready, with its value or its error", async () => {
  const silent = spawn(waitInSelect, [false]);
  const done = spawn(() => 5);
  assert.deepEqual(await select({ silent, done }), { case: "done", value: 5 });
  const failing = spawn(() => {
    throw new RangeError("odd");
  });
  const failed = await select({ silent, failing });
  assert.ok(failed.error instanceof RangeError);
  assert.throws(() => failed.value, RangeError);
  if (cannotExit === false) {
    const crashing = spawn(() => process.exit(3));
    assert.ok(hasCode("crashed")((await select({ silent, crashing })).error));
  }
  const killed = select({ silent });
  await silent.kill("enough");
  assert.ok(hasCode("killed")((await killed).error));
  assert.deepEqual(selectSync({ done }), { case: "done", value: 5 });
  assert.equal(trySelect({ done })?.value, 5);
});

test("a task and its end in one loop: all its items, then its result", async () => {
  const worker = spawn(async () => {
    const { current } = await import("quipe");
    for (let n = 0; n < 200; n++) await current().quipe.send(n);
    return "done";
  });
  const items: unknown[] = [];
  for (;;) {
    const chosen = await select({ item: worker.quipe, over: worker }, FIRST);
    if (chosen.error !== undefined || chosen.case === "over") break;
    items.push(chosen.value);
  }
  assert.deepEqual(
    items,
    Array.from({ length: 200 }, (_, n) => n),
  );
  assert.equal(await worker.result, "done");
});

test("a task that fails between two selects that name it raises nothing elsewhere", async () => {
  const failing = spawn(() => {
    throw new Error("heard of");
  });
  assert.equal((await select({ now: after(0), failing }, FIRST)).case, "now");
  while (failing.state !== "dead") await new Promise((resolve) => setTimeout(resolve, 1));
  await new Promise((resolve) => setTimeout(resolve, 2));
  const chosen = await select({ failing });
  assert.throws(() => chosen.value, { message: "heard of" });
});

test("ping-pong by select between two threads in both directions loses nothing", async () => {
  const other = spawn(increment, [], { capacity: 3 });
  const answers: unknown[] = [];
  let next = 0;
  while (answers.length < 500) {
    const out = next < 500 ? sending(other.quipe, next) : undefined;
    const chosen = await select({ out, in: other.quipe });
    if (chosen.case === "out") next += 1;
    else answers.push(chosen.value);
  }
  assert.deepEqual(
    answers,
    Array.from({ length: 500 }, (_, n) => n + 1),
  );
  assert.equal(await other.result, 500);
});

test("ping-pong by selects that block both threads", async () => {
  const other = spawn(incrementSync);
  for (let n = 0; n < 300; n++) {
    assert.equal(selectSync({ out: sending(other.quipe, n), late: after(LONG_MS) }).case, "out");
    const answer = selectSync({ in: other.quipe, late: after(LONG_MS) });
    assert.deepEqual(answer, { case: "in", value: n + 1 });
  }
  other.quipe.close();
  assert.equal(await other.result, 300);
});

test("four senders and one that selects: every item once, in order for each sender", async () => {
  const workers = Array.from({ length: 4 }, (_, who) =>
    spawn(
      async (mine: number) => {
        const { current } = await import("quipe");
        for (let n = 0; n < 300; n++) await current().quipe.send(mine * 1000 + n);
      },
      [who],
      { capacity: 2 },
    ),
  );
  const open = new Map(workers.map(({ quipe }, who) => [String(who), quipe]));
  const received = workers.map((): number[] => []);
  while (open.size > 0) {
    const chosen = await select(Object.fromEntries(open));
    if (chosen.error === undefined) received[Number(chosen.case)]?.push(chosen.value as number);
    else {
      assert.ok(hasCode("ended")(chosen.error));
      open.delete(chosen.case);
    }
  }
  for (const [who, items] of received.entries()) {
    assert.deepEqual(
      items,
      Array.from({ length: 300 }, (_, n) => who * 1000 + n),
    );
  }
});

for (const isBlocking of [false, true]) {
  const how = isBlocking ? "blocks" : "waits";

  test(`cancelling a task that ${how} in a select makes the select throw cancelled`, async () => {
    const waiting = spawn(waitInSelect, [isBlocking]);
    await waiting.quipe.receive();
    while (waiting.blockedOn !== "a select") await new Promise((resolve) => setTimeout(resolve, 1));
    waiting.cancel("enough");
    assert.equal(await waiting.result, "cancelled");
  });

  test(`a task that ${how} in a select is killed as in any other wait`, async () => {
    const waiting = spawn(waitInSelect, [isBlocking]);
    await waiting.quipe.receive();
    while (waiting.blockedOn !== "a select") await new Promise((resolve) => setTimeout(resolve, 1));
    assert.equal(await waiting.kill("enough"), true);
    assert.throws(() => waiting.quipe.trySend(1), hasCode("broken"));
  });
}

test("a kill and a close while the other thread blocks in a select are heard of there", async () => {
  const victim = spawn(async () => {
    const { current } = await import("quipe");
    await current().quipe.receive();
  });
  const killer = spawn(
    async (other: Task<void>) => {
      await other.kill("by a third");
    },
    [victim],
  );
  const end = selectSync({ in: victim.quipe, late: after(LONG_MS) });
  assert.ok(hasCode("peer-killed")(end.error));
  assert.ok(hasCode("killed")(selectSync({ victim, late: after(LONG_MS) }).error));
  await killer.result;
});

test("a handle that was sent is a case in the task that got it", async () => {
  const slow = spawn(async () => {
    const { current } = await import("quipe");
    return current().quipe.receive();
  });
  const watcher = spawn(
    async (other: Task) => {
      const { select: choose, after: later } = await import("quipe");
      const chosen = await choose({ other, late: later(60_000) });
      return [chosen.case, chosen.value];
    },
    [slow],
  );
  slow.quipe.trySend("over");
  assert.deepEqual(await watcher.result, ["other", "over"]);
});

test("a task that selects on its own end is told deadlock", async () => {
  const self = spawn(async () => {
    const { current, select: choose, QuipeError } = await import("quipe");
    const me = (await current().quipe.receive()) as Task;
    return choose({ me }).catch((error: unknown) =>
      error instanceof QuipeError ? error.code : "other",
    );
  });
  self.quipe.trySend(self);
  assert.equal(await self.result, "deadlock");
});

test("in a cancelled task a select throws at once and does nothing; under a shield it goes on", async () => {
  const stopped = spawn(async () => {
    const quipe = await import("quipe");
    const { signal, quipe: end } = quipe.current();
    await new Promise((resolve) => {
      signal.addEventListener("abort", resolve);
      end.trySend("ready");
    });
    const cases = { out: quipe.sending(end, "shielded") };
    const refused = await quipe.select(cases).catch((error: unknown) => error);
    await quipe.shield(() => quipe.select(cases), { timeoutMs: 60_000 });
    return refused instanceof quipe.QuipeError ? refused.code : "none";
  });
  assert.equal(await stopped.quipe.receive(), "ready");
  stopped.cancel();
  assert.equal(await stopped.quipe.receive(), "shielded");
  assert.equal(await stopped.result, "cancelled");
});

test("timeoutMs and after() end a select over a silent task, also under a shield", async () => {
  const silent = spawn(waitInSelect, [false]);
  await silent.quipe.receive();
  const cases = { silent, in: silent.quipe };
  await assert.rejects(select(cases, { timeoutMs: 2 }), hasCode("timed-out"));
  const inShield = await shield(() => select({ ...cases, soon: after(3) }), { timeoutMs: LONG_MS });
  assert.equal(inShield.case, "soon");
  await silent.kill();
});

test("conditions over threads: a select waits for a guard that another task changes", async () => {
  const counter = guard({ n: 0 });
  const counting = spawn(
    async (shared: typeof counter) => {
      for (let i = 0; i < 100; i++) await shared.update((it) => (it.n += 1));
    },
    [counter],
  );
  const late = after(LONG_MS);
  assert.equal((await select({ half: until(counter, (it) => it.n >= 50), late })).case, "half");
  const full = selectSync({ full: until(counter, (it) => it.n === 100 && it.n), late });
  assert.deepEqual(full, { case: "full", value: 100 });
  await counting.result;
});

test("a select that waits keeps the program alive, and ends with it where nothing else does", async () => {
  const program = spawn(async () => {
    const { select: choose, after: later } = await import("quipe");
    return (await choose({ later: later(15) })).case;
  });
  assert.equal(await program.result, "later");
});
