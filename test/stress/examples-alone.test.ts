/** Every example of the documentation does what it says in a process of its own, and ends it by itself. */
import { test } from "node:test";
import { prepareExamples } from "../../scripts/example-programs.ts";
import { exclusion } from "../../scripts/example-source.ts";
import { exampleRuntime, runAlone } from "../example-run.ts";

const { programs } = await prepareExamples();

for (const program of programs) {
  const skip = exclusion(program.code, exampleRuntime) ?? false;
  test(`${program.name} does what it says by itself`, { skip }, () => runAlone(program));
}
