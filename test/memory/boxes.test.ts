/** Everything that is neither record, list nor dictionary comes back as what it was. */
import assert from "node:assert/strict";
import { inspect } from "node:util";
import { test } from "node:test";
import fc from "fast-check";
import { QuipeError } from "../../src/errors.ts";
import { checkRegion } from "../../src/memory/check.ts";
import { registerClass } from "../../src/memory/classes.ts";
import { freeze } from "../../src/memory/freeze.ts";
import { locate } from "../../src/memory/location.ts";
import { plain, share } from "../../src/memory/share.ts";

function frozen<T extends object>(value: T): T {
  const view = freeze(value) as T;
  const location = locate(view);
  assert.ok(location !== undefined);
  checkRegion(location.region);
  return view;
}

const isRefused = (error: unknown): boolean =>
  error instanceof QuipeError && error.code === "frozen";

class Vector {
  x: number;
  y: number;
  tip: { name: string } | undefined;

  constructor(x: number, y: number) {
    this.x = x;
    this.y = y;
  }

  get length(): number {
    return Math.hypot(this.x, this.y);
  }
}

class QuotaError extends Error {
  limit = 7;
}

test("bigints of any size and sign come back, in records, lists and as values of Maps", () => {
  const twin = {
    small: 1n,
    zero: 0n,
    negative: -(2n ** 64n),
    big: 3n ** 500n,
    list: [1n, 2, "x"],
    map: new Map([[5n, 6n]]),
  };
  assert.deepStrictEqual(frozen(twin), twin);
  fc.assert(fc.property(fc.bigInt(), (value) => assert.equal(frozen({ value }).value, value)));
});

test("dates, regular expressions, Maps and Sets are deeply equal, cloned, and refuse changes", () => {
  const key = { k: 1 };
  const twin = {
    date: new Date(1_700_000_000_123),
    expression: /a(b)+\/"日/giu,
    map: new Map<unknown, unknown>([
      ["a", { deep: [1] }],
      [key, key],
      [Number.NaN, 0],
      [-0, null],
    ]),
    set: new Set<unknown>(["x", 1, key, [1, 2]]),
    empty: [new Map(), new Set()],
  };
  const view = frozen(twin);
  assert.deepStrictEqual(view, twin);
  assert.deepStrictEqual(structuredClone(view), twin);
  assert.equal(JSON.stringify(view), JSON.stringify(twin));
  assert.equal(inspect(view.map), inspect(twin.map));
  assert.ok(Number.isNaN(frozen({ invalid: new Date(Number.NaN) }).invalid.getTime()));
  assert.equal(view.map.get([...view.map.keys()][1]), [...view.map.keys()][1]);
  assert.ok(view.expression.test('abb/"日'));
  assert.throws(() => view.date.setTime(0), isRefused);
  assert.throws(() => view.map.set("a", 1), isRefused);
  assert.throws(() => view.set.clear(), isRefused);
});

test("big Maps and Sets are looked up in place and refuse changes and clones", () => {
  const twin = new Map<unknown, unknown>(
    Array.from({ length: 5_000 }, (_, i) => [i % 2 === 0 ? `key ${i}` : i / 4, { i }]),
  );
  const objects = Array.from({ length: 3_000 }, (_, i) => ({ i }));
  const view = frozen({ map: twin, set: new Set<unknown>(objects), objects });
  assert.ok(view.map instanceof Map && view.set instanceof Set);
  assert.equal(view.map.size, 5_000);
  for (const [key, value] of twin) assert.deepStrictEqual(view.map.get(key), value);
  assert.equal(view.map.get("key 1"), undefined);
  assert.equal(view.map.has(0.1), false);
  assert.deepStrictEqual(new Map(view.map), twin);
  assert.deepStrictEqual([...view.map.keys()], [...twin.keys()]);
  assert.ok(view.objects.every((object) => view.set.has(object)));
  assert.equal(view.set.has({ i: 1 }), false);
  assert.equal([...view.set][7], view.objects[7]);
  assert.throws(() => view.map.set("a", 1), isRefused);
  assert.throws(() => view.set.add(1), isRefused);
  assert.throws(() => structuredClone(view.map));
  assert.throws(() => Map.prototype.get.call(view.map, "key 0"), TypeError);
  assert.deepStrictEqual(plain(view.map), twin);
});

test("typed arrays, buffers and DataViews are read in place and copied out", () => {
  const floats = new Float64Array([1.5, -0, Number.NaN]);
  const bytes = new Uint8Array([0, 1, 2, 3, 4]).subarray(1, 4);
  const twin = {
    floats,
    bytes,
    buffer: new Uint8Array([9, 8]).buffer,
    view: new DataView(new ArrayBuffer(3)),
    big: new BigInt64Array([-1n]),
  };
  const view = freeze(twin);
  assert.deepStrictEqual(view.floats.toArray(), floats);
  assert.equal(view.bytes.at(-1), 3);
  assert.deepStrictEqual([...view.bytes], [1, 2, 3]);
  assert.equal(view.bytes.length, 3);
  assert.deepStrictEqual(view.buffer.toBuffer(), twin.buffer);
  assert.equal(view.big.at(0), -1n);
  const target = new Float64Array(4);
  view.floats.copyTo(target, 1);
  assert.deepStrictEqual(target, new Float64Array([0, 1.5, -0, Number.NaN]));
  assert.deepStrictEqual(plain(view), twin);
  assert.throws(() => structuredClone(view.floats));
});

