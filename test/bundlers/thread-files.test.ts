/** The scan for files that other threads load: what it finds in a module, and what it leaves alone. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { replaceThreadFiles, threadFilesIn } from "../../src/bundlers/thread-files.ts";

function found(code: string): string[] {
  return threadFilesIn(code).map(({ kind, path = "", start, end }) => {
    return `${kind} ${path} ${code.slice(start, end)}`.replaceAll(/ {2,}/g, " ");
  });
}

test("a marked function, a module by its URL and a worker's file are found", () => {
  const cases: readonly (readonly [code: string, what: string])[] = [
    ["export const a = task(import.meta.url, function a() {});", "task import.meta.url"],
    ["task<F>(\n  import.meta.url,\n  f,\n  'f',\n);", "task import.meta.url"],
    ["quipe.task(import.meta.url, f)", "task import.meta.url"],
    ['import { task as mark } from "quipe";\nmark(import.meta.url, f)', "task import.meta.url"],
    [
      'spawn({ module: new URL("./a.ts", import.meta.url) })',
      'module ./a.ts new URL("./a.ts", import.meta.url)',
    ],
    [
      "() => new Worker(new URL('../a.js', import.meta.url), { name })",
      "worker ../a.js new URL('../a.js', import.meta.url)",
    ],
    [
      'new NodeWorker(\n  new URL(/* webpackIgnore: true */ "./a.js", import.meta.url),\n)',
      'worker ./a.js new URL(/* webpackIgnore: true */ "./a.js", import.meta.url)',
    ],
  ];
  for (const [code, what] of cases) assert.deepEqual(found(code), [what], code);
});

test("what only looks like it is left alone", () => {
  const cases = [
    "// task(import.meta.url, f)",
    "/* task(import.meta.url, f) */",
    '"task(import.meta.url, f)"',
    "`task(import.meta.url, f)`",
    '"\\" task(import.meta.url, f)"',
    "multitask(import.meta.url, f)",
    "task(import.meta.urls, f)",
    "task(url, f); log(import.meta.url)",
    'new URL("./a.png", import.meta.url)',
    'new Worker(new URL("https://x/a.js", import.meta.url))',
    'new Worker(new URL(path, import.meta.url)); log("./a.js")',
  ];
  for (const code of cases) assert.deepEqual(found(code), [], code);
});

test("a quote in a comment, a comment in a text and a division hide nothing", () => {
  const cases = [
    "// it's\ntask(import.meta.url, f)",
    'const a = "/*"; task(import.meta.url, f)',
    "const a = 'http://x'; task(import.meta.url, f)",
    "const a = b / c / d; task(import.meta.url, f)",
    "const a = `${b ? `c` : 'd'}`; task(import.meta.url, f)",
    "const a = /['\"]/;\ntask(import.meta.url, f)",
  ];
  for (const code of cases) assert.deepEqual(found(code), ["task import.meta.url"], code);
});

test("what is put in its place keeps the lines", () => {
  const code =
    'a;\nnew Worker(new URL(\n  "./b.ts",\n  import.meta.url,\n));\ntask(import.meta.url, f);';
  const replaced = replaceThreadFiles(code, threadFilesIn(code), ({ kind }) => kind.toUpperCase());
  assert.equal(replaced, "a;\nnew Worker(WORKER\n\n\n);\ntask(TASK, f);");
});
