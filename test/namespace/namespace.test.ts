/** Namespaces in one task: names, what they may be bound to, and objects made of them. */
import assert from "node:assert/strict";
import { inspect } from "node:util";
import { test } from "node:test";
import { describe } from "../../src/memory/describe.ts";
import { freeze } from "../../src/memory/freeze.ts";
import { guard } from "../../src/memory/guard.ts";
import { move } from "../../src/memory/move.ts";
import { share } from "../../src/memory/share.ts";
import { thaw, tryThaw } from "../../src/memory/thaw.ts";
import { checkNames } from "../../src/namespace/check-names.ts";
import { isLocked, lock, publish, unlock } from "../../src/namespace/locks.ts";
import { type Namespace, child, namespace, rebindable } from "../../src/namespace/namespace.ts";
import { compareAndSet, rebind, unbind } from "../../src/namespace/rebind.ts";
import { reader, snapshot } from "../../src/namespace/snapshot.ts";
import { whenBound, whenRebound } from "../../src/namespace/waiting.ts";

type Loose = Namespace;

const loose = (initial?: object): Loose => namespace(initial as never);

test("names are read, written, removed and asked for like properties", () => {
  const names = loose({ a: 1 });
  names["b"] = "two";
  assert.equal(names["a"], 1);
  assert.equal(names["b"], "two");
  assert.ok("a" in names);
  assert.ok(Object.hasOwn(names, "b"));
  assert.ok(!("c" in names));
  assert.ok(!("toString" in names));
  delete names["a"];
  assert.ok(!("a" in names));
  assert.throws(() => names["a"], {
    code: "unbound-name",
    message: /^"a" is not bound.*Bound are b/,
  });
  checkNames(names);
});

test("every primitive comes back as it is", () => {
  const values = [
    0,
    -0,
    NaN,
    Infinity,
    1.5,
    2 ** 53,
    "",
    "é\u{1f600}\ud800",
    true,
    false,
    null,
    undefined,
    10n ** 40n,
    -1n,
  ];
  const names = loose();
  values.forEach((value, i) => (names[`v${i}`] = value));
  values.forEach((value, i) => assert.ok(Object.is(names[`v${i}`], value)));
  checkNames(names);
});

test("any string is a name, and names keep the order in which they were bound", () => {
  const keys = ["z", "10", "2", "", "a b", "__proto__", "constructor", "ключ", "then", "toJSON"];
  const names = loose();
  for (const key of keys) names[key] = key;
  assert.deepEqual(Object.keys(names), keys);
  for (const key of keys) assert.equal(names[key], key);
  names["z"] = "again";
  assert.equal(Object.keys(names)[0], "z");
  delete names["z"];
  names["z"] = "last";
  assert.equal(Object.keys(names).at(-1), "z");
  checkNames(names);
});

test("spread, JSON, entries and destructuring see the names", () => {
  const names = namespace({ a: 1, list: freeze([1, 2]) });
  assert.deepEqual({ ...names }, { a: 1, list: [1, 2] });
  assert.equal(JSON.stringify(names), '{"a":1,"list":[1,2]}');
  const { list } = names;
  assert.equal(list, names.list);
  const seen: string[] = [];
  for (const name in names) seen.push(name);
  assert.deepEqual(seen, ["a", "list"]);
  assert.match(inspect(names), /^namespace \d+ \{ a, list \}$/);
});

test("a namespace is no thenable and has no toJSON unless these are bound", async () => {
  const names = loose({ a: 1 });
  assert.equal(await Promise.resolve(names), names);
  assert.equal(names["then"], undefined);
  assert.equal(names["toJSON"], undefined);
});

test("frozen data, guards and namespaces are bound by reference", () => {
  const graph = freeze({ nodes: [{ name: "a" }] });
  const counter = guard({ count: 1 });
  const inner = namespace({ x: 1 });
  const names = namespace({ graph, node: graph.nodes[0], counter, inner });
  assert.equal(names.graph, graph);
  assert.equal(names.node, graph.nodes[0]);
  assert.equal(names.counter, counter);
  assert.equal(names.inner, inner);
  inner.x = 2;
  assert.equal(names.inner.x, 2);
  checkNames(names);
});

