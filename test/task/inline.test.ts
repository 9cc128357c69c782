/** Which inline functions are refused at `spawn`, by which words, and that the others run. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import { QuipeError } from "../../src/errors.ts";
import { inlineEntry } from "../../src/task/inline.ts";
import { spawn } from "../../src/task/spawn.ts";
import { withoutParser } from "../here.ts";

type Inline = (...args: never[]) => unknown;

/** A function that this file's compiler never sees. It is made in strict code, as a module's functions are. */
function written(text: string): Inline {
  return new Function(`"use strict"; return (${text}\n);`)() as Inline;
}

/** The same in sloppy code, as a script's functions are. */
function sloppy(text: string): Inline {
  return new Function(`return (${text}\n);`)() as Inline;
}

function refusal(fn: Inline, names: readonly string[] = []): string {
  try {
    inlineEntry(fn, names);
    return "";
  } catch (error) {
    assert.ok(error instanceof QuipeError && error.code === "not-isolated", String(error));
    return error.message;
  }
}

/** What the refusal of a function names, between the colon and the advice. */
function taken(text: string): string {
  return /does not have: ([^]*?)\. [A-Z]/.exec(refusal(written(text)))?.[1] ?? "";
}

const standing: readonly string[] = [
  "(a, b) => a + b",
  "async ({ a, b: { c = a } = {}, ...rest }, [d, , ...e] = []) => [a, c, rest, d, e]",
  "function f(n) { return n < 2 ? n : f(n - 1) + f(n - 2); }",
  "function () { return arguments.length + (new.target === undefined ? 1 : 0) + (this === undefined); }",
  "() => { x = 1; return x; var x; }",
  "() => { { var deep = 1; } for (var i = 0; i < 1; i++) var also; return [deep, i, also]; }",
  "() => { return late(); function late() { return other; } var other; }",
  "() => { for (const [k, { v }] of [[1, { v: 2 }]]) k + v; for (const key in {}) key; }",
  "() => { try { throw 1; } catch ({ message }) { return message; } try {} catch { return 0; } }",
  "() => { outer: for (;;) { inner: for (;;) { break outer; continue inner; } } }",
  "(x) => { switch (x) { case 1: let y = 1; return y; default: y = 2; } }",
  "(a, b = a, c = () => b) => { var a; return c() + a; }",
  "() => { class A { static #n = 0; #m = A.#n; static { A.#n = this.#n; } get() { return this.#m in A; } static of() { return super.of; } } class B extends A { constructor() { super(); new.target; super.get(); } } return new B(); }",
  "() => { const C = class Named { static self = Named; [Symbol.iterator]() { return this; } }; return C; }",
  "() => ({ m() { return super.toString(); }, get g() { return this.m; }, set g(v) { this.v = v; }, async *[Symbol.asyncIterator]() { yield this; } })",
  "(a) => ({ a, b: a.b, ['c' + a]: a })",
  "(a, b) => { [a, b.c] = [b, a]; ({ a, d: b = 1, ...b.rest } = {}); [a = 2] = []; return a; }",
  "() => globalThis.whatever ?? globalThis['x']",
  "() => [undefined, NaN, Infinity, Math, JSON, structuredClone, setTimeout, console, URL, process]",
  "(x) => typeof window === 'undefined' ? x : window.x",
  "async () => { for await (const x of []) x; await import('node:fs'); await import('fs'); await import('quipe'); await import('data:text/javascript,'); }",
  "async (url) => (await import(url)).x ?? import(`node:${url}`)",
  "(x) => x?.a?.[x.b]?.(x) ?? `${x}${`${x}`}`",
  "(s) => /[\\p{L}--[a-z]]/v.test(s) && String.raw`\\u` && 1_000n && s.at(-1)",
  "() => { function g() { return this; } return () => g.call(1); }",
  "(\\u0061) => a",
  "() => { var \\u{61}b = 1; return ab; }",
  "(x) => { /* => outer [native code] { */ return x; // outer => {\n }",
  "(x) => { return x; // { [native code]\n }",
  '(x) => "`${outer} => { [native code] }"',
  "(0, function anonymous() { return (0, eval)('1'); })",
  "(x, then = () => x) => { let let_ = then; return let_; }",
  "() => { const f = function named() { named = undefined; }; return f; }",
  "async (x) => { async function* g() { yield* x; } for await (const y of g()) y; }",
];

/** What stands in regular expressions and such that an older engine does not read itself. */
function isReadable(text: string): boolean {
  try {
    written(text);
    return true;
  } catch {
    return false;
  }
}

test("functions that use their own names and globals stand on their own, whatever their syntax", () => {
  for (const text of standing.filter(isReadable)) assert.equal(refusal(written(text)), "", text);
});

