/** What a program may try with a guard and its views, and should not get away with. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  compact,
  f64,
  freeze,
  guard,
  i32,
  plain,
  registerClass,
  release,
  save,
  share,
  spawn,
  str,
  struct,
  tryThaw,
} from "../../src/index.ts";
import { hold, leaveUse, waitForBoth } from "./guard-leftovers.ts";

class Probe extends struct({ x: f64, n: i32, label: str }) {}
registerClass(Probe);

function throws(code: string, words: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.equal((error as { code?: string }).code, code);
    assert.match((error as Error).message, words);
    return true;
  };
}

test("views are dead after an update that moved the region to other memory", () => {
  const guarded = guard({
    list: ["a"],
    part: { n: 1 },
    probe: new Probe({ x: 1, n: 1, label: "" }),
    map: new Map([[1, 2]]),
  });
  const [it] = guarded.updateSync((data) => {
    const { part, probe, map, list } = data;
    for (let i = 0; i < 2_000; i++) list.push("x".repeat(2_000) + i);
    return [{ part, probe, map, list }];
  });
  assert.ok(it !== undefined);
  const inside = throws("not-owner", /inside the read/);
  assert.throws(() => it.part.n, inside);
  assert.throws(() => (it.part.n = 5), inside);
  assert.throws(() => it.probe.x, inside);
  assert.throws(() => (it.probe.x = 5), inside);
  assert.throws(() => (it.probe.label = "b"), inside);
  assert.throws(() => it.list.length, inside);
  assert.throws(() => it.map.get(1), inside);
  guarded.readSync(() => assert.throws(() => it.part.n, inside));
  guarded.updateSync(() => assert.throws(() => (it.probe.x = 7), inside));
  assert.deepEqual(
    guarded.readSync(({ part, probe, map }) => [part.n, probe.x, map.get(1)]),
    [1, 1, 2],
  );
});

test("an update that returns a view has happened, and its promise says so", async () => {
  const guarded = guard<Record<string, number>>({ n: 1 });
  const view = await guarded.update((it) => Object.assign(it, { n: 2 }));
  assert.equal(await guarded.read((it) => it["n"]), 2);
  assert.throws(() => view["n"], throws("not-owner", /inside the read/));
});

test("whatever else is done with a view inside its guard says that it is guarded", async () => {
  const guarded = guard({ part: { n: 1 } });
  const refused = await guarded.update((it) => {
    assert.throws(() => tryThaw(it.part), throws("not-owner", /belongs to its guard/));
    assert.throws(() => freeze(it.part), throws("not-owner", /belongs to its guard/));
    assert.throws(() => release(it.part), throws("not-owner", /guarded/));
    assert.throws(() => compact(it.part), throws("not-owner", /end of an update/));
    assert.throws(() => guard(it.part), throws("not-owner", /guarded already/));
    assert.throws(
      () => spawn((part: unknown) => part, [it.part]),
      throws("not-sendable", /Send the guard itself/),
    );
    return { saved: save(it.part, "never-written.quipe").catch((error: unknown) => error) };
  });
  assert.ok(throws("not-owner", /snapshot\(\)/)(await refused.saved));
  assert.deepEqual(plain(guarded.snapshotSync()), { part: { n: 1 } });
});

test("waiting for a change of guarded data inside a guard is refused at once", async () => {
  const guarded = guard({ n: 1 });
  const other = guard({ n: 1 });
  let inner: Promise<unknown> = Promise.resolve();
  for (const enter of ["readSync", "updateSync"] as const) {
    for (const waited of [guarded, other]) {
      guarded[enter](() => {
        assert.throws(
          () => waited.untilSync((it) => it.n === 2),
          throws("deadlock", /Wait before/),
        );
        inner = waited.until((it) => it.n === 1);
        inner.catch(() => {});
      });
      await assert.rejects(inner, throws("deadlock", /Wait before/));
    }
  }
});

test("a time to wait that is no number is refused at once, not waited for", async () => {
  const guarded = guard({ n: 1 });
  const options = { timeoutMs: Number.NaN };
  await assert.rejects(
    guarded.until((it) => it.n === 2, options),
    TypeError,
  );
  assert.throws(() => guarded.untilSync((it) => it.n === 2, options), TypeError);
  await assert.rejects(
    guarded.update((it) => it.n++, options),
    TypeError,
  );
  assert.throws(() => guarded.updateSync((it) => it.n++, options), TypeError);
  assert.equal(
    guarded.readSync((it) => it.n),
    1,
  );
});

test("data that was released or frozen for ever is not guarded, and the error says which", () => {
  const gone = share({ n: 1 });
  release(gone);
  assert.throws(() => guard(gone), throws("released", /was released/));
  const constant = freeze({ n: 1 }, { forever: true });
  assert.throws(() => guard(constant), throws("frozen", /for ever/));
  assert.throws(() => compact(constant), throws("frozen", /for ever/));
});

test("what a task leaves behind on its thread does not touch what the next task there holds", async () => {
  const one = guard({ n: 1 });
  const other = guard({ n: 1 });
  await spawn(leaveUse, [one]).result;
  const next = spawn(waitForBoth, [one, other]);
  const holder = spawn(hold, [other]);
  await holder.quipe.receive();
  assert.equal(await next.quipe.receive(), "waiting");
  await next.quipe.send("go on");
  const tried = await next.quipe.receive();
  // Empty if that task got another thread.
  assert.deepEqual(tried, (tried as unknown[]).length === 0 ? [] : ["stale", "asked"]);
  await holder.quipe.send("go on");
  assert.equal(await next.result, "both, and seen");
  assert.deepEqual([one.readSync((it) => it.n), other.readSync((it) => it.n)], [101, 102]);
});

test("an update that throws does not keep the frozen data that it linked from being thawed", () => {
  const guarded = guard<{ part: unknown }>({ part: null });
  const frozen = freeze({ n: 1 });
  const link = (it: { part: unknown }): never => {
    it.part = frozen;
    throw new RangeError("undone");
  };
  assert.throws(() => guarded.updateSync(link), RangeError);
  assert.deepEqual(plain(tryThaw(frozen)), { n: 1 });
});
