/**
 * The package as a user gets it: what is in it, that it needs nothing else, and that its declarations
 * stand by themselves.
 *
 * Runs in a process of its own, for the time that it takes.
 */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, posix } from "node:path";
import { after, before, test } from "node:test";
import { runLimited } from "../../scripts/limited-process.ts";
import type { ProcessResult } from "../../scripts/limited-process.ts";
import { packPackage } from "../../scripts/packed-package.ts";
import type { PackedPackage } from "../../scripts/packed-package.ts";
import { projectRoot } from "../../scripts/project-files.ts";

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
  installed = join(packed.folder, "node_modules", "quipe");
  mkdirSync(installed, { recursive: true });
  const unpacked = await run(
    "tar",
    "-xzf",
    packed.tarball,
    "-C",
    installed,
    "--strip-components=1",
  );
  assert.equal(unpacked.code, 0, unpacked.output);
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

test("a strict project that checks its libraries compiles against its declarations", async () => {
  const source =
    'import * as quipe from "quipe";\nexport const code: quipe.QuipeErrorCode = "closed";\n';
  writeFileSync(join(packed.folder, "user.ts"), source);
  writeFileSync(join(packed.folder, "package.json"), '{ "type": "module" }\n');
  const options = {
    compilerOptions: {
      target: "es2022",
      module: "nodenext",
      lib: ["es2024", "esnext.disposable"],
      strict: true,
      skipLibCheck: false,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      noEmit: true,
      types: ["node"],
      typeRoots: [join(projectRoot, "node_modules", "@types")],
    },
    files: ["user.ts"],
  };
  writeFileSync(join(packed.folder, "tsconfig.json"), JSON.stringify(options));
  const compiler = join(projectRoot, "node_modules", "typescript", "bin", "tsc");
  const compiled = await run(process.execPath, compiler, "-p", packed.folder, "--pretty", "false");
  assert.equal(compiled.code, 0, compiled.output);
});