test("shared bytes asked for an index, or written to, say what to do", () => {
  const twin = { bytes: new Uint8Array([1, 2]) };
  for (const { bytes } of [freeze(twin) as unknown as typeof twin, share(twin)]) {
    assert.throws(() => bytes[0], /at\(0\).*toArray/);
    assert.throws(() => (bytes[0] = 3), { code: "frozen" });
    assert.equal(bytes.at(0), 1);
  }
  const draft = share(twin);
  draft.bytes = new Uint8Array([5]);
  assert.equal(draft.bytes.at(0), 5);
});

test("errors keep class, message, stack, cause and fields", () => {
  registerClass(QuotaError);
  const cause = new RangeError("too far");
  const twin = {
    plain: Object.assign(new TypeError("wrong", { cause }), { code: "E_WRONG", detail: { at: 3 } }),
    many: new AggregateError([cause, new Error("second")], "several"),
    own: new QuotaError("over"),
  };
  const view = frozen(twin);
  assert.ok(view.plain instanceof TypeError && view.own instanceof QuotaError);
  assert.equal(view.plain.stack, twin.plain.stack);
  assert.equal(view.plain.cause, view.many.errors[0]);
  assert.deepStrictEqual(Object.keys(view.plain), ["code", "detail"]);
  assert.deepStrictEqual(view.plain.detail, { at: 3 });
  assert.equal(view.own.limit, 7);
  assert.equal(view.many.errors.length, 2);
  assert.deepStrictEqual(view, twin);
  assert.throws(() => freeze({ e: new (class Odd extends Error {})() }), /\$\.e cannot be shared/);
});

test("objects of other regions are keys like any other, however often they are referred to", () => {
  const other = freeze({ inner: [1] });
  const draft = share({ map: new Map<unknown, unknown>([[other, 1]]), set: new Set<unknown>() });
  draft.map.set(other, 2).set(other.inner, 3);
  draft.set.add(other).add(other);
  for (const { map, set } of [draft, freeze(draft)]) {
    assert.deepEqual([...map.values()], [2, 3]);
    assert.deepEqual([map.get(other), map.get(other.inner)], [2, 3]);
    assert.ok(set.has(other) && set.size === 1 && !set.has(other.inner));
  }
});

test("a field of an error may have any name", () => {
  const twin = new Error("odd");
  Object.defineProperty(twin, "__proto__", { value: { x: 1 }, enumerable: true });
  const view = frozen(twin);
  assert.deepEqual(Object.keys(view), ["__proto__"]);
  assert.ok(Object.getPrototypeOf(view) === Error.prototype);
});

test("instances of registered classes keep fields, methods and identity", () => {
  registerClass(Vector);
  const one = new Vector(3, 4);
  one.tip = { name: "tip" };
  const twin = { one, again: one, list: [new Vector(1, 0)] };
  const view = frozen(twin);
  assert.ok(view.one instanceof Vector);
  assert.equal(view.one.length, 5);
  assert.equal(view.one, view.again);
  assert.deepStrictEqual(view, twin);
  assert.equal(inspect(view), inspect(twin));
  assert.throws(() => (view.one.x = 1), TypeError);
  assert.deepStrictEqual(plain(view), twin);
});

test("Maps, Sets, dates and bigints are edited in shared data", () => {
  interface Data {
    map: Map<unknown, unknown>;
    set: Set<unknown>;
    date: Date;
    count: bigint;
  }
  const make = (): Data => ({
    map: new Map<unknown, unknown>([["a", 1]]),
    set: new Set<unknown>(["x"]),
    date: new Date(1),
    count: 1n,
  });
  const twin = make();
  const draft = share(make());
  for (const data of [twin, draft]) {
    for (let i = 0; i < 100; i++) data.map.set(`key ${i % 70}`, { i });
    data.map.delete("key 3");
    data.map.set("a", [1, 2]);
    data.set.add(data.map.get("a"));
    data.set.delete("x");
    data.date = new Date(77);
    data.count = 10n ** 30n;
  }
  const location = locate(draft);
  assert.ok(location !== undefined);
  checkRegion(location.region);
  const list = draft.map.get("a") as number[];
  assert.ok(draft.set.has(list));
  list.push(3);
  (twin.map.get("a") as number[]).push(3);
  assert.deepStrictEqual([...draft.map], [...twin.map]);
  assert.deepStrictEqual(freeze(draft), twin);
  assert.throws(() => draft.map.set("b", 1), isRefused);
  assert.throws(() => share(new Map()).set("f", () => 1), /cannot be shared/);
});
