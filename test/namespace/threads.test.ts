/** Namespaces in several tasks: what is seen, who may do what, and what a death leaves. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { withoutNewMemory } from "../here.ts";
import { freeze } from "../../src/memory/freeze.ts";
import { guard } from "../../src/memory/guard.ts";
import { move } from "../../src/memory/move.ts";
import { release } from "../../src/memory/release.ts";
import { share } from "../../src/memory/share.ts";
import { thaw, tryThaw } from "../../src/memory/thaw.ts";
import { checkNames } from "../../src/namespace/check-names.ts";
import { adopt, isLocked, lock, publish, reopen, unlock } from "../../src/namespace/locks.ts";
import { type Namespace, child, namespace, rebindable } from "../../src/namespace/namespace.ts";
import { rebind } from "../../src/namespace/rebind.ts";
import { snapshot } from "../../src/namespace/snapshot.ts";
import { whenRebound } from "../../src/namespace/waiting.ts";
import { spawn } from "../../src/task/spawn.ts";

type Rates = Namespace<{ rate: number; list: readonly number[] }>;

/** What a task is told when it tries to assign. */
const assign = (names: { rate: number }): string => {
  try {
    names.rate = 9;
    return "done";
  } catch (error) {
    return (error as { code: string }).code;
  }
};

// docs/runtimes.md: blocking
test(
  "a namespace is one value for every task, and each sees the newest",
  { skip: withoutNewMemory },
  async () => {
    const names: Rates = namespace({ rate: 1, list: freeze([1, 2]) });
    const relay = spawn(
      async (given: Rates) => {
        const { current } = await import("quipe");
        const { quipe } = current<unknown, number>();
        for await (const _ of quipe) await quipe.send([given.rate, given.list.length]);
      },
      [names],
    );
    const seen: unknown[] = [];
    for (let i = 2; i < 30; i++) {
      rebind(names, { rate: i, list: freeze(Array.from({ length: i }, () => 0)) });
      await relay.quipe.send(i);
      seen.push(await relay.quipe.receive());
    }
    relay.quipe.close();
    await relay.result;
    assert.deepEqual(
      seen,
      seen.map((_, i) => [i + 2, i + 2]),
    );
    checkNames(names);
  },
);

test("another task may not rebind, unless it was sent a rebindable handle", async () => {
  const names = namespace({ rate: 1 });
  assert.equal(await spawn(assign, [names]).result, "not-creator");
  assert.equal(await spawn(assign, [rebindable(names)]).result, "done");
  assert.equal(names.rate, 9);
  lock(names, "rate");
  assert.equal(await spawn(assign, [rebindable(names)]).result, "name-locked");
  assert.equal(await spawn(assign, [names]).result, "name-locked");
});

test("all that is not rebinding is for the creator alone", async () => {
  const names = namespace<{ rate: number; more?: number }>({ rate: 1 });
  const attempt = async (given: Namespace<{ rate: number; more?: number }>): Promise<string[]> => {
    const quipe = await import("quipe");
    const attempts: (() => unknown)[] = [
      () => quipe.lock(given, "rate"),
      () => quipe.unlock(given, "rate"),
      () => quipe.publish(given),
      () => quipe.reopen(given),
      () => quipe.adopt(given),
      () => quipe.unbind(given, "rate"),
      () => (given.more = 1),
      () => quipe.rebindable(given),
    ];
    return attempts.map((one) => {
      try {
        one();
        return "done";
      } catch (error) {
        return (error as { code: string }).code;
      }
    });
  };
  const refused = Array.from({ length: 7 }, () => "not-creator");
  assert.deepEqual(await spawn(attempt, [names]).result, [...refused, "not-creator"]);
  assert.deepEqual(await spawn(attempt, [rebindable(names)]).result, [...refused, "done"]);
  assert.deepEqual({ ...names }, { rate: 1 });
});

test("the right to rebind is handed on by those who have it", async () => {
  const names = namespace({ rate: 1 });
  const relay = async (given: Namespace<{ rate: number }>): Promise<void> => {
    const { spawn: start } = await import("quipe");
    await start((inner: typeof given) => void (inner.rate += 1), [given]).result;
  };
  await spawn(relay, [rebindable(names)]).result;
  assert.equal(names.rate, 2);
  await assert.rejects(spawn(relay, [names]).result, { code: "not-creator" });
});

