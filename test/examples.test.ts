/**
 * Every example of the documentation compiles under the strict settings, runs by itself in a process
 * of its own, and prints what it promises.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { prepareExamples, readManifest } from "../scripts/example-programs.ts";
import type { ExampleProgram } from "../scripts/example-programs.ts";
import { canFail, exclusion, promisedLines } from "../scripts/example-source.ts";
import { runLimited } from "../scripts/limited-process.ts";
import { projectRoot } from "../scripts/project-files.ts";

const exampleLimitMs = 60_000;
const runtime = process.versions["bun"] ? "bun" : "Deno" in globalThis ? "deno" : "node";
const prepared = process.env["QUIPE_EXAMPLES_READY"] === "1";
const { programs, typeErrors } = prepared ? readManifest() : await prepareExamples();

/** Two at a time: a test asks for its turn before it starts a process. */
const turns = [Promise.resolve(), Promise.resolve()];

function inTurn<Result>(index: number, work: () => Promise<Result>): Promise<Result> {
  const before = turns[index % turns.length] ?? Promise.resolve();
  const result = before.then(work);
  turns[index % turns.length] = result.then(
    () => undefined,
    () => undefined,
  );
  return result;
}

async function runExample(program: ExampleProgram): Promise<void> {
  const parameters = runtime === "deno" ? ["run", "--allow-all", "--no-check"] : [];
  const result = await runLimited({
    command: process.execPath,
    parameters: [...parameters, program.compiled],
    cwd: projectRoot,
    limitMs: exampleLimitMs,
  });
  const place = `${program.origin}:${program.line}`;
  assert.ok(
    !result.timedOut,
    `${place} did not end within ${exampleLimitMs} ms:\n${result.output}`,
  );
  assert.equal(result.code, 0, `${place} ended with code ${result.code}:\n${result.output}`);
  const promised = promisedLines(program.code);
  if (promised === undefined) return;
  assert.deepEqual(result.stdout.trimEnd().split("\n"), promised, `${place} prints something else`);
}

test("every example type-checks", () => {
  assert.deepEqual(typeErrors, []);
});

test("every example promises an output or asserts something", () => {
  const idle = programs.filter((program) => !canFail(program.code));
  assert.deepEqual(
    idle.map((program) => `${program.origin}:${program.line}`),
    [],
  );
});

const runnable = programs.filter((program) => exclusion(program.code, runtime) === undefined);
const runs = runnable.map((program, index) => ({
  program,
  outcome: inTurn(index, () => runExample(program)).then(
    () => undefined,
    (error: unknown) => ({ error }),
  ),
}));

for (const { program, outcome } of runs) {
  test(`${program.name} does what it says`, async () => {
    const failure = await outcome;
    if (failure !== undefined) throw failure.error;
  });
}

for (const program of programs) {
  const reason = exclusion(program.code, runtime);
  if (reason !== undefined) test(`${program.name} does what it says`, { skip: reason }, () => {});
}
