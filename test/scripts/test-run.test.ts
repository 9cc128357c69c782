/**
 * The test runner does not believe a cheerful file: what hangs, exits early or holds nothing, fails.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { thisRuntime } from "../../scripts/runtimes.ts";
import { isGood, runTestFile } from "../../scripts/test-run.ts";
import type { FileResult } from "../../scripts/test-run.ts";

const folder = mkdtempSync(join(tmpdir(), "quipe-test-run-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const longLimitMs = 60_000;

function runText(name: string, text: string, limitMs: number = longLimitMs): Promise<FileResult> {
  const path = join(folder, `${name}.test.mjs`);
  writeFileSync(path, `import { test } from "node:test";\n${text}\n`);
  const file = { path, name, isApart: false };
  return runTestFile({ file, runtime: thisRuntime(), limitMs, environment: { QUIPE_SEED: "7" } });
}

test("a file whose tests pass is good, and is handed the seed", async () => {
  const result = await runText(
    "good",
    'test("a", () => { if (process.env.QUIPE_SEED !== "7") throw new Error("no seed"); });',
  );
  assert.ok(isGood(result), result.output);
  assert.equal(result.passed, 1);
});

test("properties start from the seed of the run", async () => {
  const library = import.meta.resolve("fast-check");
  const result = await runText(
    "property",
    `import { readConfigureGlobal } from ${JSON.stringify(library)}; // as in: from "fast-check"
     test("a", () => { if (readConfigureGlobal().seed !== 7) throw new Error("another seed"); });`,
  );
  assert.ok(isGood(result), result.output);
});

test("a failing test is named, and a skipped one has its reason", async () => {
  const result = await runText(
    "mixed",
    'test("a", () => { throw new Error("boo"); }); test("b", { skip: "not here" }, () => {});',
  );
  assert.deepEqual(result.failed, ["a"]);
  assert.deepEqual(result.skipped, [{ name: "b", reason: "not here" }]);
  assert.equal(isGood(result), false);
});

const troubles: Readonly<Record<string, { readonly text: string; readonly trouble: RegExp }>> = {
  "a file that exits with code 0 before its tests end": {
    text: 'test("a", () => {}); test("b", async () => { await 1; process.exit(0); });',
    trouble: /ended before/,
  },
  "a file that cannot be loaded": {
    text: 'throw new Error("no");',
    trouble: /code 1/,
  },
  "a file without a test": { text: "", trouble: /no test in it/ },
  "a file that is killed": {
    text: 'test("a", () => process.kill(process.pid, "SIGKILL"));',
    trouble: /SIGKILL/,
  },
};

for (const [claim, { text, trouble }] of Object.entries(troubles)) {
  test(`${claim} fails`, async () => {
    const result = await runText(claim.replaceAll(" ", "-"), text);
    // Deno reports the test in which the process ended as one that failed.
    const said = result.trouble ?? result.failed.map((name) => `ended before ${name} did`).join();
    assert.match(said, trouble, result.output);
    assert.equal(isGood(result), false);
  });
}

test("a file that never ends is stopped at its limit, with the processes that it started", async () => {
  const result = await runText(
    "endless",
    `import { spawn } from "node:child_process";
     spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "inherit" });
     setInterval(() => {}, 1000);
     test("a", () => new Promise(() => {}));`,
    1500,
  );
  // The grandchild holds the output pipe: had it survived, the run would not have ended.
  assert.match(result.trouble ?? "", /time limit/);
});
