/**
 * Reads the sources of the project and holds them to the style: layers, sizes, names, words,
 * documentation. Each rule is first shown to bite, on snippets that break it and snippets that do not.
 */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { filesUnder, projectPath, projectRoot } from "../scripts/project-files.ts";
import { maskSource } from "../scripts/source-text.ts";
import { findPublicNamesWithoutExample, findUndocumentedExports } from "./tidy/documentation.ts";
import { findLayerBreaks } from "./tidy/layers.ts";
import { findRowsWithoutTest, findSkipsWithoutRow, rowsOf } from "./tidy/runtime-rows.ts";
import { findBadNames, findLongFiles, findMissingHeaders } from "./tidy/shape.ts";
import { makeSource, tellFinding } from "./tidy/source.ts";
import type { Finding, Rule, Source } from "./tidy/source.ts";
import { findBannedCode, findBannedShapes, findBannedWords, findSleeps } from "./tidy/words.ts";

interface RuleUnderTest {
  readonly claim: string;
  readonly rule: Rule;
  /** Path and text of snippets that break the rule. */
  readonly bad: readonly (readonly [string, string])[];
  /** Path and text of snippets that come close and do not. */
  readonly good: readonly (readonly [string, string])[];
}

const rules: readonly RuleUnderTest[] = [
  {
    claim: "a layer imports only from those to its left",
    rule: findLayerBreaks,
    bad: [
      ["src/sync/a.ts", 'import { b } from "../memory/b.ts";'],
      ["src/memory/a.ts", 'import type { B } from "../task/b.ts";'],
      ["src/errors.ts", 'import { b } from "./runtime/b.ts";'],
      ["src/memory/a.ts", 'const b = await import("../pool/b.ts");'],
      ["src/memory/a.ts", 'import { readFile } from "node:fs";'],
      ["src/memory/a.ts", 'import type { B } from "./b.ts";\nimport { readFile } from "node:fs";'],
      ["src/memory/a.ts", 'import { parse } from "csv-parse";'],
      ["src/remote/a.ts", 'import { b } from "../inspect/b.ts";'],
      ["src/index.ts", 'export { b } from "./cli/b.ts";'],
      ["src/index.ts", 'export { b } from "./inspect/b.ts";'],
      ["src/task/a.ts", 'import { b } from "../index.ts";'],
      ["src/task/a.ts", 'import { b } from "../../test/b.ts";'],
      ["src/elsewhere/a.ts", ""],
      ["src/bundlers/a.ts", 'import { b } from "../runtime/b.ts";'],
      ["src/bundlers/a.ts", 'import { build } from "vite";'],
      ["src/cli/a.ts", 'import { b } from "../bundlers/b.ts";'],
      ["src/index.ts", 'export { b } from "./bundlers/b.ts";'],
    ],
    good: [
      ["src/memory/a.ts", 'import { b } from "../sync/b.ts";\nimport { c } from "./c.ts";'],
      ["src/memory/a.ts", '// import { b } from "../pool/b.ts";'],
      ["src/memory/a.ts", 'const text = `import { b } from "../pool/b.ts"`;'],
      ["src/runtime/a.ts", 'import { readFile } from "node:fs";'],
      [
        "src/task/a.ts",
        'import { b } from "./b.ts";\nimport type { Worker } from "node:worker_threads";',
      ],
      ["src/cli/a.ts", 'import { spawn } from "../index.ts";\nimport { parse } from "csv-parse";'],
      ["src/index.ts", 'export { b } from "./pool/b.ts";'],
      [
        "src/bundlers/a.ts",
        'import type { Plugin } from "vite";\nimport { join } from "node:path";\nimport { b } from "./b.ts";',
      ],
      ["test/a.ts", 'import { b } from "../src/pool/b.ts";'],
    ],
  },
  {
    claim: "a file has at most 400 lines",
    rule: findLongFiles,
    bad: [["test/a.ts", "a;\n".repeat(401)]],
    good: [["test/a.ts", "a;\n".repeat(400)]],
  },
  {
    claim: "files are named by a noun in kebab-case",
    rule: findBadNames,
    bad: [
      ["src/memory/utils.ts", ""],
      ["src/memory/helpers.ts", ""],
      ["src/types.ts", ""],
      ["test/common/a.ts", ""],
      ["src/memory/bigNumber.ts", ""],
      ["src/memory/big_number.ts", ""],
    ],
    good: [
      ["src/memory/big-number.ts", ""],
      ["test/memory/view-kinds.test.ts", ""],
    ],
  },
  {
    claim: "a file of src opens with a comment of its own",
    rule: findMissingHeaders,
    bad: [
      ["src/a.ts", 'import { b } from "./b.ts";\n/** Late. */\n'],
      ["src/a.ts", "/** About a only. */\nexport const a = 1;\n"],
    ],
    good: [
      ["src/a.ts", '/**\n * What this is.\n */\nimport { b } from "./b.ts";\n'],
      [
        "src/a.ts",
        "#!/usr/bin/env node\n/** What this is. */\n\n/** About a. */\nexport const a = 1;\n",
      ],
      ["test/a.ts", "const a = 1;"],
    ],
  },
  {
    claim: "nobody leaves notes to oneself or places of one machine",
    rule: findBannedWords,
    bad: [
      ["src/a.ts", "// TODO: later"],
      ["docs/a.md", "FIXME"],
      ["src/a.ts", "// XXX"],
      ["src/a.ts", "// a HACK"],
      ["README.md", "see /root/notes.txt"],
      ["src/a.ts", 'read("/work/main/a");'],
      ["src/a.ts", 'read("/home/someone/a");'],
    ],
    good: [
      ["src/a.ts", "// todos are done; hacking, work/main, src/work/ers, ./root/file"],
      ["README.md", "https://example.org/work/shop"],
    ],
  },
  {
    claim: "types are not walked around, and only the command prints",
    rule: findBannedCode,
    bad: [
      ["src/a.ts", "let a: any;"],
      ["test/a.ts", "const a = b as any;"],
      ["src/a.ts", "type A = Array<any>;"],
      ["src/a.ts", "console.log(1);"],
      ["src/pool/a.ts", "console.error(1);"],
      ["src/sync/a.ts", "Atomics.load(words, 0);"],
    ],
    good: [
      ["src/a.ts", "AbortSignal.any([]); const many = company; // any\nfunction any(): void {}"],
      ["src/a.ts", '// console.log(1)\nconst a = "Atomics.load any";'],
      ["src/cli/a.ts", "console.log(1);"],
      ["src/runtime/atomics.ts", "Atomics.load(words, 0);"],
      ["scripts/a.ts", "console.log(1);"],
    ],
  },
  {
    claim: "exports have names, and only index.ts passes them on",
    rule: findBannedShapes,
    bad: [
      ["src/a.ts", "export default 1;"],
      ["test/a.ts", "export default function a() {}"],
      ["src/index.ts", 'export * from "./a.ts";'],
      ["src/memory/a.ts", 'export { b } from "./b.ts";'],
      ["src/memory/a.ts", 'export type { B } from "./b.ts";'],
      ["src/a.ts", "const a = await b();"],
      ["src/a.ts", "await b();"],
    ],
    good: [
      ["src/index.ts", 'export { b } from "./b.ts";'],
      ["src/a.ts", "/* export default */ export const a = 1;"],
      ["src/a.ts", "const a = async () => {\n  await b();\n};"],
      ["src/a.ts", "async function a() {\n  const c = await b();\n}"],
      ["test/a.ts", "const a = await b();"],
    ],
  },
  {
    claim: "tests do not sleep",
    rule: findSleeps,
    bad: [
      ["test/a.test.ts", "await new Promise((resolve) => setTimeout(resolve, 100));"],
      ["test/a.test.ts", "setTimeout(() => { f(1, 2); }, 2_000);"],
      ["test/a.test.ts", "await setTimeout(500);"],
      ["test/a.test.ts", "await sleep(1e3);"],
    ],
    good: [
      ["test/a.test.ts", "setTimeout(resolve, 20);"],
      ["test/a.test.ts", 'test("a", { timeout: 10_000 }, () => { f(1000); });'],
      ["test/a.test.ts", "setTimeout(() => f(1000, 2000), 1);"],
      ["src/a.ts", "setTimeout(resolve, 1000);"],
    ],
  },
  {
    claim: "every export has a doc comment",
    rule: findUndocumentedExports,
    bad: [
      ["src/a.ts", "export const a = 1;"],
      ["src/a.ts", "/** Header. */\n\nexport function a(): void {}"],
      ["src/a.ts", "/** A. */\nexport type A = 1;\nexport class B {}"],
      ["src/a.ts", "// not a doc comment\nexport interface A {}"],
      ["src/a.ts", "/** TAILS and HEAD. */\n\nexport const TAIL = 1;"],
    ],
    good: [
      ["src/a.ts", "/** A. */\nexport const a = 1;"],
      ["src/a.ts", "/** TAIL is the end. */\n\nexport const TAIL = 1;"],
      ["src/a.ts", "/** A. */\nexport function a(b: 1): 1;\nexport function a(b: 2): 2;"],
      ["src/a.ts", "const a = 1;\nconst text = `\nexport const b = 1;\n`;"],
      ["test/a.ts", "export const a = 1;"],
    ],
  },
];