test("`using` belongs to the block in which it stands", { skip: withoutParser }, () => {
  const text = "() => { { using a = null; a; } { await: using: 1; } }";
  if (isReadable(text)) assert.equal(refusal(written(text)), "");
  const outside = "() => { { using a = null; } return a; }";
  if (isReadable(outside)) assert.equal(taken(outside), "a");
});

const refused: readonly (readonly [string, string])[] = [
  ["() => a + b.c + d()", "a, b, d"],
  ["(x = outer) => { var outer = x; return outer; }", "outer"],
  ["() => { { let inner = 1; } return inner; }", "inner"],
  ["() => { { function inner() {} } return inner; }", "inner"],
  ["() => { for (const i of []) i; return i; }", "i"],
  ["() => { for (let i = 0; ; ) i; return i; }", "i"],
  ["() => { try {} catch (e) {} return e; }", "e"],
  ["(x) => { switch (x) { case 1: let y; } return y; }", "y"],
  ["(x) => { switch (y) { case 1: let y; } }", "y"],
  ["() => { const f = function named() {}; return named; }", "named"],
  ["() => { const C = class Named {}; return Named; }", "Named"],
  ["() => { class A { static { var inner; } } return inner; }", "inner"],
  [
    "() => { total += 1; count++; [first] = []; ({ second, a: third } = {}); for (fourth of []); }",
    "total, count, first, second, third, fourth to assign to",
  ],
  ["() => ({ shorthand, [computed]: 1, plain: 2 })", "shorthand, computed"],
  ["() => `${a}${tag`x`}`", "a, tag"],
  ["() => class extends Base { [key] = value; static s = this.x; }", "Base, key, value"],
  ["({ [key]: a = fallback }) => a", "key, fallback"],
  ["() => typeof captured", "captured"],
  ["() => typeof captured === 'undefined' ? captured : captured.x", "captured"],
  ["() => window.x", "window"],
  ["() => this.x + (() => this)()", "this of what is around it"],
  ["() => arguments[0]", "arguments"],
  ["() => eval('1')", "direct eval"],
  ["() => { function f() { return eval('x'); } return f; }", "direct eval"],
  ["() => import('./a.js')", 'import("./a.js")'],
  [
    "() => [import('/a.js'), import('lodash'), import(`../${1}`), import('./' + 1)]",
    'import("/a.js"), import("lodash"), import("../"), import("./")',
  ],
  ["() => require('fs') + __dirname", "require, __dirname of CommonJS"],
  ["() => { label: for (;;) break label; return label; }", "label"],
  ["() => o\\u0075ter", "outer"],
  ["(x) => x.outer + { outer: 1 }.outer + outer", "outer"],
];

test("names from around a function are refused, each by name", { skip: withoutParser }, () => {
  for (const [text, names] of refused) assert.equal(taken(text), names, text);
});