test("a child in another task binds its own, and locks them", async () => {
  const names = namespace({ rate: 1, other: 2 });
  publish(names);
  const task = spawn(
    async (given: Namespace<{ rate: number; other: number }>) => {
      const quipe = await import("quipe");
      const mine = quipe.child(given, { rate: 10 });
      quipe.publish(mine);
      return mine;
    },
    [names],
  );
  const mine = await task.result;
  assert.deepEqual(snapshot(mine), { rate: 10, other: 2 });
  reopen(names);
  names.other = 3;
  assert.equal(mine.other, 3);
});

test("what a locked name is bound to is not thawed, moved or released, whoever owns it", async () => {
  const names: Rates = namespace({ rate: 1, list: freeze([1]) });
  const { list } = names;
  assert.deepEqual(await spawn((given: Rates) => given.list.length, [names]).result, 1);
  lock(names, "list");
  assert.throws(() => tryThaw(list), { code: "name-locked", message: /"list" of namespace \d+/ });
  await assert.rejects(thaw(list), { code: "name-locked" });
  assert.throws(() => release(list), { code: "name-locked" });
  assert.throws(() => move(list), { code: "name-locked" });
  unlock(names, "list");
  assert.throws(() => move(list), { code: "frozen" });
  (await thaw(list)).push(2);
});

test("a task's own data, locked in a namespace of another, stays frozen", async () => {
  const names = namespace<{ data?: { readonly n: number } }>();
  const owner = spawn(async () => {
    const quipe = await import("quipe");
    const mine = quipe.freeze({ n: 1 });
    const { quipe: end } = quipe.current();
    await end.send(mine);
    await end.receive();
    try {
      quipe.tryThaw(mine);
      return "thawed";
    } catch (error) {
      return (error as { code: string }).code;
    }
  });
  names.data = (await owner.quipe.receive()) as { n: number };
  lock(names, "data");
  await owner.quipe.send("locked");
  assert.equal(await owner.result, "name-locked");
  assert.equal(names.data.n, 1);
});

