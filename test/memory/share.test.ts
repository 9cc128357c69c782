/** What `share` gives is edited like plain data, and freezes in place. */
import assert from "node:assert/strict";
import { inspect } from "node:util";
import { test } from "node:test";
import fc from "fast-check";
import { QuipeError } from "../../src/errors.ts";
import { checkRegion } from "../../src/memory/check.ts";
import { freeze } from "../../src/memory/freeze.ts";
import { locate } from "../../src/memory/location.ts";
import { isFrozen, isShared, plain, share } from "../../src/memory/share.ts";

function check(view: object): void {
  const location = locate(view);
  assert.ok(location !== undefined);
  checkRegion(location.region);
}

/** Runs the same edit on shared data and on its plain twin, and compares. */
function both<T extends object>(make: () => T, edit: (data: T) => unknown): void {
  const twin = make();
  const draft = share(make());
  const expected = edit(twin);
  const given = edit(draft);
  check(draft);
  assert.deepStrictEqual(plain(given), expected);
  assert.deepStrictEqual(draft, twin);
  assert.deepStrictEqual(Object.keys(draft), Object.keys(twin));
  assert.deepStrictEqual(freeze(draft), twin);
}

test("keys are set, added and removed like those of a plain object", () => {
  interface Thing {
    name: string;
    count: number;
    extra?: unknown;
    inner: Record<string, unknown>;
  }
  const make = (): Thing => ({ name: "a", count: 1, inner: { x: null, y: "s" } });
  both(make, (data) => (data.name = "日本"));
  both(make, (data) => (data.count = 0.5));
  both(make, (data) => ((data as { count: unknown }).count = "no number"));
  both(make, (data) => (data.extra = { deep: [1, { deeper: true }] }));
  both(make, (data) => delete data.inner["x"]);
  both(make, (data) => {
    for (let i = 0; i < 300; i++) data.inner[`key ${i}`] = i;
    for (let i = 0; i < 300; i += 2) delete data.inner[`key ${i}`];
    data.inner["4294967295"] = "no index";
    data.inner["4294967294"] = data.inner["7"] = "an index";
    data.inner["__proto__"] = 1;
    return "y" in data.inner;
  });
  both(make, (data) => Object.assign(data.inner, { x: 1, y: undefined, z: Number.NaN }));
  both(make, (data) => (data.inner["x"] = -0));
});

test("lists are changed by index, length and every method of arrays", () => {
  const make = (): { list: unknown[]; numbers: number[]; rows: { id: number }[] } => ({
    list: ["a", "b", "c"],
    numbers: [3, 1, 2],
    rows: Array.from({ length: 100 }, (_, id) => ({ id })),
  });
  both(make, ({ list }) => list.push("d", 4, { five: 5 }));
  both(make, ({ list }) => list.splice(1, 1, "x", "y"));
  both(make, ({ list }) => list.unshift(null));
  both(make, ({ list }) => [list.pop(), list.shift()]);
  both(make, ({ list }) => (list.length = 1));
  both(make, ({ list }) => (list.length = 5));
  both(make, ({ list }) => (list[6] = "far"));
  both(make, ({ list }) => delete list[1]);
  both(make, ({ numbers }) => numbers.sort());
  both(make, ({ numbers }) => (numbers[1] = 0.25));
  both(make, ({ numbers }) => numbers.reverse());
  both(make, ({ numbers }) => numbers.fill(7, 1));
  both(make, ({ rows }) => rows.sort((one, other) => other.id - one.id));
  both(make, ({ rows }) => rows.filter((row) => row.id % 2 === 0).length);
  both(make, ({ list }) => list.copyWithin(0, 1));
});

test("objects of the same data are linked, not copied, and cycles may be closed", () => {
  interface Node {
    name: string;
    next: Node | null;
    peers: Node[];
  }
  const draft: Node = share({ name: "one", next: null, peers: [] });
  draft.next = { name: "two", next: null, peers: [] };
  draft.next.next = draft;
  draft.peers.push(draft.next, draft);
  check(draft);
  assert.equal(draft.next.next, draft);
  assert.equal(draft.peers[0], draft.next);
  const frozen = freeze(draft) as Node;
  assert.equal(frozen.next?.next, frozen);
  assert.equal(frozen.peers[0], frozen.next);
  assert.equal(frozen.peers[1], frozen);
});

test("freeze of edited data copies nothing; the editing view reads on and refuses writes", () => {
  const draft = share({ list: [1, 2], inner: { a: 1 } });
  const { inner } = draft;
  const region = locate(draft)?.region;
  assert.ok(isShared(draft) && !isFrozen(draft));
  const view = freeze(draft);
  assert.equal(locate(view)?.region, region);
  assert.ok(isFrozen(view) && isFrozen(draft));
  assert.deepStrictEqual(draft, { list: [1, 2], inner: { a: 1 } });
  const isRefused = (error: unknown): boolean =>
    error instanceof QuipeError && error.code === "frozen";
  assert.throws(() => (inner.a = 2), isRefused);
  assert.throws(() => draft.list.push(3), isRefused);
  assert.throws(() => delete (draft as Partial<typeof draft>).list, isRefused);
  assert.throws(() => ((view.inner as { a: number }).a = 2), TypeError);
  assert.deepStrictEqual(view, { list: [1, 2], inner: { a: 1 } });
});

