/**
 * The package as a user gets it: what is in it, and that it needs nothing else.
 *
 * Runs in a process of its own, for the time that it takes.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { after, before, test } from "node:test";
import { unpackConsumer } from "../../scripts/consumer.ts";
import { runLimited } from "../../scripts/limited-process.ts";
import type { ProcessResult } from "../../scripts/limited-process.ts";
import { packPackage } from "../../scripts/packed-package.ts";
import type { PackedPackage } from "../../scripts/packed-package.ts";

interface Manifest {
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
}

const limitMs = 60_000;
let packed: PackedPackage;
let installed: string;

function run(command: string, ...parameters: readonly string[]): Promise<ProcessResult> {
  return runLimited({ command, parameters, cwd: packed.folder, limitMs });
}

function readInstalled(path: string): string {
  return readFileSync(join(installed, path), "utf8");
}

before(async () => {
  packed = await packPackage();
  installed = await unpackConsumer(packed);
});

after(() => packed.remove());

test("it holds the compiled sources and texts, and nothing else", () => {
  const texts = ["package.json", "README.md", "LICENSE", "CHANGELOG.md", "ARCHITECTURE.md"];
  const strangers = packed.files.filter(
    (file) =>
      !texts.includes(file) && !/^dist\/src\/.*\.(js|js\.map|d\.ts)$|^docs\/.*\.md$/.test(file),
  );
  assert.deepEqual(strangers, []);
  assert.ok(packed.files.includes("dist/src/index.js"));
  assert.ok(packed.files.includes("LICENSE"));
});

test("functions and classes are called what they are exported as, for whoever prints one", async () => {
  const exports: Readonly<Record<string, unknown>> = await import("../../src/index.ts");
  for (const [name, value] of Object.entries(exports)) {
    if (typeof value === "function") assert.equal(value.name, name);
  }
});

test("everything that the manifest names is in it", () => {
  const manifest = JSON.parse(readInstalled("package.json")) as Manifest;
  const named = [
    ...Object.values(manifest.bin),
    ...Object.values(manifest.exports).flatMap((entry) =>
      typeof entry === "string" ? [entry] : Object.values(entry),
    ),
  ];
  const missing = named.filter((path) => !packed.files.includes(path.replace(/^\.\//, "")));
  assert.deepEqual(missing, []);
});

test("every relative import, also of declarations, leads to a file in it", () => {
  const broken = packed.files
    .filter((file) => /\.(js|d\.ts)$/.test(file))
    .flatMap((file) => brokenImports(file));
  assert.deepEqual(broken, []);
});

function brokenImports(file: string): string[] {
  const code = readInstalled(file).replaceAll(/\/\*[\s\S]*?\*\//g, "");
  const names = [...code.matchAll(/\b(?:from|import)\s*\(?\s*"(\.{1,2}\/[^"]+)"/g)];
  return names
    .map((match) => match[1] ?? "")
    .filter((name) => {
      const target = posix.join(posix.dirname(file), name);
      return !target.endsWith(".js") || !packed.files.includes(target);
    })
    .map((name) => `${file} imports ${name}`);
}

test("its core runs with no other package beside it, imported or required", async () => {
  const print = "(quipe) => console.log(typeof quipe.QuipeError)";
  const imported = await run(process.execPath, "-e", `import("quipe").then(${print})`);
  assert.equal(imported.stdout.trim(), "function", imported.output);
  const required = await run(process.execPath, "-e", `(${print})(require("quipe"))`);
  assert.equal(required.stdout.trim(), "function", required.output);
});
