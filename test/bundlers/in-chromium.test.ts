/** What bundlers make for browsers, run in one; and what a program says there that was bundled as it should not be. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { BuildOptions } from "esbuild";
import type { InlineConfig } from "vite";
import { type BrowserRun, findBrowser, launchBrowser } from "../../scripts/browsers.ts";
import { LoopbackServer } from "../../scripts/loopback-server.ts";
import { projectRoot } from "../../scripts/project-files.ts";
import { quipeTasks } from "../../src/bundlers/vite.ts";
import { Output, fromExample, noBundlers, program, runWebpack } from "./built.ts";

const noBrowser = findBrowser("chromium") === undefined && "Chromium is not installed [machine]";
const skip = { skip: noBundlers === false ? noBrowser : noBundlers };
const SAY_WITHIN_MS = 60_000;
const viteExample = join(projectRoot, "examples/vite");
const quiet: InlineConfig = { logLevel: "warn" };

let browser: BrowserRun | undefined;

before(async () => {
  if (skip.skip === false) browser = await launchBrowser("chromium");
});

after(async () => await browser?.close());

/** What a page shows in the end, in place of "counting" or nothing. */
async function shown(url: string): Promise<string> {
  const opened = await browser?.openPage(url);
  assert.ok(opened !== undefined);
  try {
    const found = await opened.page.waitForFunction(
      `/^(?!.*counting$)[^]*\\S/.test(document.body.innerText) && document.body.innerText`,
      { timeout: SAY_WITHIN_MS },
    );
    return String(await found.jsonValue());
  } catch (error) {
    throw new Error(`The page has shown nothing. It said:\n${opened.said.join("\n")}`, {
      cause: error,
    });
  } finally {
    await opened.close();
  }
}

/** The same of what was built. */
async function shownOf(output: Output): Promise<string> {
  const server = await LoopbackServer.start({ root: output.path });
  try {
    return await shown(`${server.url}index.html`);
  } finally {
    await server.close();
  }
}

const page = (script: string): string =>
  `<!doctype html><link rel="icon" href="data:,"><body><script type="module" src="${script}"></script></body>`;

/** Builds a program with Vite, and says what its page shows. */
async function viteShows(
  name: string,
  files: Readonly<Record<string, string>>,
  config: InlineConfig,
): Promise<string> {
  using output = new Output();
  const root = program(name, { "index.html": page("./main.js"), ...files });
  const { build } = await import("vite");
  const built = { outDir: output.path, emptyOutDir: true };
  await build({
    ...quiet,
    ...config,
    root,
    configFile: false,
    build: { ...built, ...config.build },
  });
  return await shownOf(output);
}

test("the example of Vite runs when it is built", skip, async () => {
  using output = new Output();
  const { build } = await import("vite");
  await build({ ...quiet, root: viteExample, build: { outDir: output.path, emptyOutDir: true } });
  assert.equal(await shownOf(output), "Primes below a million: 78,498");
});

test(
  "the example of Vite runs on its development server, which isolates the page",
  skip,
  async () => {
    using cache = new Output();
    const { createServer } = await import("vite");
    const server = await createServer({
      ...quiet,
      root: viteExample,
      cacheDir: cache.path,
      server: { host: "127.0.0.1", port: 0 },
    });
    try {
      await server.listen();
      const [url = ""] = server.resolvedUrls?.local ?? [];
      assert.equal(await shown(url), "Primes below a million: 78,498");
    } finally {
      await server.close();
    }
  },
);

test("the example of esbuild runs in a browser too", skip, async () => {
  using output = new Output();
  const { build } = await import("esbuild");
  const { options } = await fromExample("esbuild/build.js");
  await build({ ...(options as BuildOptions), platform: "browser", outdir: output.path });
  output.write("index.html", page("main.js"));
  assert.equal(await shownOf(output), "78498 primes below a million");
});

const late = {
  "late.js": 'import { shared } from "./shared.js";\nexport const twice = (x) => shared(x) * 2;\n',
  "shared.js": "export const shared = (x) => x;\n",
};

test(
  "a task of a Vite build may import later, although a worker has no document",
  skip,
  async () => {
    const files = {
      ...late,
      "tasks.js":
        'import { task } from "quipe";\nexport const twice = task(import.meta.url, async (x) => (await import("./late.js")).twice(x));\n',
      "main.js":
        'import { spawn } from "quipe";\nimport { shared } from "./shared.js";\nimport { twice } from "./tasks.js";\ndocument.body.append(await spawn(twice, [shared(21)]).result);\n',
    };
    assert.equal(await viteShows("vite-late", files, { plugins: [quipeTasks()] }), "42");
  },
);

