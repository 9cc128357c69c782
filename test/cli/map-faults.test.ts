/**
 * `quipe map` when things go wrong around it: tasks that die, disks that fill, readers that leave, Ctrl-C.
 * Runs in a process of its own, for the time that it takes.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import {
  TestFolder,
  commandTest,
  commandLine,
  endOf,
  exampleModule,
  runCommand,
  startCommand,
  testModule,
} from "./command-run.ts";

const records = testModule("records");
const map = ["map", "--no-progress"];
const deadly = [...map, `${records}#deadly`, "--on-error", "keep", "--tasks", "2"];

function keptIn(stdout: string): unknown[] {
  return stdout
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as unknown)
    .map((value) =>
      typeof value === "object" ? (value as { error: { code: string } }).error.code : value,
    );
}

commandTest("a function that calls process.exit fails its record and no other", async () => {
  const names = Array.from({ length: 500 }, (_, i) => (i % 100 === 50 ? "exit" : `r${i}`));
  const { code, stdout, stderr } = await runCommand(deadly, { input: names.join("\n") });
  assert.equal(code, 1);
  assert.deepEqual(
    keptIn(stdout),
    names.map((name) => (name === "exit" ? "crashed" : name)),
  );
  assert.match(stderr, /record 51: QuipeError: Record 51 killed its task/);
});

commandTest(
  "a function that loops for ever under --timeout fails its record and no other",
  async () => {
    const words = [...deadly, "--timeout", "300"];
    const { code, stdout } = await runCommand(words, { input: "a\nloop\nb\nc\n" });
    assert.equal(code, 1);
    assert.deepEqual(keptIn(stdout), ["a", "timed-out", "b", "c"]);
  },
);

commandTest("a function that runs out of memory fails its record and no other", async () => {
  const flags = ["--max-old-space-size=64"];
  const { code, stdout } = await runCommand(deadly, { input: "a\nmemory\nb\nc\n", flags });
  assert.equal(code, 1);
  assert.deepEqual(keptIn(stdout), ["a", "crashed", "b", "c"]);
});

commandTest("a task that dies stops the run by default, after the results before it", async () => {
  const words = [...map, `${records}#deadly`, "--tasks", "1"];
  const { code, stdout, stderr } = await runCommand(words, { input: "a\nexit\nb\n" });
  assert.equal(code, 1);
  assert.equal(stdout, '"a"\n');
  assert.match(stderr, /record 2: /);
});

commandTest("a reader that has had enough ends the run quietly", async () => {
  const child = startCommand([...map, exampleModule("square")]);
  const feed = spawn(process.execPath, [
    "-e",
    "const w=()=>{while(process.stdout.write('3\\n'));};process.stdout.on('drain',w).on('error',()=>process.exit());w()",
  ]);
  feed.stdout.on("error", () => undefined);
  child.stdin?.on("error", () => undefined);
  if (child.stdin !== null) feed.stdout.pipe(child.stdin);
  child.stdout?.once("data", () => child.stdout?.destroy());
  const { code, stderr } = await endOf(child);
  feed.kill();
  assert.equal(stderr, "");
  assert.equal(code, 0);
});

commandTest(
  "a full disk is one clear line",
  { skip: existsSync("/dev/full") ? undefined : "needs /dev/full [machine]" },
  async () => {
    const { code, stderr } = await runCommand([...map, `${records}#same`, "--out", "/dev/full"], {
      input: "a\n",
    });
    assert.equal(code, 2);
    assert.match(stderr, /^quipe: cannot write \/dev\/full: no space left on the device\.\n$/);
  },
);

commandTest(
  "a file that may not grow any more is cut back to its last whole line",
  { skip: process.platform === "win32" ? "needs ulimit [machine]" : undefined },
  async () => {
    using folder = new TestFolder();
    const out = folder.file("out.ndjson");
    const input = folder.write("in.txt", `${"x".repeat(100)}\n`.repeat(3000));
    const words = commandLine([...map, `${records}#same`, "--in", input, "--out", out]);
    const quoted = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
    const child = spawn("sh", ["-c", `ulimit -f 130; exec ${quoted}`]);
    const { code, stderr } = await endOf(child);
    assert.equal(code, 2);
    assert.match(stderr, /cannot write .*out\.ndjson: the file grew larger/);
    const written = readFileSync(out, "utf8");
    assert.ok(written.length > 60_000);
    assert.ok(written.endsWith('x"\n'), "the last line is whole");
    assert.equal(new Set(written.split("\n").slice(0, -1)).size, 1);
  },
);

for (const [signal, exitCode] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const) {
  commandTest(`${signal} ends a run with whole lines and exit code ${exitCode}`, async () => {
    const child = startCommand([...map, `${records}#patient`, "--tasks", "1"]);
    child.stdin?.write("a\nb\nwait\n"); // Standard input stays open.
    child.stdout?.once("data", () => child.kill(signal));
    const { code, stdout, stderr } = await endOf(child);
    assert.equal(code, exitCode);
    assert.ok(['"a"\n"b"\n', '"a"\n'].includes(stdout), stdout);
    assert.match(stderr, /interrupted\n$/);
  });
}

commandTest("Ctrl-C stops tasks that compute for ever", async () => {
  const child = startCommand([...map, `${records}#endless`, "--tasks", "2"]);
  child.stdin?.end("1\n2\n");
  child.stderr?.once("data", () => child.kill("SIGINT"));
  const { code, stdout } = await endOf(child);
  assert.equal(code, 130);
  assert.equal(stdout, "");
});