test("a name that is not locked is no reader: its data can be thawed, and then it cannot be read", async () => {
  const names: Rates = namespace({ rate: 1, list: freeze([1]) });
  const read = (given: Rates): unknown => {
    try {
      return given.list.length;
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  assert.equal(await spawn(read, [names]).result, 1);
  const draft = await thaw(names.list);
  draft.push(2, 3);
  assert.equal(await spawn(read, [names]).result, "stale");
  names.list = freeze(draft);
  assert.equal(await spawn(read, [names]).result, 3);
});

test("what a name was bound to before it was moved or released is nobody's by that name", async () => {
  const names = namespace({ moved: freeze({ n: 1 }), released: freeze({ n: 2 }), rate: 3 });
  const draft = tryThaw(names.moved);
  const keeper = spawn(
    async (mine: { n: number }) => {
      const { current } = await import("quipe");
      await current().quipe.receive();
      return mine.n;
    },
    [move(draft)],
  );
  release(names.released);
  const read = (given: typeof names): unknown[] =>
    [() => given.rate, () => given.released.n, () => given.moved.n].map((one) => {
      try {
        return one();
      } catch (error) {
        return (error as { code: string }).code;
      }
    });
  assert.deepEqual(await spawn(read, [names]).result, [3, "released", "stale"]);
  await keeper.quipe.send("go on");
  assert.equal(await keeper.result, 1);
});

test("publishing freezes anew, and other tasks see what was written meanwhile", async () => {
  const names = namespace({ data: freeze({ text: "a", more: [1] }) });
  const read = (given: typeof names): string => given.data.text + given.data.more.length;
  assert.equal(await spawn(read, [names]).result, "a1");
  const draft = await thaw(names.data);
  draft.text = "b";
  for (let i = 0; i < 100_000; i++) draft.more.push(i); // into another buffer
  publish(names);
  assert.equal(await spawn(read, [names]).result, "b100001");
  checkNames(names);
});

test("what names are bound to lives as long as they are, and no longer", async () => {
  const maker = spawn(async () => {
    const quipe = await import("quipe");
    const names = quipe.namespace({ data: quipe.freeze({ deep: [1, 2, 3] }) });
    quipe.current().quipe.close();
    return names;
  });
  const names = await maker.result;
  await maker.outcome;
  assert.deepEqual(names.data.deep, [1, 2, 3]);
  adopt(names);
  unlock(names, "data");
  names.data = freeze({ deep: [4] });
  assert.deepEqual(await spawn((given: typeof names) => given.data.deep, [names]).result, [4]);
});

test("guards and tasks are bound by reference", async () => {
  const names = namespace({ counter: guard({ n: 0 }), task: spawn(() => 7) });
  const run = async (given: typeof names): Promise<number> => {
    await given.counter.update((it) => (it.n += 1));
    const outcome = await given.task.outcome;
    return outcome.kind === "done" ? outcome.value : 0;
  };
  const results = await Promise.all([1, 2, 3].map(() => spawn(run, [names]).result));
  assert.deepEqual(results, [7, 7, 7]);
  assert.equal(await names.counter.read((it) => it.n), 3);
});

test("a creator that ends leaves everything locked, readable, and to its heir", async () => {
  const maker = spawn(async () => {
    const quipe = await import("quipe");
    const names = quipe.namespace({ rate: 1, list: quipe.freeze([1]) });
    await quipe.current().quipe.send(quipe.rebindable(names));
    await quipe.current().quipe.receive();
  });
  const names = (await maker.quipe.receive()) as Rates;
  names.rate = 2;
  assert.ok(!isLocked(names, "rate"));
  assert.throws(() => adopt(names), { code: "not-creator", message: /has not ended/ });
  await maker.kill("enough");
  assert.equal(names.rate, 2);
  assert.ok(isLocked(names, "rate"));
  assert.throws(() => (names.rate = 3), { code: "name-locked", message: /adopt\(names\)/ });
  assert.throws(() => unlock(names, "rate"), { code: "name-locked" });
  assert.equal(await spawn(assign, [names]).result, "name-locked");
  assert.equal(
    await spawn(
      async (given: Rates) => {
        try {
          (await import("quipe")).adopt(given);
          return "adopted";
        } catch (error) {
          return (error as { code: string }).code;
        }
      },
      [names],
    ).result,
    "not-creator",
  );
  adopt(names);
  adopt(names);
  assert.ok(isLocked(names, "rate"));
  assert.throws(() => (names.rate = 3), { code: "name-locked" });
  unlock(names, "rate");
  names.rate = 3;
  assert.equal(names.rate, 3);
  checkNames(names);
});

test("a waiting task is told of a change by another, and goes on when the creator dies", async () => {
  const maker = spawn(async () => {
    const quipe = await import("quipe");
    const names = quipe.namespace({ step: 0 });
    const { quipe: end } = quipe.current();
    await end.send(names);
    for (let i = 1; i <= 3; i++) {
      await end.receive();
      names.step = i;
    }
    await end.receive();
  });
  const names = (await maker.quipe.receive()) as Namespace<{ step: number }>;
  for (let i = 0; i < 3; i++) {
    const next = whenRebound(names, "step", i);
    await maker.quipe.send("go on");
    assert.equal(await next, i + 1);
  }
  const options = { timeoutMs: 20 };
  const never = assert.rejects(whenRebound(names, "step", 3, options), { code: "timed-out" });
  await maker.kill("enough");
  await never;
  assert.equal(names.step, 3);
});

test("a namespace of a task that has ended on this thread reads nothing new", async () => {
  const names = child(namespace({ rate: 1 }));
  const first = spawn(
    async (given: typeof names) => {
      (globalThis as { kept?: unknown }).kept = given;
      return given.rate;
    },
    [names],
  );
  assert.equal(await first.result, 1);
  names.rate = 2;
  const second = spawn(async () => {
    const { kept } = globalThis as { kept?: { rate: number } };
    if (kept === undefined) return "another thread";
    try {
      return kept.rate;
    } catch (error) {
      return (error as { code: string }).code;
    }
  });
  assert.ok(["another thread", "stale"].includes(String(await second.result)));
});

test("a namespace holds namespaces, itself too, and goes with its last reader", async () => {
  const inner = namespace<{ outer?: object; x: number }>({ x: 1 });
  const outer = namespace({ inner });
  inner.outer = outer;
  const isSame = spawn(
    (given: typeof outer) => (given.inner.outer as typeof outer) === given && given.inner.x,
    [outer],
  );
  assert.equal(await isSame.result, 1);
});

test("shared data under a name of a name is found when it is first read", async () => {
  const draft = share({ rows: [{ id: 1 }, { id: 2 }] });
  const rows = freeze(draft).rows;
  const names = namespace({ rows, second: rows[1] });
  const check = (given: { rows: readonly object[]; second: object | undefined }): boolean =>
    given.rows[1] === given.second;
  assert.equal(await spawn(check, [names]).result, true);
});
