/**
 * A project that uses the packed package: a folder with the package unpacked or installed in its node_modules.
 */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runLimited } from "./limited-process.ts";
import type { ProcessResult } from "./limited-process.ts";
import type { PackedPackage } from "./packed-package.ts";
import { filesUnder, projectRoot } from "./project-files.ts";

/** What a project asks of the compiler, beside `strict` and the checks of all libraries. */
export interface CompilerSettings {
  /** The folder of the compiler's package in node_modules. */
  readonly compiler: "typescript-5.8" | "typescript-6" | "typescript";
  readonly resolution: "nodenext" | "bundler";
  readonly exactOptionalPropertyTypes: boolean;
  readonly lib: readonly string[];
  readonly types: readonly string[];
}

const compileLimitMs = 180_000;
const ownTests = join(projectRoot, "test", "typing");

/** Unpacks the package into node_modules, and writes the programs of test/typing as a user would write them. */
export async function unpackConsumer(packed: PackedPackage): Promise<string> {
  const installed = join(packed.folder, "node_modules", "quipe");
  mkdirSync(installed, { recursive: true });
  const unpacked = await runLimited({
    command: "tar",
    parameters: ["-xzf", packed.tarball, "-C", installed, "--strip-components=1"],
    cwd: packed.folder,
    limitMs: compileLimitMs,
  });
  if (unpacked.code !== 0) throw new Error(unpacked.output);
  writeFileSync(join(packed.folder, "package.json"), '{ "type": "module" }\n');
  for (const file of filesUnder(ownTests, ".ts")) {
    const text = readFileSync(file, "utf8").replaceAll('"../../src/index.ts"', '"quipe"');
    writeFileSync(join(packed.folder, file.slice(ownTests.length + 1)), text);
  }
  return installed;
}

/** Compiles `files` of the project, which may be whole paths; emits nothing. */
export function compileConsumer(
  folder: string,
  files: readonly string[],
  settings: CompilerSettings,
): Promise<ProcessResult> {
  const { compiler, resolution, ...options } = settings;
  const configuration = {
    compilerOptions: {
      ...options,
      target: "es2022",
      module: resolution === "nodenext" ? "nodenext" : "esnext",
      moduleResolution: resolution,
      strict: true,
      noUncheckedIndexedAccess: true,
      skipLibCheck: false,
      skipDefaultLibCheck: true, // what the compiler itself declares is not ours to check
      noEmit: true,
      typeRoots: [join(projectRoot, "node_modules", "@types")],
    },
    files,
  };
  const file = join(
    folder,
    `tsconfig.${Object.values(settings)
      .join("-")
      .replaceAll(/[^\w-]/g, "-")}.json`,
  );
  writeFileSync(file, JSON.stringify(configuration));
  return runLimited({
    command: process.execPath,
    parameters: [
      join(projectRoot, "node_modules", compiler, "bin", "tsc"),
      "-p",
      file,
      "--pretty",
      "false",
    ],
    cwd: folder,
    limitMs: compileLimitMs,
  });
}

/** A project in a fresh folder into which npm has installed the packed package and what it depends on. */
export async function installConsumer(packed: PackedPackage): Promise<string> {
  const folder = join(packed.folder, "installed");
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
  copyFileSync(packed.tarball, join(folder, "quipe.tgz"));
  const result = await runLimited({
    command: "npm",
    parameters: ["install", "--no-audit", "--no-fund", "--prefer-offline", "./quipe.tgz"],
    cwd: folder,
    limitMs: compileLimitMs,
  });
  if (result.code !== 0)
    throw new Error(`npm install ended with ${result.code}:\n${result.output}`);
  return folder;
}