for (const { claim, rule, bad, good } of rules) {
  test(`the rule "${claim}" bites, and bites nothing else`, () => {
    for (const [path, text] of bad) {
      assert.notDeepEqual(
        rule(makeSource(path, text)),
        [],
        `let pass ${path}: ${text.slice(0, 200)}`,
      );
    }
    for (const [path, text] of good) {
      assert.deepEqual(rule(makeSource(path, text)).map(tellFinding), [], `bit ${text}`);
    }
  });
}

const withExample = (name: string): string =>
  `/**\n * A.\n *\n * @example\n * \`\`\`ts\n * f();\n * \`\`\`\n */\nexport function ${name}(): void {}\n`;

function publicFindings(index: string, file: string): string[] {
  const sources = [makeSource("src/index.ts", index), makeSource("src/a.ts", file)];
  return findPublicNamesWithoutExample(sources).map((finding) => finding.what);
}

test('the rule "every public name has an example" bites, and bites nothing else', () => {
  const a = 'export { a } from "./a.ts";';
  assert.match(publicFindings(a, "/** A. */\nexport const a = 1;")[0] ?? "", /has no @example/);
  assert.match(
    publicFindings(a, "/** A.\n * @example\n * f(); */\nexport const a = 1;")[0] ?? "",
    /no @ex/,
  );
  assert.match(publicFindings(a, "/** A. */\nexport const b = 1;")[0] ?? "", /is not declared/);
  assert.deepEqual(publicFindings(a, withExample("a")), []);
  assert.deepEqual(publicFindings('export { b as a } from "./a.ts";', withExample("b")), []);
});

