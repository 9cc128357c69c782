/**
 * The runtimes that the compiled tests run on, pinned, and how each is told to run one test file.
 *
 * Each comes from npm and is kept in node_modules/.cache/runtimes/NAME-VERSION, so that a second run
 * finds it there. The Node that runs this script is used as it is for its own major version.
 */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { obtainBrowser } from "./browser-tests.ts";
import { type BrowserName, browserNames } from "./browsers.ts";
import { runLimited } from "./limited-process.ts";
import { projectRoot } from "./project-files.ts";

/** A runtime that can run test files. */
export interface Runtime {
  readonly name: string;
  readonly version: string;
  readonly command: string;
  /** Whether it can run several files one after the other in one process, each with its own hooks. */
  readonly sharesProcess: boolean;
  /** The command line that runs one test file and writes a JUnit report. */
  readonly parameters: (invocation: Invocation) => string[];
  /** Set for a browser, which browser-tests.ts drives. */
  readonly browser?: BrowserName;
}

/** The files that a runtime is told about when it runs tests. */
export interface Invocation {
  readonly testFile: string;
  readonly reportFile: string;
  /** Modules to load before the test file. */
  readonly preloads: readonly string[];
}

/** A runtime that could not be had, and why. */
export interface MissingRuntime {
  readonly name: string;
  readonly version: string;
  readonly missing: string;
  /** That it is missing is no failure. */
  readonly isOptional?: boolean;
}

interface Pin {
  readonly name: string;
  readonly package: string;
  readonly version: string;
  readonly executable: string;
}

const nodeExecutable = "node_modules/node/bin/node";
const pins: readonly Pin[] = [
  { name: "node20", package: "node", version: "20.20.2", executable: nodeExecutable },
  { name: "node22", package: "node", version: "22.23.3", executable: nodeExecutable },
  { name: "node24", package: "node", version: "24.21.0", executable: nodeExecutable },
  { name: "node26", package: "node", version: "26.10.0", executable: nodeExecutable },
  { name: "bun", package: "bun", version: "1.4.5", executable: "node_modules/bun/bin/bun.exe" },
  { name: "deno", package: "deno", version: "2.9.6", executable: "node_modules/deno/deno" },
];

const fetchLimitMs = 180_000;

/** The names that `--runtimes` accepts. */
export function runtimeNames(): string[] {
  return [...pins.map((pin) => pin.name), ...browserNames];
}

/** The runtime that runs this script. */
export function thisRuntime(): Runtime {
  const { bun, deno, node } = process.versions;
  const command = process.execPath;
  if (bun !== undefined) return { name: "bun", version: bun, command, ...waysOf("bun") };
  if (deno !== undefined) return { name: "deno", version: deno, command, ...waysOf("deno") };
  const name = `node${node.split(".")[0] ?? ""}`;
  return { name, version: node, command, ...waysOf("node") };
}

/** Finds a runtime, fetching it if need be. */
export async function obtainRuntime(name: string): Promise<Runtime | MissingRuntime> {
  const here = thisRuntime();
  if (name === here.name) return here;
  if (isBrowser(name)) return obtainBrowser(name);
  const pin = pins.find((candidate) => candidate.name === name);
  if (pin === undefined) return { name, version: "?", missing: "no such runtime is pinned" };
  const folder = join(projectRoot, "node_modules", ".cache", "runtimes", `${name}-${pin.version}`);
  const command = join(folder, pin.executable);
  if (!existsSync(command)) await fetchPackage(pin, folder);
  const check = await runLimited({
    command,
    parameters: ["--version"],
    cwd: projectRoot,
    limitMs: 20_000,
  });
  if (check.code !== 0 || !check.stdout.includes(pin.version)) {
    const said = check.output.trim().split("\n").at(-1) ?? "";
    return {
      name,
      version: pin.version,
      missing: `${pin.package}@${pin.version} does not start: ${said}`,
    };
  }
  return { name, version: pin.version, command, ...waysOf(pin.package) };
}

function isBrowser(name: string): name is BrowserName {
  return (browserNames as readonly string[]).includes(name);
}

async function fetchPackage(pin: Pin, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  const wanted = `${pin.package}@${pin.version}`;
  console.log(`fetching ${wanted} …`);
  const result = await runLimited({
    command: "npm",
    parameters: ["install", "--no-audit", "--no-fund", "--no-save", "--prefix", folder, wanted],
    cwd: folder,
    limitMs: fetchLimitMs,
  });
  if (result.code !== 0) console.log(result.output.trimEnd());
}

/** How a runtime is told to run tests, by the package that it comes in. */
function waysOf(name: string): Pick<Runtime, "sharesProcess" | "parameters"> {
  switch (name) {
    case "bun":
      return { sharesProcess: false, parameters: bunParameters };
    case "deno":
      return { sharesProcess: false, parameters: denoParameters };
    default:
      return { sharesProcess: true, parameters: nodeParameters };
  }
}

function nodeParameters({ testFile, reportFile, preloads }: Invocation): string[] {
  return [
    "--enable-source-maps",
    ...preloads.map((file) => `--import=${pathToFileURL(file).href}`),
    "--test-reporter=spec",
    "--test-reporter-destination=stdout",
    "--test-reporter=junit",
    `--test-reporter-destination=${reportFile}`,
    testFile,
  ];
}

/** Bun gives a test five seconds unless told otherwise; the limit here lies just below that of a stress file. */
function bunParameters({ testFile, reportFile, preloads }: Invocation): string[] {
  return [
    "test",
    "--timeout=590000",
    ...preloads.map((file) => `--preload=${file}`),
    "--reporter=junit",
    `--reporter-outfile=${reportFile}`,
    testFile,
  ];
}

function denoParameters({ testFile, reportFile, preloads }: Invocation): string[] {
  return [
    "test",
    "--allow-all",
    "--no-check",
    ...preloads.map((file) => `--preload=${file}`),
    `--junit-path=${reportFile}`,
    testFile,
  ];
}
