/** The examples for bundlers that make programs for Node: built as their files say, and run. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { BuildOptions } from "esbuild";
import { runLimited } from "../../scripts/limited-process.ts";
import { projectRoot } from "../../scripts/project-files.ts";
import { quipeTasks as forEsbuild } from "../../src/bundlers/esbuild.ts";
import { quipeTasks as forRolldown } from "../../src/bundlers/rolldown.ts";
import { Output, fromExample, noBundlers, program, runWebpack } from "./built.ts";

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

const ownWorker = {
  "tasks.ts":
    'import { task } from "quipe";\ntask(import.meta.url, (x: number) => x * 2, "twice");\n',
  "main.ts":
    'import { Worker } from "node:worker_threads";\nimport { spawn } from "quipe";\nconst worker = () => new Worker(new URL("./tasks.ts", import.meta.url));\nconsole.log(await spawn({ worker, task: "twice" }, [21]).result);\n',
};

test("esbuild and Rolldown find a worker that is written out, by the plugin", skip, async () => {
  const folder = program("own-worker", ownWorker);
  const { build } = await import("esbuild");
  using one = new Output();
  await build({
    absWorkingDir: folder,
    entryPoints: ["main.ts"],
    bundle: true,
    format: "esm",
    platform: "node",
    outdir: one.path,
    plugins: [forEsbuild()],
  });
  assert.equal((await one.run("main.js")).output, "42\n");

  const { rolldown } = await import("rolldown");
  using other = new Output();
  const bundle = await rolldown({
    cwd: folder,
    input: "main.ts",
    platform: "node",
    plugins: [forRolldown()],
  });
  await bundle.write({ dir: other.path, minify: true });
  await bundle.close();
  assert.equal((await other.run("main.js")).output, "42\n");
});

test("what the guide shows of the examples stands in them", () => {
  const guide = readFileSync(join(projectRoot, "docs/guide/bundlers.md"), "utf8");
  const shown = [...guide.matchAll(/\]\(\.\.\/\.\.\/(examples\/[^)]+)\):\n\n```\w+\n([^]*?)```/g)];
  assert.equal(shown.length, 5);
  for (const [, path = "", code = ""] of shown) {
    const text = readFileSync(join(projectRoot, path), "utf8");
    assert.ok(text.includes(code), `${path} does not have this:\n${code}`);
  }
});
