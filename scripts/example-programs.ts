/**
 * Turns the examples of the documentation into programs: writes each to dist/examples-extracted,
 * type-checks and compiles all of them in one run of the compiler, and keeps a manifest of what to run.
 *
 *   dist/examples-extracted/NAME.ts        the example as written
 *   dist/examples-extracted/out/NAME.js    compiled; imports "quipe" as a user would
 *   dist/examples-extracted/manifest.json  ExampleManifest
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { examplesInMarkdown, examplesInSource, promisedLines } from "./example-source.ts";
import type { Example } from "./example-source.ts";
import { runLimited } from "./limited-process.ts";
import { filesUnder, projectPath, projectRoot } from "./project-files.ts";

/** An example with its compiled file. */
export interface ExampleProgram extends Example {
  readonly compiled: string;
}

/** What `prepareExamples` has made. */
export interface ExampleManifest {
  readonly programs: readonly ExampleProgram[];
  /** What the compiler says about them, each line leading to the text that it came from. */
  readonly typeErrors: readonly string[];
}

const folder = join(projectRoot, "dist", "examples-extracted");
const manifestFile = join(folder, "manifest.json");
const compileLimitMs = 120_000;

const compilerOptions = {
  extends: "../../tsconfig.json",
  compilerOptions: {
    rootDir: ".",
    outDir: "out",
    declaration: false,
    isolatedDeclarations: false,
    noUnusedLocals: false,
    noUnusedParameters: false,
    types: ["node"],
  },
  include: ["*.ts"],
};

/** All examples of the sources, the README and the guide, in the order of their files. */
export function collectExamples(): Example[] {
  const sources = filesUnder(join(projectRoot, "src"), ".ts").map(projectPath);
  const pages = ["README.md", ...filesUnder(join(projectRoot, "docs"), ".md").map(projectPath)];
  return [
    ...sources.flatMap((path) => examplesInSource(path, readProjectFile(path))),
    ...pages.flatMap((path) => examplesInMarkdown(path, readProjectFile(path))),
  ];
}

/** Extracts, checks and compiles every example. */
export async function prepareExamples(): Promise<ExampleManifest> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const examples = collectExamples();
  for (const example of examples) writeFileSync(join(folder, `${example.name}.ts`), example.code);
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(compilerOptions));
  const typeErrors = examples.length === 0 ? [] : await compile(examples);
  const programs = [
    ...examples.map((example) => ({
      ...example,
      compiled: join(folder, "out", `${example.name}.js`),
    })),
    ...promisingPrograms(),
  ];
  const manifest = { programs, typeErrors };
  writeFileSync(manifestFile, JSON.stringify(manifest, null, 2));
  return manifest;
}

/** What the last `prepareExamples` has made. */
export function readManifest(): ExampleManifest {
  return JSON.parse(readFileSync(manifestFile, "utf8")) as ExampleManifest;
}

async function compile(examples: readonly Example[]): Promise<string[]> {
  const result = await runLimited({
    command: process.execPath,
    parameters: [
      join(projectRoot, "node_modules", "typescript", "bin", "tsc"),
      "-p",
      folder,
      "--pretty",
      "false",
    ],
    cwd: folder,
    limitMs: compileLimitMs,
  });
  const lines = result.output.split("\n").filter((line) => line.trim() !== "");
  if (result.code !== 0 && lines.length === 0)
    return [`the compiler ended with code ${result.code}`];
  return lines.map((line) => withOrigin(line, examples));
}

/** "NAME.ts(3,5): error …" becomes "src/errors.ts:42: error …". */
function withOrigin(line: string, examples: readonly Example[]): string {
  const place = /^(.+)\.ts\((\d+),\d+\): (.*)$/.exec(line);
  const example = examples.find((candidate) => candidate.name === place?.[1]);
  if (place === null || example === undefined) return line;
  return `${example.origin}:${example.line + Number(place[2]) - 1}: ${place[3]}`;
}

/** The programs in examples/ that say what they print; they are compiled with the project. */
function promisingPrograms(): ExampleProgram[] {
  return filesUnder(join(projectRoot, "examples"), ".ts")
    .map((file) => ({ path: projectPath(file), code: readFileSync(file, "utf8") }))
    .filter(({ code }) => promisedLines(code) !== undefined)
    .map(({ path, code }) => ({
      name: path.replace(/\.ts$/, "").replaceAll("/", "-"),
      origin: path,
      line: 1,
      code,
      compiled: join(projectRoot, "dist", path.replace(/\.ts$/, ".js")),
    }));
}

function readProjectFile(path: string): string {
  try {
    return readFileSync(join(projectRoot, path), "utf8");
  } catch {
    return "";
  }
}
