/** The examples for bundlers that make programs for Node: built as their files say, and run. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import type { BuildOptions } from "esbuild";
import { runLimited } from "../../scripts/limited-process.ts";
import { projectRoot } from "../../scripts/project-files.ts";
import { Output, fromExample, noBundlers, runWebpack } from "./built.ts";

const skip = { skip: noBundlers };
const said = "78498 primes below a million\n";

async function promise(output: Output, file: string): Promise<void> {
  const { stdout, code, output: all } = await output.run(file);
  assert.equal(stdout, said, all);
  assert.equal(code, 0, all);
}

test("the programs of the examples compile", skip, async () => {
  const { output, code } = await runLimited({
    command: process.execPath,
    parameters: [join(projectRoot, "node_modules/typescript/bin/tsc"), "-p", "examples"],
    cwd: projectRoot,
    limitMs: 60_000,
  });
  assert.equal(code, 0, output);
});

test("the example of Rolldown runs on Node", skip, async () => {
  using output = new Output();
  const { rolldown } = await import("rolldown");
  const { default: options } = await fromExample("rolldown/rolldown.config.js");
  const build = await rolldown({
    ...(options as object),
    cwd: join(projectRoot, "examples/rolldown"),
  });
  await build.write({ dir: output.path });
  await build.close();
  await promise(output, "main.js");
});

test("the example of esbuild runs on Node", skip, async () => {
  using output = new Output();
  const { build } = await import("esbuild");
  const { options } = await fromExample("esbuild/build.js");
  await build({ ...(options as BuildOptions), platform: "node", outdir: output.path });
  await promise(output, "main.js");
});

test("the example of webpack runs on Node", skip, async () => {
  using output = new Output();
  const { default: configuration } = await fromExample("webpack/webpack.config.js");
  await runWebpack(configuration as object, output);
  await promise(output, "main.mjs");
});
