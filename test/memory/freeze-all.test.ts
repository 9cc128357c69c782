/** `freezeAll` freezes everything or nothing. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { describe } from "../../src/memory/describe.ts";
import { freeze, freezeAll } from "../../src/memory/freeze.ts";
import { locate } from "../../src/memory/location.ts";
import { isFrozen, share } from "../../src/memory/share.ts";
import { tryThaw } from "../../src/memory/thaw.ts";
import { spawn } from "../../src/task/spawn.ts";

test("drafts, plain data, frozen data and primitives are frozen, each in its place", () => {
  const draft = share({ list: [1] });
  const region = locate(draft)?.region;
  const old = freeze({ old: true });
  const [one, two, three, four] = freezeAll([draft, { plain: "data" }, old, 7]);
  assert.equal(locate(one)?.region, region);
  assert.deepStrictEqual([one, two, three, four], [{ list: [1] }, { plain: "data" }, old, 7]);
  assert.equal(three, old);
  assert.ok([draft, one, two, three].every(isFrozen));
  assert.throws(() => draft.list.push(2), { code: "frozen" });
  assert.deepStrictEqual(freezeAll([]), []);
});

test("plain data refers to the drafts beside it, wherever they stand in the list", () => {
  const towns = share([{ name: "Oslo" }, { name: "Narvik" }]);
  (towns[0] as { extra?: string }).extra = "this one has moved";
  const [index, list] = freezeAll([{ oslo: towns[0], all: towns }, towns]);
  assert.equal(index.all, list);
  assert.equal(index.oslo, list[0]);
  assert.deepStrictEqual(index.oslo, { name: "Oslo", extra: "this one has moved" });
  assert.throws(() => tryThaw(list), { code: "readers-present" });
});

test("two views of one draft are frozen together, and `forever` holds for all", () => {
  const draft = share({ a: { x: 1 }, b: { y: 2 } });
  const frozen = freeze([1]);
  const [a, b] = freezeAll([draft.a, draft.b, frozen, { plain: 1 }], { forever: true });
  assert.equal(freeze(draft).a, a);
  assert.equal(freeze(draft).b, b);
  for (const each of [a, b, frozen]) assert.equal(describe(each).state, "frozen for ever");
});

test("a refusal says which one is to blame and why, and nothing has changed", async () => {
  const draft = share({ list: [1] });
  const beside = share({ beside: true });
  const frozen = freeze({ a: 1 });
  const outside = share({ outside: true });
  const refused = (values: readonly unknown[], expected: object): void => {
    assert.throws(() => freezeAll(values, { forever: true }), expected);
    assert.equal(isFrozen(draft), false);
    draft.list.push(2);
    assert.equal(describe(frozen).state, "frozen");
  };
  refused([draft, frozen, { bad: { deep: [Symbol("s")] } }], {
    code: "not-shareable",
    message: /^values\[2\]: \$\.bad\.deep\[0\] cannot be shared/,
  });
  refused([{ refersTo: outside }, draft, frozen], {
    code: "not-shareable",
    message: /^values\[0\]: \$\.refersTo cannot be shared/,
  });
  refused([draft, () => 1], { code: "not-shareable", message: /^values\[1\]/ });

  const borrowed = await spawn(async () => {
    const quipe = await import("quipe");
    return quipe.freeze({ theirs: true });
  }).result;
  const keeper = spawn(
    async () => {
      const quipe = await import("quipe");
      quipe.current().quipe.sendSync(quipe.freeze({ theirs: true }));
      await quipe.current().quipe.receive();
    },
    [],
    { name: "keeper" },
  );
  const theirs = await keeper.quipe.receive();
  refused([draft, frozen, theirs], { code: "not-owner", message: /^values\[2\]/ });
  await keeper.quipe.send("done");
  await keeper.result;
  // Without the promise, what another task has frozen is fine; and what a dead one left is ours.
  assert.deepStrictEqual(freezeAll([theirs, beside]), [{ theirs: true }, { beside: true }]);
  assert.ok(freezeAll([borrowed], { forever: true }).every(isFrozen));
});
