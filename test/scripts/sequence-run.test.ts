/**
 * Files that share a process are judged one by one: a failure stays with its file, and who spoils the process for the
 * others is found.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { thisRuntime } from "../../scripts/runtimes.ts";
import { runTestFiles } from "../../scripts/sequence-run.ts";
import type { TestFile } from "../../scripts/test-files.ts";
import { inGroups } from "../../scripts/test-files.ts";
import { isGood } from "../../scripts/test-run.ts";
import type { FileResult } from "../../scripts/test-run.ts";

const folder = mkdtempSync(join(tmpdir(), "quipe-sequence-"));
after(() => rmSync(folder, { recursive: true, force: true }));

let runs = 0;

/** Runs files with these texts in one process, and returns what is said of each: "good", or what is wrong. */
async function judge(texts: Readonly<Record<string, string>>, limitMs = 60_000): Promise<unknown> {
  runs += 1;
  const files = Object.entries(texts).map(([name, text]): TestFile => {
    const path = join(folder, `${name}-${runs}.test.mjs`);
    writeFileSync(path, `import { test, before, after } from "node:test";\n${text}\n`);
    return { path, name, isApart: false };
  });
  const run = { files, runtime: thisRuntime(), limitMs, environment: { QUIPE_SEED: "7" } };
  const results = await runTestFiles(run);
  return Object.fromEntries(results.map((result) => [result.file.name, verdict(result)]));
}

function verdict(result: FileResult): string {
  if (isGood(result)) return `good ${result.passed}`;
  return [...(result.trouble === undefined ? [] : [result.trouble]), ...result.failed].join("; ");
}

const good = 'test("a", () => {});';

test("each file has its own tests and hooks, and its failures are its own", async () => {
  const found = await judge({
    first:
      'before(() => (globalThis.is = "first")); after(() => (globalThis.is = "over"));\n' + good,
    wrong: 'test("b", () => { throw new Error(globalThis.is); }); test("c", () => {});',
    last: 'test("d", () => { if (globalThis.is !== "over") throw new Error(globalThis.is); });',
  });
  assert.deepEqual(found, { first: "good 1", wrong: "b", last: "good 1" });
});

test("a file without a test and one that cannot be loaded fail beside good ones", async () => {
  const found = await judge({ empty: "", broken: 'throw new Error("no");', fine: good });
  assert.match(
    JSON.stringify(found),
    /"empty":"there is no test.*"broken":"[^"]+".*"fine":"good 1"/,
  );
});

test("a file that ends the process is found, and the others are judged without it", async () => {
  const leaving = 'test("b", async () => { await 1; process.exit(0); });';
  const found = await judge({ one: good, leaving, two: good });
  assert.match(
    JSON.stringify(found),
    /"one":"good 1","leaving":"[^"]*ended before.*"two":"good 1"/,
  );
});

test("a file that leaves something running is found, and the others are judged without it", async () => {
  const hanging = `setInterval(() => {}, 1000);\n${good}`;
  const found = await judge({ one: good, hanging, two: good }, 10_000);
  assert.match(JSON.stringify(found), /"one":"good 1","hanging":"stopped.*limit.*"two":"good 1"/);
});

test("a file that does well alone and not in company fails", async () => {
  const spoiler = `globalThis.isSpoilt = true;\n${good}`;
  const spoilt = 'test("b", () => { if (globalThis.isSpoilt) process.exit(3); });';
  const found = await judge({ spoiler, spoilt });
  assert.match(JSON.stringify(found), /"spoiler":"good 1","spoilt":"ends its process \(code 3/);
});

test("files of one folder share a process, those apart come first and alone", () => {
  const file = (name: string, isApart = false): TestFile => ({ path: name, name, isApart });
  const many = Array.from({ length: 9 }, (_, i) => file(`memory/m${i}`));
  const groups = inGroups([file("errors"), ...many, file("pool/p"), file("task/t", true)]);
  assert.deepEqual(
    groups.map((group) => group.length),
    [1, 1, 4, 5, 1],
  );
  assert.equal(groups[0]?.[0]?.name, "task/t");
});
