/**
 * Whether two graphs are the same graph: equal values, keys in the same order, the same holes, and one object
 * here for each one object there. What deep equality leaves out is the last of these.
 *
 *   pairs of objects still to compare ──▶ kind ──▶ pairs of what they hold, each with its path
 *
 * Without recursion, so cycles and depth cost nothing.
 */
import assert from "node:assert/strict";
import { SharedNumbers } from "../../src/memory/shared-bytes.ts";

/** An object of one graph and the one of the other graph that stands in its place. */
export interface Pair {
  readonly twin: object;
  readonly view: object;
  readonly path: string;
}

/**
 * Throws, with the path, where `view` differs from `twin`. Returns the pairs of all objects, in an order that
 * depends on the graph alone.
 */
export function assertSameGraph(twin: unknown, view: unknown): Pair[] {
  const comparison = new Comparison();
  comparison.match(twin, view, "$");
  // Grows while it is walked.
  for (const pair of comparison.pairs) comparison.compare(pair);
  return comparison.pairs;
}

class Comparison {
  readonly pairs: Pair[] = [];
  readonly #viewOf = new Map<object, object>();
  readonly #twinOf = new Map<object, object>();

  match(twin: unknown, view: unknown, path: string): void {
    if (typeof twin !== "object" || twin === null || typeof view !== "object" || view === null) {
      if (!Object.is(twin, view)) {
        assert.fail(`${path} is ${shown(view)} and should be ${shown(twin)}`);
      }
      return;
    }
    const knownView = this.#viewOf.get(twin);
    const knownTwin = this.#twinOf.get(view);
    if (knownView === view && knownTwin === twin) return;
    if (knownView !== undefined || knownTwin !== undefined) {
      const earlier = this.pairs.find((pair) => pair.twin === twin || pair.view === view);
      const relation = knownView === undefined ? "is the same object as" : "should be the same as";
      assert.fail(`${path} ${relation} ${earlier?.path}`);
    }
    this.#viewOf.set(twin, view);
    this.#twinOf.set(view, twin);
    this.pairs.push({ twin, view, path });
  }

  compare({ twin, view, path }: Pair): void {
    if (Array.isArray(twin)) this.#lists(twin, view, path);
    else if (twin instanceof Map) this.#maps(twin, view, path);
    else if (twin instanceof Set) this.#sets(twin, view, path);
    else if (ArrayBuffer.isView(twin)) bytes(twin, view, path);
    else {
      if (twin instanceof Date) assert.equal(Number(view), Number(twin), path);
      if (twin instanceof RegExp)
        assert.equal(RegExp.prototype.toString.call(view), String(twin), path);
      if (twin instanceof Error) this.#errors(twin, view as Error, path);
      this.#fields(twin, view, path);
    }
  }

  #lists(twin: readonly unknown[], view: object, path: string): void {
    assert.ok(Array.isArray(view), `${path} should be an array`);
    assert.equal(view.length, twin.length, `length of ${path}`);
    const list: readonly unknown[] = view;
    for (let i = 0; i < twin.length; i++) {
      assert.equal(i in list, i in twin, `whether ${path} has ${i}`);
      this.match(twin[i], list[i], `${path}[${i}]`);
    }
    // One path more to the elements: what loops see.
    let i = 0;
    for (const element of list) this.match(twin[i], element, `${path}[of ${i++}]`);
    assert.equal(i, twin.length, `steps through ${path}`);
  }

  #maps(twin: ReadonlyMap<unknown, unknown>, view: object, path: string): void {
    assert.ok(view instanceof Map, `${path} should be a Map`);
    assert.equal(view.size, twin.size, `size of ${path}`);
    const entries = [...(view as Map<unknown, unknown>)];
    let i = 0;
    for (const [key, value] of twin) {
      const entry = entries[i];
      assert.ok(entry !== undefined, `${path} has fewer entries than its size`);
      this.match(key, entry[0], `${path}.key(${i})`);
      this.match(value, entry[1], `${path}.value(${i})`);
      assert.ok(view.has(entry[0]), `${path} should find its key ${shown(key)}`);
      this.match(value, view.get(entry[0]), `${path}.get(key ${i})`);
      i++;
    }
    assert.equal(view.has("no such key"), twin.has("no such key"));
  }

  #sets(twin: ReadonlySet<unknown>, view: object, path: string): void {
    assert.ok(view instanceof Set, `${path} should be a Set`);
    assert.equal(view.size, twin.size, `size of ${path}`);
    const items = [...(view as Set<unknown>)];
    let i = 0;
    for (const item of twin) {
      this.match(item, items[i], `${path}.item(${i})`);
      assert.ok(view.has(items[i]), `${path} should find its item ${shown(item)}`);
      i++;
    }
  }

  #errors(twin: Error, view: Error, path: string): void {
    assert.ok(view instanceof Error, `${path} should be an error`);
    assert.equal(view.message, twin.message, path);
    this.match(twin.cause, view.cause, `${path}.cause`);
  }

  #fields(twin: object, view: object, path: string): void {
    assert.equal(Object.getPrototypeOf(view), Object.getPrototypeOf(twin), `prototype of ${path}`);
    const keys = Object.keys(twin);
    assert.deepEqual(Object.keys(view), keys, `keys of ${path}`);
    for (const key of keys) {
      assert.ok(Object.hasOwn(view, key), `${path} should have ${key}`);
      this.match(Reflect.get(twin, key), Reflect.get(view, key), `${path}.${key}`);
    }
  }
}

function bytes(twin: ArrayBufferView, view: object, path: string): void {
  const copy: unknown = view instanceof SharedNumbers ? view.toOriginal() : view;
  assert.deepStrictEqual(copy, twin, path);
}

function shown(value: unknown): string {
  if (typeof value === "bigint") return `${value}n`;
  if (Object.is(value, -0)) return "-0";
  if (typeof value === "string") return JSON.stringify(value);
  return typeof value === "object" ? Object.prototype.toString.call(value) : `${value as number}`;
}