test("words of a function or class around it are refused by name", { skip: withoutParser }, () => {
  const inside = (text: string): Inline =>
    written(
      `new (class extends Map { #secret = 1; #hidden(x) { return x; } get result() { return ${text}; } method() { return this.#secret + super.get(1); } constructor(...all) { super(); this.target = () => new.target; } })().result`,
    );
  assert.match(refusal(inside("() => this.#secret")), /: this, #secret of what is around it\./);
  assert.match(refusal(inside("() => super.get(1)")), /: super of what is around it\./);
  assert.match(refusal(inside("this.target")), /: new\.target of what is around it\./);
  assert.match(refusal(inside("(x) => #secret in x")), /: #secret of what is around it\./);
  assert.match(refusal(inside("this.method")), /"method" needs .*: this, super, #secret of what/);
  assert.equal(refusal(inside("this.#hidden")), "");
  assert.match(
    refusal(() => import.meta.url),
    /: import\.meta\. Pass what it needs/,
  );
});

test(
  "what is no function of this program's own text is refused with what to do",
  { skip: withoutParser },
  () => {
    const cases: readonly (readonly [Inline, RegExp])[] = [
      [Math.max, /"max" is native or bound.*\(x\) => max\(x\)/],
      [sloppy("((x) => x).bind(null)"), /is native or bound/],
      [new Proxy((x: number) => x, {}), /is native or bound/],
      [class Point {} as unknown as Inline, /"Point" is a class\./],
      [
        written("Object.getOwnPropertyDescriptor({ get x() { return 1; } }, 'x').get"),
        /is a getter or a setter/,
      ],
      [function* count() {}, /"count" is a generator.*current\(\)\.quipe\.send/],
      [async function* () {}, /is a generator/],
      [written("({ *m() {} }).m"), /is a generator/],
      [sloppy("(a, b) => { a<!--b\n return a; }"), /has <!-- or --> in its text/],
      [sloppy("function (a, a) { return 010; }"), /is not strict code/],
      [sloppy("function () { with (Math) return max(1, 2); }"), /is not strict code/],
    ];
    for (const [fn, message] of cases) assert.match(refusal(fn), message);
  },
);

test(
  "all that is wrong is told at once, with what to do about each",
  { skip: withoutParser },
  () => {
    const message = refusal(
      written("() => { n = outer + __vite_ssr_import_0__.helper(1); return this; }"),
    );
    assert.equal(
      message,
      'This inline function needs what another thread does not have: outer; n to assign to; the imports helper (__vite_ssr_import_0__.helper); this of what is around it. Pass values as arguments, or as names: spawn(fn, args, { names: { … } }). For imports and functions mark a function of their module with task(import.meta.url, fn), or use await import() with "quipe", a built-in module or an absolute URL. Return what is to be known outside, or put data that many change behind a guard. Use a function that stands by itself, and pass what it needs of the object.',
    );
  },
);

test("a variable that holds the function is no name of its own", { skip: withoutParser }, () => {
  const fib = written("(n) => fib(n)");
  Object.defineProperty(fib, "name", { value: "fib" });
  assert.match(refusal(fib), /: fib, which is a variable outside\. To call itself/);
});

test(
  "a refusal is thrown by spawn itself and starts nothing; it is the same for the same function",
  { skip: withoutParser },
  () => {
    const outer = Math.random();
    const closes = (): number => outer;
    for (let i = 0; i < 2; i++) {
      assert.throws(() => spawn(closes), { name: "QuipeError", code: "not-isolated" });
    }
  },
);

test("inline functions of every form run", async () => {
  const forms: readonly (readonly [Inline, unknown])[] = [
    [(x: number) => x + 1, 2],
    [async (x: number) => (await Promise.resolve(x)) + 1, 2],
    [
      function fib(x: number): number {
        return x > 0 ? fib(x - 1) + 1 : 1;
      },
      2,
    ],
    [written("({ m: (x) => x + 1 }).m"), 2],
    [written("({ method(x) { return x + 1; } }).method"), 2],
    [written("({ async ['computed key'](x) { return x + 1; } })['computed key']"), 2],
    [written("({ async(x) { return x + 1; } }).async"), 2],
    [written("({ get(x) { return x + 1; } }).get"), 2],
    [written("({ 'a-b'(x) { return x + 1; } })['a-b']"), 2],
    [written("({ [Symbol.iterator](x) { return x + 1; } })[Symbol.iterator]"), 2],
    [written("({ constructor(x) { return x + 1; } }).constructor"), 2],
    [written("(class { static of(x) { return x + 1; } }).of"), 2],
    [written("(class { static function(x) { return x + 1; } }).function"), 2],
    [new Function("x", "return x + 1 // {") as Inline, 2],
    [runInNewContext("(x) => x + 1") as Inline, 2],
    [sloppy("function (x) { undeclared = x; }"), /undeclared/],
    [
      function (this: unknown) {
        return this === undefined;
      },
      true,
    ],
    [
      written(
        "() => { 'use strict'; return (() => { try { Object.freeze([]).push(1); } catch { return 2; } })(); }",
      ),
      2,
    ],
  ];
  for (const [fn, expected] of forms) {
    if (expected instanceof RegExp) assert.match(refusal(fn), expected);
    else assert.equal(await spawn(fn as (x: number) => unknown, [1]).result, expected, String(fn));
  }
});

test("a function's own toString is not asked", { skip: withoutParser }, async () => {
  const fn = Object.assign((x: number) => x + 1, { toString: () => "() => 'wrong'" });
  assert.equal(await spawn(fn, [1]).result, 2);
});

test("a very long function and a very deep one run", async () => {
  const long = written(`(x) => { ${"x += 1; { let x = 1; x; }\n".repeat(5000)} return x; }`);
  assert.equal(await spawn(long as (x: number) => unknown, [0]).result, 5000);
  const deep = written(`(x) => x ${"+ 1".repeat(3000)}`);
  assert.equal(await spawn(deep as (x: number) => unknown, [0]).result, 3000);
});

test("frames of an inline function name its task and count its own lines", async () => {
  const failing = spawn(
    function culprit() {
      throw new Error("here");
    },
    [],
    { name: "the culprit" },
  );
  await assert.rejects(failing.result, (error: Error) => {
    assert.match(error.stack ?? "", /culprit(?: \(|@)task:the%20culprit(?:, <anonymous>)?:2:\d+/);
    return true;
  });
});

test("a global of the spawner's thread alone is refused when it is met", async () => {
  Object.assign(globalThis, { onlyOnThisThread: 1 });
  const fn = written("() => onlyOnThisThread") as () => never;
  await assert.rejects(spawn(fn).result, {
    code: "not-isolated",
    message: /onlyOnThisThread.*pass what it needs as an argument/,
  });
});
