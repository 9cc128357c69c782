import assert from "node:assert/strict";
import test from "node:test";
import { freeze, share, tryThaw } from "../../src/index.ts";

const VALUES: readonly unknown[] = [
  null,
  undefined,
  NaN,
  -0,
  0,
  "",
  "text",
  true,
  false,
  10n ** 30n,
  { a: 1 },
  [1, 2],
];

function bigDictionary(): Record<string, unknown> {
  return Object.fromEntries(
    Array.from({ length: 2000 }, (_, i) => [`key ${i}`, VALUES[i % VALUES.length]]),
  );
}

test("a big dictionary gives the same answer the first and the second time", () => {
  const plain = bigDictionary();
  const view = freeze(bigDictionary());
  for (let time = 0; time < 2; time++) {
    for (const [key, value] of Object.entries(plain)) {
      assert.deepStrictEqual(view[key], value, key);
      assert.ok(key in view);
      assert.deepStrictEqual(Object.getOwnPropertyDescriptor(view, key)?.value, value);
    }
  }
  assert.equal(view["key 10"], view["key 10"]);
  assert.equal(view["key 2000"], undefined);
  assert.equal("key 2000" in view, false);
  assert.equal(Object.hasOwn(view, "toString"), false);
  assert.ok("toString" in view);
});

test("a big dictionary does not answer from memory once it is thawed", () => {
  const view = freeze(share(bigDictionary()));
  assert.equal(view["key 6"], "text");
  const draft = tryThaw(view);
  assert.throws(() => view["key 6"], { code: "stale" });
  draft["key 6"] = "other";
  const again = freeze(draft);
  assert.equal(again["key 6"], "other");
  assert.throws(() => view["key 6"], { code: "stale" });
});
