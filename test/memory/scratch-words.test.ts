/** Memory that is used again holds nothing of what was in it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { freeze } from "../../src/memory/freeze.ts";
import { save } from "../../src/memory/save.ts";
import { grownWords, releaseWords } from "../../src/memory/scratch-words.ts";

const LARGE = 1 << 18;

test("words keep what they hold while they grow, and what is new is nought", () => {
  let words: Int32Array = Int32Array.from({ length: 64 }, (_, i) => i + 1);
  for (let length = 100; length < LARGE * 9; length = words.length + 1) {
    const before = words;
    words = grownWords(words, length);
    assert.ok(words.length >= length);
    assert.deepEqual(words.subarray(0, before.length), before);
    assert.ok(words.subarray(before.length).every((word) => word === 0));
    words.fill(7, before.length);
  }
});

test("large words grow where they are", () => {
  const words = grownWords(new Int32Array(8), LARGE);
  assert.equal(grownWords(words, LARGE * 2).buffer, words.buffer);
});

test("what was released is used again, and is nought", () => {
  const first = grownWords(new Int32Array(8), LARGE * 2);
  first.fill(-1, 0, LARGE + 5_000);
  releaseWords(first, LARGE + 5_000);
  const second = grownWords(new Int32Array(8), LARGE);
  const third = grownWords(new Int32Array(8), LARGE);
  assert.equal(second.buffer, first.buffer);
  assert.notEqual(third.buffer, second.buffer);
  assert.ok(grownWords(second, LARGE * 2).every((word) => word === 0));
});

test("a graph becomes the same bytes, whatever was frozen before it", async () => {
  const make = (count: number): unknown[] =>
    Array.from({ length: count }, (_, id) => ({
      id,
      name: `${id % 3 === 0 ? "żółw" : "row ".repeat(id % 20)} ${id}`,
      ...(id % 2 === 0 ? { at: [id, id + 0.5] } : { isOdd: true, more: null }),
    }));
  const rows = make(30_000);
  const bytes = await save(freeze(rows));
  freeze(make(70_000).reverse());
  assert.ok(isSame(await save(freeze(rows)), bytes));
  assert.throws(() => freeze<unknown>([make(50_000), () => 1]), { code: "not-shareable" });
  assert.ok(isSame(await save(freeze(rows)), bytes));
});

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
