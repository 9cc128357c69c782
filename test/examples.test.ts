/**
 * Every example of the documentation compiles under the strict settings, runs, and prints what it promises. It runs in
 * a process of its own, at least where it does not do so among others: stress/examples-alone runs each by itself.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { prepareExamples, readManifest } from "../scripts/example-programs.ts";
import { canFail, exclusion } from "../scripts/example-source.ts";
import { exampleRuntime, runAlone, runTogether } from "./example-run.ts";

const prepared = process.env["QUIPE_EXAMPLES_READY"] === "1";
const { programs, typeErrors } = prepared ? readManifest() : await prepareExamples();

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

const runnable = programs.filter(
  (program) => exclusion(program.code, exampleRuntime) === undefined,
);
/** Asked for by the first test that needs it, so that the process starts when its turn has come. */
let together: ReturnType<typeof runTogether> | undefined;

for (const program of runnable) {
  test(`${program.name} does what it says`, async (t) => {
    together ??= runTogether(runnable);
    if ((await together).has(program)) return;
    t.diagnostic("by itself");
    await runAlone(program);
  });
}

for (const program of programs) {
  const reason = exclusion(program.code, exampleRuntime);
  if (reason !== undefined) test(`${program.name} does what it says`, { skip: reason }, () => {});
}