const rowPage = "| row | what |\n| --- | --- |\n| `loops` | a loop |\n| `waits` | a wait |\n";
const holdsLoops = '// docs/runtimes.md: loops\ntest("a", () => {});\n';

test('the rule "a test holds every difference of runtimes" bites, and bites nothing else', () => {
  const page = makeSource("docs/runtimes.md", rowPage);
  const told = (text: string): string[] =>
    findRowsWithoutTest(page, [makeSource("test/a.test.ts", text)]).map(({ what }) => what);
  assert.deepEqual(told(holdsLoops), ["no test holds the row waits"]);
  assert.deepEqual(told(holdsLoops + holdsLoops.replace("loops", "waits")), []);
  assert.match(told(holdsLoops.replace("loops", "leaps")).join(), /no row leaps.*row loops/);
  assert.match(told(holdsLoops.replace('test("a"', 'void ("a"')).join(), /row loops/);
});

test('the rule "who is skipped names the difference" bites, and bites nothing else', () => {
  const told = (text: string): string[] =>
    findSkipsWithoutRow(makeSource("test/a.test.ts", text), rowsOf(rowPage)).map(tellFinding);
  for (const bad of [
    'test("a", { skip: isDeno && "it cannot stop" }, () => {});',
    'test("a", { skip: isDeno && "it cannot stop [leaps]" }, () => {});',
    'test("a", { skip: isDeno }, () => {});',
    'test("a", (t) => t.skip("it cannot stop"));',
    'const skip = isDeno && "it cannot stop";\ntest("a", { skip }, () => {});',
    'export const whyNot: string | false = isDeno && "it cannot stop";',
    'const why =\n  isDeno && "it cannot stop";\ntest("a", { skip: why }, () => {});',
  ]) {
    assert.notDeepEqual(told(bad), [], bad);
  }
  for (const good of [
    'test("a", { skip: isDeno && "it cannot stop [loops]" }, () => {});',
    'test("a", { skip: hasDisk ? false : "it has no disk [machine]" }, () => {});',
    'test("a", (t) => t.skip("it cannot stop [waits]"));',
    'const skip = isDeno && "it cannot stop [loops]";\ntest("a", { skip }, () => {});',
    'import { whyNot } from "./b.ts";\ntest("a", { skip: whyNot }, () => {});',
    'const a = "{ skip: isDeno }";',
  ]) {
    assert.deepEqual(told(good), [], good);
  }
});