test(
  "an inline function needs no plugin in a Vite build, a marked one says that it is missing",
  skip,
  async () => {
    const files = {
      "tasks.js":
        'import { task } from "quipe";\nexport const twice = task(import.meta.url, (x) => x * 2);\n',
      "main.js":
        'import { spawn } from "quipe";\nimport { twice } from "./tasks.js";\nconst sum = await spawn((x) => x + 1, [41]).result;\nconst error = await spawn(twice, [21]).result.catch(String);\ndocument.body.append(sum, " ", error);\n',
    };
    assert.match(
      await viteShows("vite-bare", files, {}),
      /^42 .*document is not defined: code of the page has come along.*plugin for Vite/,
    );
  },
);

const ownWorker = {
  "tasks.js":
    'import { task } from "quipe";\ntask(import.meta.url, function (x) { return x * 2; }, "twice");\n',
  "main.js":
    'import { spawn } from "quipe";\nconst worker = () => new Worker(new URL("./tasks.js", import.meta.url), { type: "module" });\ndocument.body.append(String(await spawn({ worker, task: "twice" }, [21]).result));\n',
};

test(
  "Vite finds the file of a worker that is written out, without the plugin and beside it",
  skip,
  async () => {
    assert.equal(await viteShows("vite-worker", ownWorker, {}), "42");
    assert.equal(
      await viteShows("vite-worker-plugin", ownWorker, { plugins: [quipeTasks()] }),
      "42",
    );
  },
);

test("webpack does so for browsers, in scripts and in modules", skip, async () => {
  const context = program("webpack-worker", ownWorker);
  for (const isModule of [false, true]) {
    using output = new Output();
    const mode = { mode: "production", optimization: { minimize: false }, performance: false };
    const asModule = { output: { module: true }, experiments: { outputModule: true } };
    await runWebpack(
      { ...mode, ...(isModule && asModule), target: "web", context, entry: "./main.js" },
      output,
    );
    output.write("index.html", page(isModule ? "main.mjs" : "main.js"));
    assert.equal(await shownOf(output), "42");
  }
});

const copiedFiles = {
  "double.ts": "export function double(x: number): number {\n  return x * 2;\n}\n",
  "main.js":
    'import { spawn } from "quipe";\nconst module = new URL("./double.ts", import.meta.url);\ndocument.body.append(await spawn({ module, export: "double" }, [2]).result.catch(String));\n',
};

test(
  "TypeScript that Vite has copied as it was is named, as a file and as a data: URL",
  skip,
  async () => {
    const asFile = await viteShows("vite-copied", copiedFiles, { build: { assetsInlineLimit: 0 } });
    assert.match(
      asFile,
      /assets\/double-[\w-]{8}\.ts is TypeScript as it was written: Vite or Rolldown has copied/,
    );
    const inline = await viteShows("vite-inlined", copiedFiles, {});
    assert.match(
      inline,
      /data:video\/mp2t;base64,.* is TypeScript as it was written: Vite has copied/,
    );
  },
);

test("written out, the same module is found by the plugin, with its exports", skip, async () => {
  const main = copiedFiles["main.js"]
    .replace("const module = ", "const what = { module: ")
    .replace(";\ndocument", ', export: "double" };\ndocument')
    .replace('{ module, export: "double" }', "what");
  assert.equal(
    await viteShows(
      "vite-module",
      { ...copiedFiles, "main.js": main },
      { plugins: [quipeTasks()] },
    ),
    "4",
  );
});

test("a file that a bundler has left out is said to be missing", skip, async () => {
  using output = new Output();
  const root = program("esbuild-left-out", copiedFiles);
  const { build } = await import("esbuild");
  const { quipeTasks: plugin } = await import("../../src/bundlers/esbuild.ts");
  await build({
    entryPoints: [join(root, "main.js")],
    bundle: true,
    format: "esm",
    outdir: output.path,
    plugins: [plugin()],
  });
  output.write("index.html", page("main.js"));
  assert.match(
    await shownOf(output),
    /double\.ts is not there: the server answers with status 404\. .*left the file out/,
  );
});
