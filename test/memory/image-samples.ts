/**
 * Small graphs that together use everything images can hold, for tests that change their bytes.
 */

import { registerClass } from "../../src/memory/classes.ts";

/** A name and what it stands for. */
export type Sample = readonly [name: string, value: unknown];

function node(id: number): { id: number; others: unknown[]; self: unknown } {
  return { id, others: [], self: null };
}

function cycle(): unknown {
  const nodes = Array.from({ length: 9 }, (_, id) => node(id));
  for (const one of nodes) {
    one.others = [nodes[(one.id * 5) % 9], nodes[(one.id + 1) % 9]];
    one.self = one;
  }
  return { nodes, last: nodes[8] };
}

function dictionary(count: number, value: (i: number) => unknown): Record<string, unknown> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`key ${i}`, value(i)]));
}

class Point {
  x = 1;
  y = { deep: ["z"] };
}

function boxes(): unknown {
  registerClass(Point, "image-samples Point");
  const point = new Point();
  const failure = new RangeError("too far", { cause: new Error("why", { cause: point }) });
  return {
    bigints: [0n, -1n, 2n ** 80n, -(2n ** 64n)],
    date: new Date(1_000_000_007),
    expressions: [/a+b/gi, /^\u{1f600}$/u, /a+b/gi],
    failure: Object.assign(failure, { code: "E_FAR", tries: [1, 2] }),
    all: new AggregateError([failure, new TypeError("t")], "several"),
    points: [point, point],
    bytes: [new Uint8Array([1, 2, 3]), new Float64Array([1.5, -0]), new ArrayBuffer(5)],
    view: new DataView(new ArrayBuffer(3)),
  };
}

function collections(): unknown {
  const key = { id: 1 };
  const big = new Map<unknown, unknown>(Array.from({ length: 1_100 }, (_, i) => [i * 0.5, i]));
  return {
    small: new Map<unknown, unknown>([
      ["a", 1],
      [1, "one"],
      [NaN, null],
      [-0, undefined],
      [key, [key]],
      [12n ** 30n, true],
      [null, false],
    ]),
    set: new Set<unknown>(["x", key, 3, undefined, new Map([["in", new Set([1])]])]),
    empty: [new Map(), new Set()],
    big,
    words: new Set(Array.from({ length: 1_030 }, (_, i) => `word ${i}`)),
  };
}

/** Rows that are checked at once, without marks, and objects that refer to some of them. */
function manyRows(): unknown {
  const make = (id: number): object => ({ id, name: `n${id % 9}`, price: id + 0.5 });
  const rows = Array.from({ length: 300 }, (_, id) => make(id));
  const others = Array.from({ length: 300 }, (_, id) => ({ ...make(id), extra: null }));
  return { rows, others, best: [rows[7], rows[299], rows[0]], last: { other: others[8] } };
}

/** New graphs of each kind. */
export function samples(): Sample[] {
  const rows = Array.from({ length: 40 }, (_, id) => ({ id, name: `n${id % 7}`, price: id / 8 }));
  const open = Array.from({ length: 12 }, (_, id) => ({
    id,
    at: { x: id, tags: ["a", `t${id}`] },
  }));
  return [
    ["rows", { rows, open }],
    ["many rows", manyRows()],
    ["cycle", cycle()],
    ["dictionary", { small: dictionary(70, (i) => i), big: dictionary(300, (i) => ({ i })) }],
    [
      "values",
      {
        mixed: [1, -0, NaN, "x", null, undefined, true, , { a: 1 }, [2.5]],
        words: ["a", "żółw", "\ud800", "long ".repeat(30)],
        numbers: [1.5, -2, 1e300],
        integers: [1, 2, 3],
        any: { a: undefined, b: "s" },
        none: null,
        bare: Object.assign(Object.create(null) as object, { __proto__: 1, z: null }),
      },
    ],
    ["list", [[1, 2], ["a"], [{ a: [{ b: [{ c: 1 }] }] }]]],
    ["boxes", boxes()],
    ["collections", collections()],
    ["text", "just a text"],
  ];
}
