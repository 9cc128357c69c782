/**
 * The modules that test files get in a browser, as answers of a server:
 *
 *   dist/…          as compiled, with the names of packages replaced by addresses
 *   quipe           in one file without what only people read, as a bundler makes it: each worker loads it anew
 *   /modules/NAME   node:test as scripts/in-browser has it, assert and fast-check bundled, of other modules of Node what
 *                   throws when it is used (in-browser/missing.ts)
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { build, transform } from "esbuild";
import type { BuildOptions } from "esbuild";
import { bundleName } from "./bundle-sources.ts";
import type { Answer, LoopbackServer } from "./loopback-server.ts";
import { projectRoot } from "./project-files.ts";

const here = join(projectRoot, "dist", "scripts", "in-browser");

/** By its path from the root. */
const LIBRARY = `dist/src/${bundleName}`;

/** Modules that tests import and that a browser can have. */
const REPLACEMENTS: Readonly<Record<string, string>> = {
  "node:test": join(here, "node-test.js"),
  "node:assert/strict": join(here, "assert-strict.js"),
  "node:process": join(here, "process.js"),
  "node:timers/promises": join(here, "timers-promises.js"),
  "fast-check": join(here, "fast-check.js"),
  missing: join(here, "missing.js"),
  runner: join(here, "runner.js"),
};

/** What every bundle finds in place of Node's globals. */
const COMMON: BuildOptions = {
  bundle: true,
  format: "esm",
  platform: "browser",
  target: "es2022",
  write: false,
  logLevel: "warning",
  alias: { "node:util": "util", "node:assert": "assert" },
  define: { global: "globalThis" },
};

/** Has servers answer for the modules that tests need. `seed` is what random tests begin with. */
export function serveModules(servers: readonly LoopbackServer[], seed: string): void {
  const made = new Map<string, Promise<string>>();
  let library: Promise<string> | undefined;
  for (const server of servers) {
    server.answer(`/${LIBRARY}`, async () => script(await (library ??= shortLibrary())));
    server.answerUnder("/modules/", async ({ url }) => {
      const name = decodeURIComponent(url.pathname.slice("/modules/".length));
      if (!made.has(name)) made.set(name, moduleNamed(name, seed));
      return script((await made.get(name)) ?? "");
    });
  }
}

/** The text of a test file, in which packages are named by their addresses. */
export function withAddresses(text: string): string {
  return text
    .replace(/(\bfrom\s+|^import\s+)"(node:[\w/]+|fast-check)"/gm, '$1"/modules/$2"')
    .replace(/(\bfrom\s+)"quipe"/g, '$1"/dist/src/index.js"')
    .replace(/(\bfrom\s+)"quipe\/streams"/g, '$1"/dist/src/quipe/duplex.js"')
    .replace(/\bimport\("(node:[\w/]+)"\)/g, 'import(new URL("/modules/$1", location.href).href)');
}

/** Names stay, for the stacks of errors. */
async function shortLibrary(): Promise<string> {
  const text = await readFile(join(projectRoot, LIBRARY), "utf8");
  const { code } = await transform(text, { minifyWhitespace: true, minifySyntax: true });
  return code;
}

function script(body: string): Answer {
  return { body, type: "text/javascript" };
}

async function moduleNamed(name: string, seed: string): Promise<string> {
  const file = REPLACEMENTS[name];
  if (file === undefined) return await missingModule(name);
  const { outputFiles } = await build({
    ...COMMON,
    entryPoints: [file],
    external: ["/modules/*"],
    define: { ...COMMON.define, QUIPE_SEED: JSON.stringify(seed) },
    inject: name === "node:process" ? [] : [join(here, "process-global.js")],
  });
  return outputFiles?.[0]?.text ?? "";
}

async function missingModule(name: string): Promise<string> {
  const names = Object.keys((await import(name)) as object).filter((key) =>
    /^[a-zA-Z]\w*$/.test(key),
  );
  const lines = names.map((key) => {
    const made = `missing(${JSON.stringify(name)}, ${JSON.stringify(key)})`;
    return key === "default" ? `export default ${made};` : `export const ${key} = ${made};`;
  });
  return [`import { missing } from "/modules/missing";`, ...lines].join("\n");
}
