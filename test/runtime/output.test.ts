/** What a task printed comes out whatever ends it, and whatever the main thread does meanwhile. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

interface Printed {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

const program = fileURLToPath(new URL("./programs/printing.js", import.meta.url));
const runtimeArguments = "Deno" in globalThis ? ["run", "-A", "--no-check"] : [];
/** Bun ignores limits, and Deno tells nobody of a task that has reached them. */
const knowsNoLimits = "Bun" in globalThis || "Deno" in globalThis;
const LINES = 3000;

/** Runs one scene in a process of its own. With `readNothing` its output is a pipe that is closed at once. */
function run(scene: string, readNothing = false): Promise<Printed> {
  const child = spawn(process.execPath, [...runtimeArguments, program, scene], {
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 30_000,
  });
  let out = "";
  let err = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
  if (readNothing) child.stdout.destroy();
  child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
  return new Promise((resolve) => {
    child.once("close", (code) => resolve({ code, out, err }));
  });
}

function assertPrinted({ out, err }: Printed, ways: readonly string[]): void {
  const expected = ways.flatMap((how) => Array.from({ length: LINES }, (_, i) => `${how} ${i} x`));
  const lines = out.trim().split("\n");
  assert.equal(lines.length, expected.length, err);
  lines.forEach((line, i) => assert.ok(line.startsWith(expected[i] ?? ""), line));
  for (const how of ways) assert.match(err, new RegExp(`last words of ${how}`));
}

test("everything comes out of a task that returns, throws, exits, is killed or runs out of memory", async () => {
  const ways = ["return", "throw", "exit", "wait"];
  assertPrinted(await run("everyEnd"), knowsNoLimits ? ways : [...ways, "memory"]);
});

for (const scene of ["mainExits", "mainBlocksAndExits"]) {
  test(`everything that a task has printed comes out though it goes on: ${scene}`, async () => {
    assertPrinted(await run(scene), ["loop"]);
  });
}

test("a task prints in every way there is, in order, between what the main thread prints", async () => {
  const { out, err } = await run("manyWays");
  const lines = out.trim().split("\n");
  assert.equal(lines.shift(), "before");
  assert.equal(lines.pop(), "after");
  assert.equal(lines.shift(), "log");
  assert.match(lines.join(" "), /^\{\s*dir: 1,?\s*\} write hex bytes a console of its own/);
  assert.deepEqual(lines.slice(-3).toSorted(), ["called back", "corked together", "piped"]);
  assert.match(err, /^error$/m);
});

test("ten megabytes go through a pipe that is full again and again", async () => {
  const { code, out } = await run("big");
  assert.equal(out.length, "main has used its output\n".length + 10_000_000);
  assert.equal(code, 0);
});

test("what nobody reads any more is no failure of the task that prints it", async () => {
  const { code, err } = await run("closed", true);
  assert.match(err, /the task is done/);
  assert.equal(code, 0);
});

test("a task that ends the stream takes it from no task after it", async () => {
  const { code, out } = await run("closer");
  assert.deepEqual({ code, out }, { code: 0, out: "still printed\n" });
});
