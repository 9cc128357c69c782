/** Memory that is given back at once, and what is left of the views of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { freeze } from "../../src/memory/freeze.ts";
import { f64, struct } from "../../src/memory/structs.ts";
import { move } from "../../src/memory/move.ts";
import { release } from "../../src/memory/release.ts";
import { plain, share } from "../../src/memory/share.ts";
import { thaw, tryThaw } from "../../src/memory/thaw.ts";
import { spawn } from "../../src/task/spawn.ts";
import { type Draft, closeWhenCancelled, extend, freezeIt, ignore, read } from "./moving-tasks.ts";

const RELEASED = { code: "released" };

class Grain extends struct({ x: f64, y: f64 }) {}

test("every view of released data throws, and nothing can be done with it any more", async () => {
  const draft = share({
    a: { b: [1, 2] },
    map: new Map([["k", 1]]),
    list: [1, "two", { three: 3 }],
  });
  const { a, map, list } = draft;
  release(draft);
  assert.throws(() => draft.a, RELEASED);
  assert.throws(() => a.b, RELEASED);
  assert.throws(() => (draft.a = { b: [] }), RELEASED);
  assert.throws(() => map.get("k"), RELEASED);
  assert.throws(() => map.set("k", 2), RELEASED);
  assert.throws(() => list.push(1), RELEASED);
  assert.throws(() => release(draft), RELEASED);
  assert.throws(() => move(draft), RELEASED);
  assert.throws(() => freeze(draft), RELEASED);
  assert.throws(() => tryThaw(draft), RELEASED);
  assert.throws(() => plain(draft), RELEASED);
  await assert.rejects(thaw(draft), RELEASED);
});

test("structs, big lists and big dictionaries that were frozen throw as well", () => {
  const particles = freeze({ first: new Grain({ x: 1, y: 2 }) });
  const { first } = particles;
  const big = freeze(Array.from({ length: 2_000 }, (_, i) => ({ i })));
  const keys = freeze(Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`key ${i}`, i])));
  for (const frozen of [particles, big, keys]) release(frozen);
  assert.throws(() => first.x, RELEASED);
  assert.throws(() => ((first as Grain).x = 2), RELEASED);
  assert.throws(() => big[7], RELEASED);
  assert.throws(() => big.at(-1), RELEASED);
  assert.throws(() => keys["key 7"], RELEASED);
});

test("a frozen record that was read before keeps what it was", () => {
  const frozen = freeze({ name: "Oslo", inner: { people: 700_000 } });
  assert.equal(frozen.inner.people, 700_000);
  release(frozen);
  assert.equal(frozen.name, "Oslo");
});

test("what another task reads, or a message carries, is not released", async () => {
  const frozen = freeze({ count: 7 });
  const reader = spawn(read, [frozen]);
  assert.equal(await reader.quipe.receive(), 7);
  assert.throws(() => release(frozen), {
    code: "readers-present",
    message: /read by the task "read"/,
  });
  assert.equal(frozen.count, 7);
  await reader.quipe.send("go");
  await reader.result;
  const ignorant = spawn(ignore);
  await ignorant.quipe.send(frozen);
  assert.throws(() => release(frozen), { code: "readers-present", message: /message/ });
  await ignorant.kill();
  release(frozen);
  assert.throws(() => tryThaw(frozen), RELEASED);
});

test("what is frozen for ever, another task's, in flight, moved or ordinary is not released", async () => {
  assert.throws(() => release({}), { code: "not-owner" });
  assert.throws(() => release(freeze({ a: 1 }, { forever: true })), { code: "frozen" });
  const draft = share<Draft>({ count: 1, names: [] });
  const task = spawn(ignore, [], { capacity: 1 });
  await task.quipe.send(0);
  const refused = assert.rejects(task.quipe.send(move(draft)), { code: "broken" });
  assert.throws(() => release(draft), { code: "moved" });
  await task.kill();
  await refused;
  const gone = spawn(extend, [move(draft)]);
  assert.throws(() => release(draft), { code: "moved" });
  release(await gone.result);
  const theirs = spawn(async () => {
    const quipe = await import("quipe");
    const frozen = quipe.freeze({ a: 1 });
    await quipe.current().quipe.send(frozen);
    await quipe.current().quipe.receive();
  });
  const view = (await theirs.quipe.receive()) as object;
  assert.throws(() => release(view), { code: "not-owner" });
  await theirs.kill();
  release(view);
  assert.throws(() => tryThaw(view), RELEASED);
});

test("frozen data that other shared data refers to is not released", () => {
  const inner = freeze({ a: 1 });
  const outer = freeze({ inner });
  assert.throws(() => release(inner), { code: "readers-present" });
  release(outer);
  release(inner);
});

test("moved data that its new owner released is gone for who moved it", async () => {
  const draft = share<Draft>({ count: 1, names: [] });
  const task = spawn(
    async (moved: Draft) => {
      const quipe = await import("quipe");
      quipe.release(moved);
    },
    [move(draft)],
  );
  await task.result;
  assert.throws(() => tryThaw(draft), RELEASED);
});

test("what is frozen by its receiver is its receiver's to release, and then its heir's", async () => {
  const draft = share<Draft>({ count: 1, names: [] });
  const frozen = await spawn(freezeIt, [move(draft)]).result;
  release(frozen as object);
});

test("a thaw that waits for a message goes on when its receiver closes the end and lives on", async () => {
  for (const padding of ["", "x".repeat(1_000_000)]) {
    const frozen = freeze({ count: 1 });
    const task = spawn(closeWhenCancelled);
    await task.quipe.receive();
    await task.quipe.send({ frozen, padding });
    assert.throws(() => tryThaw(frozen), { code: "readers-present", message: /message/ });
    const thawed = thaw(frozen);
    task.cancel("close it");
    const draft = await thawed;
    draft.count += 1;
    assert.equal(draft.count, 2);
    assert.equal(task.state, "cancelling");
    await task.kill();
  }
});
