/** What is frozen for ever stays so, for its owner too, and what it refers to stays with it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { describe } from "../../src/memory/describe.ts";
import { freeze } from "../../src/memory/freeze.ts";
import { load } from "../../src/memory/load.ts";
import { locate } from "../../src/memory/location.ts";
import { save } from "../../src/memory/save.ts";
import { isFrozen, share } from "../../src/memory/share.ts";
import { thaw, tryThaw } from "../../src/memory/thaw.ts";
import { spawn } from "../../src/task/spawn.ts";

async function assertForEver(value: object): Promise<void> {
  assert.ok(isFrozen(value));
  const { state, level } = describe(value);
  assert.deepEqual({ state, level }, { state: "frozen for ever", level: 2 });
  assert.throws(() => tryThaw(value), { code: "frozen", message: /share\(it\) makes a copy/ });
  await assert.rejects(thaw(value), { code: "frozen" });
  assert.equal(describe(value).state, "frozen for ever");
}

test("plain data, drafts and frozen data of this task can be frozen for ever", async () => {
  await assertForEver(freeze({ list: [1, 2] }, { forever: true }));

  const draft = share({ list: [1, 2] });
  const region = locate(draft)?.region;
  const fromDraft = freeze(draft, { forever: true });
  assert.equal(locate(fromDraft)?.region, region);
  await assertForEver(fromDraft);
  assert.throws(() => draft.list.push(3), { code: "frozen" });

  const frozen = freeze({ list: [1, 2] });
  const { list } = frozen;
  assert.equal(freeze(frozen, { forever: true }), frozen);
  assert.equal(frozen.list, list);
  await assertForEver(frozen);
  assert.equal(freeze(frozen, { forever: true }), frozen);
  assert.equal(freeze(frozen), frozen);
  await assertForEver(frozen);
});

test("a draft that was thawed before can be frozen for ever", async () => {
  const draft = tryThaw(freeze({ list: [1] }));
  draft.list.push(2);
  const frozen = freeze(draft, { forever: true });
  assert.deepStrictEqual(frozen, { list: [1, 2] });
  await assertForEver(frozen);
});

test("primitives are themselves", () => {
  assert.equal(freeze(7, { forever: true }), 7);
  assert.equal(freeze(null, { forever: true }), null);
});

test("share copies what is frozen for ever into a draft of its own", async () => {
  const loaded = await load<{ towns: string[] }>(await save({ towns: ["Oslo"] }));
  await assertForEver(loaded);
  const draft = share(loaded) as { towns: string[] };
  draft.towns.push("Narvik");
  assert.deepStrictEqual(freeze(draft), { towns: ["Oslo", "Narvik"] });
  assert.deepStrictEqual(loaded, { towns: ["Oslo"] });
});

test("a reader in another task notices nothing, and cannot freeze or thaw what is not its own", async () => {
  const frozen = freeze({ list: [1, 2], name: "Oslo" });
  const reader = spawn(
    async (data: typeof frozen) => {
      const quipe = await import("quipe");
      const code = (act: () => unknown): unknown => {
        try {
          act();
          return "nothing was thrown";
        } catch (error) {
          return (error as { code: string }).code;
        }
      };
      const { list } = data;
      const refused = code(() => quipe.freeze(data, { forever: true }));
      const before = quipe.describe(data).state;
      quipe.current().quipe.sendSync("read");
      await quipe.current().quipe.receive();
      return {
        refused,
        before,
        after: quipe.describe(data).state,
        again: code(() => quipe.freeze(data, { forever: true })),
        thawing: code(() => quipe.tryThaw(data)),
        isSame: data.list === list,
        name: data.name,
      };
    },
    [frozen],
  );
  assert.equal(await reader.quipe.receive(), "read");
  freeze(frozen, { forever: true });
  await reader.quipe.send("go on");
  assert.deepEqual(await reader.result, {
    refused: "not-owner",
    before: "frozen",
    after: "frozen for ever",
    again: "nothing was thrown",
    thawing: "frozen",
    isSame: true,
    name: "Oslo",
  });
});

test("while its owner waits to thaw it, nothing can be frozen for ever", async () => {
  const frozen = freeze({ a: 1 });
  const reader = spawn(
    async (data: typeof frozen) => {
      const { current } = await import("quipe");
      current().quipe.sendSync(data.a);
      await current().quipe.receive();
    },
    [frozen],
  );
  assert.equal(await reader.quipe.receive(), 1);
  const thawing = thaw(frozen);
  assert.throws(() => freeze(frozen, { forever: true }), { code: "stale" });
  await reader.quipe.send("leave");
  assert.equal((await thawing).a, 1);
});

test("what a region refers to cannot be thawed while that region is in use", async () => {
  const inner = freeze({ list: [1] });
  const outer = freeze({ inner }, { forever: true });
  assert.throws(() => tryThaw(inner), { code: "readers-present", message: /is part of region/ });
  await assert.rejects(thaw(inner), { code: "readers-present" });
  assert.equal(describe(inner).state, "frozen");
  assert.equal(outer.inner, inner);

  const draft = share<{ later: unknown }>({ later: null });
  const added = freeze({ list: [2] });
  draft.later = added;
  assert.throws(() => tryThaw(added), { code: "readers-present" });
  draft.later = null;
});

test("nor in another task, which has only the outer one", async () => {
  const inner = freeze({ list: [1] });
  const holder = spawn(
    async (data: { inner: { list: readonly number[] } }) => {
      const { current } = await import("quipe");
      current().quipe.sendSync("here");
      await current().quipe.receive();
      return data.inner.list[0];
    },
    [freeze({ inner }, { forever: true })],
  );
  assert.equal(await holder.quipe.receive(), "here");
  assert.throws(() => tryThaw(inner), { code: "readers-present" });
  await holder.quipe.send("go on");
  assert.equal(await holder.result, 1);
});

test("a region that refers to another can be thawed once its reader has left", async () => {
  const inner = freeze({ list: [1] });
  const outer = freeze({ inner });
  const read = (data: typeof outer): unknown => data.inner.list[0];
  assert.equal(await spawn(read, [outer]).result, 1);
  assert.equal(tryThaw(outer).inner, inner);
});
