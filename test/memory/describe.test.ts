/** `describe` tells where a value lives and how it travels. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { describe } from "../../src/memory/describe.ts";
import { freeze } from "../../src/memory/freeze.ts";
import { share } from "../../src/memory/share.ts";
import { move } from "../../src/memory/move.ts";
import { release } from "../../src/memory/release.ts";
import { tryThaw } from "../../src/memory/thaw.ts";
import { spawn } from "../../src/task/spawn.ts";
import { type Draft, ignore, keep } from "./moving-tasks.ts";

test("values, ordinary objects and functions are told apart", () => {
  assert.deepEqual(
    [describe(1), describe("a"), describe(null)].map(({ level }) => level),
    [1, 1, 1],
  );
  assert.equal(describe({}).level, 3);
  assert.equal(describe(() => 1).level, 9);
  assert.equal(describe([1]).region, undefined);
});

test("the state of shared data is told through freeze and thaw, from every object in it", () => {
  const draft = share({ inner: { list: [1, 2, 3] } });
  assert.equal(describe(draft.inner.list).state, "owned");
  const frozen = freeze(draft);
  assert.equal(describe(frozen.inner).state, "frozen");
  assert.equal(describe(draft).state, "frozen");
  assert.equal(describe(frozen).region?.isMine, true);
  const again = tryThaw(frozen);
  assert.equal(describe(again).state, "owned");
});

test("bytes, garbage, objects and references are counted", () => {
  const other = freeze({ table: [1] });
  const draft = share({ list: [1, 2], other });
  const before = describe(draft).region;
  assert.ok(before !== undefined && before.bytes > 0 && before.garbageBytes === 0);
  assert.deepEqual(before.refersTo, [describe(other).region?.id]);
  (draft.list as unknown[]).push("a string where numbers were");
  const after = describe(draft).region;
  assert.ok(after !== undefined && after.garbageBytes > 0);
  assert.equal(after.objects, before.objects);
});

test("what is moved, left behind and released is told apart", async () => {
  const draft = share<Draft>({ count: 1, names: [] });
  const task = spawn(ignore, [], { capacity: 1 });
  await task.quipe.receive();
  await task.quipe.send(move(draft));
  assert.equal(describe(draft).state, "in flight");
  assert.equal(describe(draft).region?.isMine, true);
  await task.kill();
  const mine = tryThaw(draft);
  assert.equal(describe(draft).state, "moved");
  const keeper = spawn(keep, [move(mine)]);
  await keeper.quipe.receive();
  assert.equal(describe(mine).state, "moved");
  assert.equal(describe(mine).region?.isMine, false);
  await keeper.kill();
  assert.equal(describe(mine).state, "abandoned");
  assert.equal(describe(mine).region?.isMine, true);
  const last = tryThaw(mine);
  assert.equal(describe(last).state, "owned");
  release(last);
  assert.equal(describe(last).state, "released");
  assert.equal(describe(mine).state, "released");
});