test("an edit that is refused changes nothing", () => {
  const twin = { list: [1, { a: "b" }], inner: { x: 1 } as Record<string, unknown> };
  const draft = share(structuredClone(twin));
  const isRefused = (error: unknown): boolean =>
    error instanceof QuipeError && error.code === "not-shareable";
  assert.throws(() => (draft.inner["x"] = { fine: "text", not: () => 1 }), isRefused);
  assert.throws(() => (draft.inner["fresh"] = [Symbol("s")]), isRefused);
  assert.throws(() => draft.list.push({ bad: new WeakMap() } as never), isRefused);
  assert.throws(() => (draft.inner["other"] = share({ y: 1 })), isRefused);
  check(draft);
  assert.deepStrictEqual(draft, twin);
  draft.inner["fresh"] = freeze({ z: 1 });
  assert.deepStrictEqual(freeze(draft), { ...twin, inner: { x: 1, fresh: { z: 1 } } });
});

test("a region grows far beyond its first size, and out of its first buffer", () => {
  const draft = share({ rows: [] as { id: number; name: string }[] });
  for (let id = 0; id < 60_000; id++) draft.rows.push({ id, name: `row number ${id}` });
  const rows = Array.from({ length: 60_000 }, (_, id) => ({ id, name: `row number ${id}` }));
  check(draft);
  assert.equal(JSON.stringify(freeze(draft)), JSON.stringify({ rows }));
});

test("consoles show what is being edited", () => {
  assert.equal(inspect(share({ a: [1, { b: 2 }] })), inspect({ a: [1, { b: 2 }] }));
});

test("random edits give what they give on a plain twin", () => {
  const value = fc.oneof(
    fc.integer({ min: -5, max: 5 }),
    fc.double(),
    fc.string({ unit: "binary", maxLength: 5 }),
    fc.boolean(),
    fc.constantFrom(null, undefined),
    fc.record({ id: fc.integer(), name: fc.string() }),
    fc.array(fc.oneof(fc.integer(), fc.string()), { maxLength: 4 }),
  );
  const key = fc.constantFrom("a", "b", "c", "d", "0", "1", "__proto__");
  const edit = fc.oneof(
    fc.record({ kind: fc.constant("set" as const), key, value }),
    fc.record({ kind: fc.constant("delete" as const), key }),
    fc.record({ kind: fc.constant("index" as const), index: fc.nat(8), value }),
    fc.record({ kind: fc.constant("hole" as const), index: fc.nat(8) }),
    fc.record({ kind: fc.constant("push" as const), value }),
    fc.record({ kind: fc.constant("splice" as const), index: fc.nat(5), value }),
    fc.record({ kind: fc.constant("length" as const), index: fc.nat(6) }),
    fc.record({ kind: fc.constant("link" as const), index: fc.nat(6) }),
  );
  type Edit = typeof edit extends fc.Arbitrary<infer Step> ? Step : never;
  interface Data {
    map: Record<string, unknown>;
    list: unknown[];
  }
  const apply = (data: Data, step: Edit): void => {
    switch (step.kind) {
      case "set":
        Reflect.set(data.map, step.key, structuredClone(step.value));
        return;
      case "delete":
        delete data.map[step.key];
        return;
      case "index":
        data.list[step.index] = structuredClone(step.value);
        return;
      case "hole":
        delete data.list[step.index];
        return;
      case "push":
        data.list.push(structuredClone(step.value));
        return;
      case "splice":
        data.list.splice(step.index, 1, structuredClone(step.value));
        return;
      case "length":
        data.list.length = step.index;
        return;
      case "link":
        data.list[step.index] = data.map;
    }
  };
  const start = fc.record({
    map: fc.dictionary(fc.constantFrom("a", "b", "1"), value),
    list: fc.array(value, { maxLength: 5 }),
  });
  fc.assert(
    fc.property(start, fc.array(edit, { maxLength: 30 }), (data, steps) => {
      const twin = structuredClone(data);
      const draft = share(structuredClone(data));
      for (const step of steps) {
        if ("key" in step && step.key === "__proto__" && !Object.hasOwn(twin.map, "__proto__"))
          continue;
        apply(twin, step);
        apply(draft, step);
        check(draft);
        assert.deepStrictEqual(draft, twin);
      }
      assert.deepStrictEqual(freeze(draft), twin);
    }),
    { numRuns: 200, verbose: 1 },
  );
});
