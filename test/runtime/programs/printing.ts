/**
 * A program for tests: tasks print and end, each in a way of its own, and everything that they printed has to
 * come out. Its first argument says what to do.
 */
import { Console } from "node:console";
import process from "node:process";
import { PassThrough } from "node:stream";
import { spawn } from "../../../src/task/spawn.ts";
import { current } from "../../../src/task/current.ts";
import { task } from "../../../src/task/entry.ts";

/** How many lines a task prints before it ends. */
const LINES = 3000;

/** Bun ignores limits, and Deno tells nobody of a task that has reached them. */
const knowsNoLimits = "Bun" in globalThis || "Deno" in globalThis;

function printLines(how: string): void {
  for (let line = 0; line < LINES; line++) console.log(`${how} ${line} ${"x".repeat(80)}`);
  process.stderr.write(`last words of ${how}\n`);
}

/** Prints, then ends as it is told. */
export const printer = task(import.meta.url, async function printer(how: string) {
  printLines(how);
  current().quipe.trySend("printed");
  if (how === "throw") throw new Error("on purpose");
  if (how === "exit") process.exit(3);
  if (how === "loop") for (;;) Math.sqrt(2);
  if (how === "wait") await new Promise(() => {});
  if (how === "memory") {
    const kept: unknown[] = [];
    for (;;) kept.push(Array.from({ length: 1000 }, () => ({})));
  }
});

/** Prints in every way that a program may know. */
export const manyWays = task(import.meta.url, async function manyWays() {
  console.log("log");
  console.dir({ dir: 1 });
  console.error("error");
  process.stdout.write("write\n");
  process.stdout.write("6865780a", "hex");
  process.stdout.write(new TextEncoder().encode("bytes\n"));
  const own = new Console(process.stdout);
  own.log("a console of its own");
  const piped = new PassThrough();
  piped.pipe(process.stdout, { end: false });
  piped.write("piped\n");
  await new Promise((resolve) => process.stdout.write("called back\n", resolve));
  process.stdout.cork();
  process.stdout.write("corked ");
  process.stdout.write("together\n");
  process.stdout.uncork();
  await new Promise((resolve) => setImmediate(resolve));
});

/** Ends a stream that it shares with the tasks that come after it on its thread. */
export const closer = task(import.meta.url, function closer() {
  process.stdout.end();
});

const big = (bytes: number): void => {
  process.stdout.write(`${"y".repeat(bytes - 1)}\n`);
};

const scenes: Readonly<Record<string, () => unknown>> = {
  async everyEnd() {
    for (const how of ["return", "throw", "exit"]) await spawn(printer, [how]).outcome;
    const waiting = spawn(printer, ["wait"]);
    await waiting.quipe.receive();
    await waiting.kill();
    if (!knowsNoLimits) {
      const resourceLimits = { maxOldGenerationSizeMb: 20 };
      await spawn(printer, ["memory"], { resourceLimits }).outcome;
    }
    process.exit(0);
  },
  async mainExits() {
    const printing = spawn(printer, ["loop"]);
    await printing.quipe.receive();
    process.exit(0);
  },
  mainBlocksAndExits() {
    const printing = spawn(printer, ["loop"]);
    printing.quipe.receiveSync();
    process.exit(0);
  },
  async manyWays() {
    console.log("before");
    await spawn(manyWays).result;
    console.log("after");
  },
  async big() {
    console.log("main has used its output");
    await spawn(big, [10_000_000]).result;
    process.exit(0);
  },
  async closed() {
    const { kind } = await spawn(printer, ["return"]).outcome;
    console.error(`the task is ${kind}`);
    process.exit(0);
  },
  async closer() {
    await spawn(closer).result;
    await spawn(() => console.log("still printed")).result;
  },
};

void scenes[process.argv[2] ?? ""]?.();
