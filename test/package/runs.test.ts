/**
 * The package in an empty project: npm installs the packed file, once for all runtimes of a run, and this runtime runs the
 * examples of the README there, by its own way of finding packages. Runs in a process of its own, for the time that it takes.
 */
import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { installConsumer } from "../../scripts/consumer.ts";
import { prepareExamples, readManifest } from "../../scripts/example-programs.ts";
import type { ExampleProgram } from "../../scripts/example-programs.ts";
import { promisedLines } from "../../scripts/example-source.ts";
import { runLimited } from "../../scripts/limited-process.ts";
import { packPackage } from "../../scripts/packed-package.ts";
import type { PackedPackage } from "../../scripts/packed-package.ts";
import { exampleRuntime } from "../example-run.ts";

const limitMs = 60_000;
const prepared = process.env["QUIPE_EXAMPLES_READY"] === "1";
const { programs } = prepared ? readManifest() : await prepareExamples();
const examples = programs.filter((program) => program.origin === "README.md");
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
/** Whether this runtime runs TypeScript as it is; the others are given what the compiler made of it. */
const runsTypes = exampleRuntime !== "node" || major > 22 || (major === 22 && minor >= 18);

let packed: PackedPackage | undefined;
let folder = process.env["QUIPE_INSTALLED"] ?? "";

before(async () => {
  if (folder !== "") return;
  packed = await packPackage();
  folder = await installConsumer(packed);
});

after(() => packed?.remove());

test("the project has quipe and what its manifest asks for", () => {
  const manifest = JSON.parse(
    readFileSync(join(folder, "node_modules", "quipe", "package.json"), "utf8"),
  ) as { readonly dependencies: Readonly<Record<string, string>> };
  const there = readdirSync(join(folder, "node_modules"));
  const missing = Object.keys(manifest.dependencies).filter((name) => !there.includes(name));
  assert.deepEqual(missing, []);
});

test("the README has examples", () => {
  assert.ok(examples.length > 2);
});

for (const example of examples) {
  test(`${example.name} runs in the project as it stands in the README`, async () => {
    assert.deepEqual(await linesOf(example), promisedLines(example.code));
  });
}

async function linesOf(example: ExampleProgram): Promise<string[]> {
  const source = runsTypes
    ? example.compiled.replace(/out\/([^/]+)\.js$/, "$1.ts")
    : example.compiled;
  const file = `${example.name}.${runsTypes ? "ts" : "js"}`;
  const own = join(folder, exampleRuntime + process.versions.node); // several runtimes may be at it
  mkdirSync(own, { recursive: true });
  copyFileSync(source, join(own, file));
  const flags = exampleRuntime === "deno" ? ["run", "--allow-all", "--no-check"] : [];
  const { code, stdout, output } = await runLimited({
    command: process.execPath,
    parameters: [...flags, file],
    cwd: own,
    limitMs,
  });
  assert.equal(code, 0, output);
  return stdout.trimEnd().split("\n");
}