test("what not every task can read is refused with its path, and nothing has changed", () => {
  const names = loose({ kept: 1 });
  const cases: [unknown, RegExp][] = [
    [{ a: 1 }, /^names\.bad cannot be bound to ordinary data.*freeze\(it\)/],
    [[1, 2], /^names\.bad cannot be bound to ordinary data/],
    [new Date(), /^names\.bad cannot be bound to ordinary data/],
    [{ deep: { fn: () => 1 } }, /^names\.bad\.deep\.fn cannot be bound: it is a function/],
    [() => 1, /^names\.bad cannot be bound: it is a function/],
    [Symbol("s"), /^names\.bad cannot be bound: it is a symbol/],
    [share({ a: 1 }), /^names\.bad cannot be bound to region \d+, which its owner may still write/],
    [move(share({ a: 1 })), /^names\.bad cannot be bound to what is moved/],
    [Promise.resolve(1), /^names\.bad cannot be bound: it is a Promise, which stays in its thread/],
  ];
  for (const [value, message] of cases) {
    assert.throws(() => (names["bad"] = value), { code: "not-shareable", message });
    assert.throws(() => (names["kept"] = value), { code: "not-shareable" });
  }
  assert.throws(() => (names["a b"] = {}), { message: /^names\["a b"\] cannot/ });
  assert.throws(() => namespace({ ok: 1, bad: {} }), { message: /^names\.bad cannot/ });
  assert.deepEqual({ ...names }, { kept: 1 });
});

test("what makes an object another kind of object is refused", () => {
  const names = loose({ a: 1 });
  assert.throws(() => Object.freeze(names), { name: "TypeError", message: /publish\(names\)/ });
  assert.throws(() => Object.setPrototypeOf(names, {}), TypeError);
  assert.throws(() => Object.defineProperty(names, "b", { value: 1 }), TypeError);
  assert.throws(() => Reflect.set(names, Symbol("s"), 1), TypeError);
  assert.throws(() => structuredClone(names));
  assert.throws(() => namespace([1] as never), TypeError);
  assert.throws(() => namespace(5 as never), TypeError);
  const verbs: ((names: never) => unknown)[] = [lock, unlock, publish, child, rebindable, snapshot];
  for (const fn of verbs) {
    assert.throws(() => fn({ a: 1 } as never), {
      name: "TypeError",
      message: /^Expected a namespace/,
    });
  }
});

test("a descriptor says whether this task may bind the name", () => {
  const names = namespace({ a: 1, b: 2 });
  lock(names, "b");
  assert.deepEqual(Object.getOwnPropertyDescriptor(names, "a"), {
    value: 1,
    writable: true,
    enumerable: true,
    configurable: true,
  });
  assert.equal(Object.getOwnPropertyDescriptor(names, "b")?.writable, false);
  assert.equal(Object.getOwnPropertyDescriptor(names, "c"), undefined);
});

test("several names are bound at once, or none", () => {
  const names = namespace({ a: 1, b: 2, c: 3 });
  rebind(names, { a: 10, b: 20 });
  assert.deepEqual({ ...names }, { a: 10, b: 20, c: 3 });
  lock(names, "c");
  assert.throws(() => rebind(names, { a: 0, c: 0 }), { code: "name-locked" });
  assert.throws(() => rebind(names, { a: 0, b: {} as never }), { code: "not-shareable" });
  assert.throws(
    () =>
      rebind(names, () => {
        throw new RangeError("mine");
      }),
    RangeError,
  );
  assert.throws(() => rebind(names, 5 as never), TypeError);
  assert.deepEqual({ ...names }, { a: 10, b: 20, c: 3 });
  rebind(names, (now) => ({ a: now.a + now.c }));
  assert.equal(names.a, 13);
});

test("a name is bound on condition of what it is bound to", () => {
  const list = freeze([1]);
  const names = namespace<{ a: number; list: readonly number[] }>({ a: NaN, list });
  assert.equal(compareAndSet(names, "a", NaN, 0), true);
  assert.equal(compareAndSet(names, "a", -0, 1), false);
  assert.equal(compareAndSet(names, "list", freeze([1]), freeze([2])), false);
  assert.equal(compareAndSet(names, "list", list, freeze([2])), true);
  assert.deepEqual(names.list, [2]);
  lock(names, "a");
  assert.throws(() => compareAndSet(names, "a", 5, 1), { code: "name-locked" });
  assert.throws(() => compareAndSet(names as never, "none" as never, 5 as never, 1 as never), {
    code: "unbound-name",
  });
});

test("a child reads through to its parent and binds in itself", () => {
  const parent = namespace({ a: 1, b: 2 });
  const mine = child(parent, { b: 20, c: 30 });
  assert.deepEqual([mine.a, mine.b, mine.c], [1, 20, 30]);
  assert.deepEqual(Object.keys(mine), ["a", "b", "c"]);
  parent.a = 5;
  assert.equal(mine.a, 5);
  mine.a = 50;
  assert.deepEqual([mine.a, parent.a], [50, 5]);
  unbind(mine, "a");
  assert.equal(mine.a, 5);
  assert.throws(() => unbind(mine, "a"), { code: "unbound-name" });
  publish(parent);
  mine.a = 7;
  assert.equal(mine.a, 7);
  assert.ok(isLocked(parent, "a") && !isLocked(mine, "a") && !isLocked(mine, "c"));
  assert.deepEqual(snapshot(mine), { a: 7, b: 20, c: 30 });
  const grandchild = child(mine);
  assert.equal(grandchild.b, 20);
  assert.ok("a" in grandchild && !("z" in grandchild));
});