test("a public type may link to a name whose example shows it", () => {
  const index = 'export { a, type B } from "./a.ts";';
  const linked = "/** B, of {@link a}. */\nexport type B = 1;\n";
  assert.deepEqual(publicFindings(index, withExample("a") + linked), []);
  assert.equal(
    publicFindings(index, `${withExample("a")}/** B. */\nexport type B = 1;\n`).length,
    1,
  );
  assert.equal(publicFindings(index, `/** A. */\nexport const a = 1;\n${linked}`).length, 2);
});

test("the reader tells code from comments, strings, templates and regular expressions", () => {
  const cases: readonly (readonly [string, string])[] = [
    ['a = "x"; // y', 'a = " ";     '],
    ["a = 'it\\'s'; b", "a = '     '; b"],
    ["a /* b\nc */ d", "a     \n     d"],
    ["`a ${b + `c ${d}` } e` + f", "`  ${b + `  ${d}` }  ` + f"],
    ["a = { b: `${c}` };", "a = { b: `${c}` };"],
    ["x = /[/'\"]/g; y", "x = /     /g; y"],
    ["a / b / c // d", "a / b / c     "],
    ['f(/"/, g)', "f(/ /, g)"],
    ["return /'/.test(a)", "return / /.test(a)"],
  ];
  for (const [source, masked] of cases) assert.equal(maskSource(source), masked, source);
});

function readProject(): Source[] {
  const folders = ["src", "test", "bench", "examples", "scripts"];
  const files = folders.flatMap((folder) => filesUnder(join(projectRoot, folder), ".ts"));
  const pages = ["README", "ARCHITECTURE", "CONTRIBUTING", "CHANGELOG"].map((name) => `${name}.md`);
  const guides = filesUnder(join(projectRoot, "docs"), ".md");
  const paths = [...files, ...guides].map(projectPath);
  return [...paths, ...pages.filter(isThere), "package.json", ".ci/run"].map((path) =>
    makeSource(path, readFileSync(join(projectRoot, path), "utf8")),
  );
}

function isThere(path: string): boolean {
  return existsSync(join(projectRoot, path));
}

function refuse(findings: readonly Finding[]): void {
  if (findings.length > 0) assert.fail(`\n${findings.map(tellFinding).join("\n")}\n`);
}

const sources = readProject();

for (const { claim, rule } of rules) {
  test(`in this project ${claim}`, () => {
    refuse(sources.flatMap(rule));
  });
}

test("in this project every public name has an example", () => {
  refuse(findPublicNamesWithoutExample(sources));
});

test("in this project a test holds every difference of runtimes, and who is skipped names the difference", () => {
  const page = sources.find(({ path }) => path === "docs/runtimes.md");
  assert.ok(page !== undefined);
  const rows = rowsOf(page.text);
  assert.ok(rows.length > 10);
  refuse([
    ...findRowsWithoutTest(page, sources),
    ...sources.flatMap((source) => findSkipsWithoutRow(source, rows)),
  ]);
});
