import assert from "node:assert/strict";
import test from "node:test";
import { setTimeout as after } from "node:timers/promises";
import { QuipeError, f64, freeze, share, struct, tryThaw } from "../../src/index.ts";

const COUNT = 3000;

class Sample extends struct({ value: f64 }) {}

test("a big list's at counts like an array's", () => {
  const plain = Array.from({ length: COUNT }, (_, i) => i * 2);
  const rows = freeze(plain.map((value) => ({ value })));
  for (const position of [0, 5, -1, -COUNT, -COUNT - 1, COUNT, 2.9, -1.5, NaN, 2 ** 33, -0]) {
    assert.equal(rows.at(position)?.value, plain.at(position), `at(${position})`);
  }
});

test("a big list's at called on another list gives that one's element", () => {
  const rows = freeze(Array.from({ length: COUNT }, (_, i) => ({ i })));
  const others = freeze(Array.from({ length: COUNT }, (_, i) => ({ i: -i })));
  assert.equal(rows.at.call(["a", "b"] as never, -1), "b");
  assert.equal(rows.at.call(others, 7)?.i, -7);
});

test("every way to walk a big list gives the same objects", async () => {
  for (const rows of [
    freeze(Array.from({ length: COUNT }, (_, i) => ({ i }))),
    freeze(Array.from({ length: COUNT }, (_, i) => new Sample({ value: i }))),
    freeze(Array.from({ length: COUNT }, (_, i) => (i % 7 === 0 ? i : { i }))),
  ]) {
    const walked: unknown[] = [];
    for (const row of rows) {
      walked.push(row);
      // The cache of views cools in the middle of the walk.
      if (walked.length === 100) await after(50);
    }
    assert.equal(walked.length, COUNT);
    walked.forEach((row, i) => assert.equal(rows.at(i), row));
    assert.ok(rows.every((row, i) => row === walked[i]));
  }
});

test("walking a big list on after a thaw is refused", () => {
  const rows = freeze(share(Array.from({ length: COUNT }, (_, i) => ({ i }))));
  const walk = rows[Symbol.iterator]();
  for (let i = 0; i < 10; i++) walk.next();
  assert.equal(walk.next().value?.i, 10);
  tryThaw(rows);
  assert.throws(
    () => walk.next(),
    (error) => error instanceof QuipeError && error.code === "stale",
  );
  assert.throws(() => rows.at(3), { code: "stale" });
});
