/**
 * The declarations of the package, from the packed file, as programs of several settings and compilers see them. The
 * programs use every public name, and hold mistakes that must be refused. Runs in a process of its own, for its time.
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { compileConsumer, unpackConsumer } from "../../scripts/consumer.ts";
import type { CompilerSettings } from "../../scripts/consumer.ts";
import { checkWith, packageTools } from "../../scripts/package-tools.ts";
import { packPackage } from "../../scripts/packed-package.ts";
import type { PackedPackage } from "../../scripts/packed-package.ts";
import { filesUnder, projectRoot } from "../../scripts/project-files.ts";
import { reexportedNames } from "../../scripts/source-text.ts";

let packed: PackedPackage;

before(async () => {
  packed = await packPackage();
  await unpackConsumer(packed);
});

after(() => packed.remove());

const programs = filesUnder(join(projectRoot, "test", "typing"), ".ts");

test("the programs use every public name", () => {
  const texts = programs.map((file) => readFileSync(file, "utf8")).join("\n");
  const index = readFileSync(join(projectRoot, "src", "index.ts"), "utf8");
  const names = reexportedNames(index).map(({ name }) => name);
  assert.ok(names.length > 80);
  assert.deepEqual(
    names.filter((name) => !new RegExp(`\\b${name}\\b`).test(texts)),
    [],
  );
});

const withoutDom = ["es2022"];
const withDom = ["es2022", "esnext.disposable", "dom"];

/** Each value of a setting meets each value of every other one; without the DOM the types of Node say what a stream is. */
const settings: readonly Omit<CompilerSettings, "compiler">[] = [
  { resolution: "nodenext", exactOptionalPropertyTypes: true, lib: withoutDom, types: ["node"] },
  { resolution: "bundler", exactOptionalPropertyTypes: false, lib: withDom, types: [] },
  { resolution: "nodenext", exactOptionalPropertyTypes: false, lib: withDom, types: ["node"] },
  { resolution: "bundler", exactOptionalPropertyTypes: true, lib: withoutDom, types: ["node"] },
  { resolution: "nodenext", exactOptionalPropertyTypes: true, lib: withDom, types: [] },
  { resolution: "bundler", exactOptionalPropertyTypes: true, lib: withDom, types: ["node"] },
];

const isWhole = process.env["QUIPE_WHOLE"] === "1";

/** The older compilers are slow: they see each value at least once in `npm run test:all`, and half of them in `npm test`. */
const compilers = [
  { compiler: "typescript-5.8", version: "5.8", some: settings.slice(0, isWhole ? 2 : 1) },
  { compiler: "typescript-6", version: "6.0", some: settings.slice(0, isWhole ? 2 : 1) },
  { compiler: "typescript", version: "7.0", some: settings },
] as const;

for (const { compiler, version, some } of compilers) {
  test(`the compiler of ${version} is the one that is meant`, () => {
    const manifest = join(projectRoot, "node_modules", compiler, "package.json");
    const found = JSON.parse(readFileSync(manifest, "utf8")) as { readonly version: string };
    assert.ok(found.version.startsWith(`${version}.`), found.version);
  });

  for (const one of some) {
    const { resolution, exactOptionalPropertyTypes: exact, lib, types } = one;
    const words = [
      resolution,
      exact ? "exact optional properties" : "loose optional properties",
      lib.includes("dom") ? "DOM" : "no DOM",
      types.length > 0 ? "types of Node" : "no types of Node",
    ];
    test(`TypeScript ${version} compiles them strictly: ${words.join(", ")}`, async () => {
      const files = programs.map((file) => file.slice(file.lastIndexOf("/") + 1));
      const result = await compileConsumer(packed.folder, files, { compiler, ...one });
      assert.equal(result.code, 0, result.output);
    });
  }
}

test("a wrong program is refused, so that the compilers do look", async () => {
  const wrong = join(packed.folder, "wrong.ts");
  writeFileSync(wrong, 'import { spawn } from "quipe";\nspawn((n: number) => n, ["1"]);\n');
  const [first] = settings;
  assert.ok(first !== undefined);
  const result = await compileConsumer(packed.folder, ["wrong.ts"], {
    compiler: "typescript",
    ...first,
  });
  assert.match(result.output, /wrong\.ts\(2,\d+\): error/);
});

test("streams of Node are typed where the types of Node are", async () => {
  const text =
    'import { type End, quipe } from "quipe";\nimport { toDuplex } from "quipe/streams";\n' +
    "const [end]: [End<never, string>, unknown] = quipe<never, string>();\n" +
    'toDuplex(end).on("data", () => {}).pause();\n';
  writeFileSync(join(packed.folder, "streaming.ts"), text);
  const [first] = settings;
  assert.ok(first !== undefined);
  const result = await compileConsumer(packed.folder, ["streaming.ts"], {
    compiler: "typescript",
    ...first,
  });
  assert.equal(result.code, 0, result.output);
});

for (const tool of packageTools) {
  test(`${tool} has nothing to say`, async () => {
    const result = await checkWith(tool, packed.tarball);
    assert.equal(result.code, 0, result.output);
  });
}