test("a snapshot is plain, frozen and stays as it was", () => {
  const names = namespace({ a: 1, list: freeze([1]) });
  const before = snapshot(names);
  names.a = 2;
  assert.deepEqual(before, { a: 1, list: [1] });
  assert.ok(Object.isFrozen(before));
});

test("a reader gives the newest of the names that it has", () => {
  const names = loose({ a: 1, b: 2 });
  const fast = reader(names);
  assert.deepEqual(Object.keys(fast), ["a", "b"]);
  names["a"] = 10;
  assert.equal(fast["a"], 10);
  fast["b"] = 20;
  assert.equal(names["b"], 20);
  delete names["b"];
  assert.throws(() => fast["b"], { code: "unbound-name" });
  assert.throws(() => fast["none"], { code: "unbound-name" });
  names["c"] = 3;
  assert.equal(fast["c"], 3);
  assert.throws(() => delete fast["a"], TypeError);
});

test("a reader of a child's names sees what is bound nearer", () => {
  const parent = namespace({ a: 1 });
  const mine = child(parent);
  const fast = reader(mine);
  assert.equal(fast.a, 1);
  parent.a = 2;
  assert.equal(fast.a, 2);
  mine.a = 3;
  assert.equal(fast.a, 3);
});

test("an unlocked name does not hold its object, and its owner sees it change", async () => {
  const names = namespace({ list: freeze({ items: [1] }) });
  const fast = reader(names);
  assert.deepEqual(fast.list.items, [1]);
  const draft = tryThaw(names.list);
  draft.items.push(2);
  assert.equal(names.list, draft);
  assert.equal(fast.list, draft);
  assert.throws(() => lock(names, "list"), { code: "not-shareable" });
  names.list = freeze(draft);
  assert.deepEqual(names.list.items, [1, 2]);
  lock(names, "list");
  await assert.rejects(thaw(names.list), { code: "name-locked" });
  checkNames(names);
});

test("publishing freezes what was thawed since, or changes nothing", () => {
  const names = namespace({ a: freeze({ x: 1 }), b: freeze({ x: 2 }) });
  const draft = tryThaw(names.a);
  draft.x = 10;
  publish(names);
  assert.equal(names.a.x, 10);
  assert.throws(() => (draft.x = 11), { code: "frozen" });
  assert.throws(() => tryThaw(names.a), { code: "name-locked" });
  checkNames(names);
});

test("who waits for a name gets it when it is bound", async () => {
  const names = loose({ step: 1 });
  const mine = child(names);
  const bound = whenBound(mine, "late");
  const next = whenRebound(names, "step", 1);
  assert.equal(await whenBound(names, "step"), 1);
  assert.equal(await whenRebound(names, "step", 0), 1);
  names["late"] = "here";
  names["step"] = 2;
  assert.equal(await bound, "here");
  assert.equal(await next, 2);
  await assert.rejects(whenBound(names, "never", { timeoutMs: 1 }), { code: "timed-out" });
  const reason = new Error("enough");
  const signal = AbortSignal.abort(reason);
  await assert.rejects(whenBound(names, "never", { signal }), reason);
});

test("describe says what is bound, what is locked, and to whom it belongs", () => {
  const names = namespace({ a: 1, b: 2 });
  lock(names, "b");
  const described = describe(names);
  assert.equal(described.state, "namespace");
  assert.equal(described.level, 9);
  assert.deepEqual(described.names?.bound, ["a", "b"]);
  assert.deepEqual(described.names?.locked, ["b"]);
  assert.ok(described.names?.isMine);
  publish(names);
  assert.equal(describe(names).level, 5);
});

test("a namespace grows with its names, and overwriting for ever does not make it grow", () => {
  const names = loose();
  for (let i = 0; i < 300; i++) names[`name ${i}`] = i;
  checkNames(names);
  const before = describe(names).names?.bytes;
  for (let i = 0; i < 2000; i++) names["name 7"] = i;
  assert.equal(describe(names).names?.bytes, before);
  assert.equal(Object.keys(names).length, 300);
  const text = "x".repeat(100_000);
  names["text"] = text;
  assert.equal(names["text"], text);
  checkNames(names);
});

test("what has no room is refused, and nothing has changed", () => {
  const names = loose({ a: 1 });
  const text = "x".repeat(2 ** 26);
  assert.throws(() => (names["text"] = text), { code: "out-of-memory" });
  assert.deepEqual(Object.keys(names), ["a"]);
  names["b"] = 2;
  checkNames(names);
});
