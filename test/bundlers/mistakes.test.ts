/** Programs for Node that were bundled as they should not be: what the bundler, or the task, says of it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import type { BuildFailure, BuildOptions } from "esbuild";
import { quipeTasks } from "../../src/bundlers/esbuild.ts";
import { Output, noBundlers, program, runWebpack } from "./built.ts";

const skip = { skip: noBundlers };

const files = {
  "shapes.ts": "export enum Shape {\n  square,\n}\n",
  "areas.ts":
    'import { Shape } from "./shapes.ts";\nexport const area = (size: number): number => (Shape.square === 0 ? size * size : 0);\n',
  "marked.ts":
    'import { task } from "quipe";\nexport const marked = task(import.meta.url, (x: number) => x * 2, "marked");\n',
  "main.ts": `import { spawn } from "quipe";
import { marked } from "./marked.ts";
const say = (result: unknown) => console.log(String(result).split("\\n")[0]);
const areas = new URL("./areas.ts", import.meta.url);
await spawn({ module: areas, export: "area" }, [3]).result.then(say, say);
await spawn(marked, [3]).result.then(say, say);
`,
};

async function esbuild(options: BuildOptions): Promise<string> {
  const { build } = await import("esbuild");
  const folder = program("mistakes", files);
  const here: BuildOptions = {
    absWorkingDir: folder,
    entryPoints: ["main.ts"],
    bundle: true,
    platform: "node",
  };
  const failure = await build({ logLevel: "silent", ...here, ...options }).then(
    () => undefined,
    (error: unknown) => error as BuildFailure,
  );
  return (failure?.errors ?? []).map(({ text }) => text).join("\n");
}

test("TypeScript that webpack has copied as it was is named on Node", skip, async () => {
  using output = new Output();
  const context = program("webpack-copied", files);
  const rules = [{ test: /\.ts$/, loader: "esbuild-loader", options: { target: "es2022" } }];
  await runWebpack(
    {
      mode: "production",
      target: "node",
      context,
      entry: "./main.ts",
      output: { module: true },
      experiments: { outputModule: true },
      optimization: { minimize: false },
      module: { rules },
    },
    output,
  );
  const { stdout, output: all } = await output.run("main.mjs");
  const [copied = "", other = ""] = stdout.split("\n");
  assert.match(
    copied,
    /[0-9a-f]{20}\.ts is TypeScript as it was written: webpack has copied the file/,
    all,
  );
  // Which of them depends on whether this Node takes types out by itself.
  assert.match(
    other,
    /marked\.ts (?:is TypeScript|has no task "marked" to start: it is known to another copy of quipe)/,
    all,
  );
});

test(
  "a program that esbuild has bundled without the plugin says that quipe's worker was left out",
  skip,
  async () => {
    using output = new Output();
    assert.equal(await esbuild({ format: "esm", outdir: output.path }), "");
    const { code, output: all } = await output.run("main.js");
    assert.notEqual(code, 0);
    assert.match(
      all,
      /The worker file of quipe does not load: .*a bundler has left it out.*plugin/,
    );
  },
);

test(
  "a module that esbuild's plugin could not see is said to be left out, a marked one is found",
  skip,
  async () => {
    using output = new Output();
    assert.equal(
      await esbuild({ format: "esm", outdir: output.path, plugins: [quipeTasks()] }),
      "",
    );
    const { stdout, output: all } = await output.run("main.js");
    const [left = "", found] = stdout.split("\n");
    assert.match(left, /areas\.ts is not there: the bundler has left it out\./, all);
    assert.equal(found, "6", all);
  },
);

test("esbuild's plugin refuses what it cannot serve, with what to change", skip, async () => {
  using output = new Output();
  const plugins = [quipeTasks()];
  const outdir = output.path;
  assert.match(await esbuild({ plugins, outdir }), /needs format: "esm"/);
  assert.match(await esbuild({ plugins, outdir, format: "esm", bundle: false }), /"bundle: true"/);
  const scattered = { plugins, outdir, format: "esm", entryNames: "deep/[name]" } as const;
  assert.match(await esbuild(scattered), /main\.js is in a folder of it\. Set publicPath/);
  assert.equal(await esbuild({ ...scattered, publicPath: "/static" }), "");
  assert.deepEqual(
    output.files.filter((name) => /marked|boot/.test(name)).map((name) => name.replace(/-\w+/, "")),
    [join("quipe", "boot.js"), join("quipe", "marked.js")],
  );
});

test("a mistake in the file of a task fails the build of esbuild", skip, async () => {
  using output = new Output();
  const { build } = await import("esbuild");
  const folder = program("broken", {
    "main.ts": 'export const what = { module: new URL("./broken.ts", import.meta.url) };\n',
    "broken.ts": "export const a = ;\n",
  });
  await assert.rejects(
    build({
      absWorkingDir: folder,
      entryPoints: ["main.ts"],
      bundle: true,
      format: "esm",
      outdir: output.path,
      logLevel: "silent",
      plugins: [quipeTasks()],
    }),
    /broken\.ts:1:17: ERROR: .*Unexpected ";"/,
  );
});
