/**
 * The test runner behind `npm test`, `npm run test:all` and `npm run test:stress`.
 *
 *   node dist/scripts/test.js [FILTER…] [--all | --runtimes a,b] [--stress] [--seed N] [--jobs N]
 *
 * A process runs one test file, or some quick ones of a folder one after the other (test-files.ts says which), and
 * has a time limit; the whole run has one too.
 * What fails is shown when it fails, and named again at the end.
 */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { BrowserTests } from "./browser-tests.ts";
import { installConsumer } from "./consumer.ts";
import { prepareExamples } from "./example-programs.ts";
import { killAllRunning } from "./limited-process.ts";
import { type PackedPackage, packPackage } from "./packed-package.ts";
import { projectRoot } from "./project-files.ts";
import { printSummary, printTable } from "./results-table.ts";
import { obtainRuntime, runtimeNames, thisRuntime } from "./runtimes.ts";
import type { MissingRuntime, Runtime } from "./runtimes.ts";
import { runTestFiles } from "./sequence-run.ts";
import type { SequenceRun } from "./sequence-run.ts";
import { inGroups, testFiles, whyLeftOut } from "./test-files.ts";
import type { TestFile } from "./test-files.ts";
import { isGood } from "./test-run.ts";
import type { FileResult } from "./test-run.ts";

interface Plan {
  readonly files: readonly TestFile[];
  readonly runtimes: readonly Runtime[];
  readonly missing: readonly MissingRuntime[];
  readonly jobs: number;
  readonly fileLimitMs: number;
  readonly runLimitMs: number;
  readonly seed: string;
  /** Browsers run on workers only what their pages may not. */
  readonly isBrief: boolean;
  readonly environment: Record<string, string>;
}

const minute = 60_000;

async function main(): Promise<number> {
  const plan = await makePlan();
  if (plan.files.length === 0) {
    console.error("no test file matches");
    return 1;
  }
  const stopAtLimit = setTimeout(() => {
    console.error(
      `\nthe whole run passed its limit of ${plan.runLimitMs / minute} minutes; stopping`,
    );
    killAllRunning();
    process.exit(1);
  }, plan.runLimitMs);
  stopAtLimit.unref();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      killAllRunning();
      process.exit(130);
    });
  }
  const started = performance.now();
  const packed = await installForAll(plan);
  const results = await runAll(plan);
  packed?.remove();
  if (plan.runtimes.length + plan.missing.length > 1) printTable({ ...plan, results });
  printSummary(results, plan.missing, performance.now() - started);
  const isComplete = plan.missing.every(({ isOptional }) => isOptional === true);
  return results.every(isGood) && isComplete ? 0 : 1;
}

async function makePlan(): Promise<Plan> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      all: { type: "boolean", default: false },
      runtimes: { type: "string" },
      stress: { type: "boolean", default: false },
      seed: { type: "string" },
      jobs: { type: "string" },
    },
  });
  const names = values.runtimes?.split(",") ?? (values.all ? runtimeNames() : [thisRuntime().name]);
  const obtained: (Runtime | MissingRuntime)[] = [];
  for (const name of names) obtained.push(await obtainRuntime(name));
  const seed =
    values.seed ?? process.env["QUIPE_SEED"] ?? String(Math.floor(Math.random() * 2 ** 31));
  console.log(`seed ${seed} (--seed ${seed} runs the same again)`);
  const files = testFiles(values.stress ? "stress" : "quick", positionals);
  if (files.some((file) => file.name === "examples")) await prepareExamples();
  return {
    files,
    runtimes: obtained
      .filter((runtime): runtime is Runtime => "command" in runtime)
      .map((runtime) => (names.length > 1 ? withoutSourceMaps(runtime) : runtime)),
    missing: obtained.filter((runtime): runtime is MissingRuntime => "missing" in runtime),
    // On several runtimes one process more than there are cores, besides the browsers: many wait, most for threads of
    // Deno. Each more takes 3 to 7 % more of the processors in all, since those who wait look more often.
    jobs: Number(values.jobs ?? Math.max(2, availableParallelism()) + (names.length > 1 ? 1 : 0)),
    fileLimitMs: values.stress ? 10 * minute : 6 * minute,
    runLimitMs: values.stress || names.length > 1 ? 60 * minute : 22 * minute,
    seed,
    isBrief: values.all,
    environment: {
      QUIPE_SEED: seed,
      QUIPE_EXAMPLES_READY: "1",
      // A new thread of Node, 22 and later, then need not compile all of the library again.
      NODE_COMPILE_CACHE: join(projectRoot, "node_modules", ".cache", "compiled"),
      // What takes long and is the same everywhere is done in full when there is time for it.
      ...(values.all ? { QUIPE_WHOLE: "1" } : {}),
    },
  };
}

/** Several runtimes run examples in one project that has the package: npm need not install it for each. */
async function installForAll({
  files,
  runtimes,
  environment,
}: Plan): Promise<PackedPackage | undefined> {
  if (runtimes.length < 2 || !files.some((file) => file.name === "package/runs")) return undefined;
  const packed = await packPackage();
  environment["QUIPE_INSTALLED"] = await installConsumer(packed);
  return packed;
}

/** Node reads the map of a test file on every thread that loads it, and finds the place of every error. */
function withoutSourceMaps(runtime: Runtime): Runtime {
  const parameters: Runtime["parameters"] = (invocation) =>
    runtime.parameters(invocation).filter((one) => one !== "--enable-source-maps");
  return { ...runtime, parameters };
}

/**
 * Runs everything, `jobs` processes at a time, from each runtime in turn, since some compute and others wait. A browser
 * has one process, which is not counted, and shows one file after the other.
 */
async function runAll(plan: Plan): Promise<FileResult[]> {
  const isBrowser = ({ browser }: Runtime): boolean => browser !== undefined;
  const inBrowsers = plan.runtimes.filter(isBrowser).map((runtime) => runsOn(runtime, plan));
  const processes = plan.runtimes.filter((one) => !isBrowser(one));
  const queue = inTurns(processes.map((runtime) => runsOn(runtime, plan)));
  const results: FileResult[] = [];
  const work = async (
    runs: SequenceRun[],
    start: (run: SequenceRun) => Promise<FileResult[]>,
  ): Promise<void> => {
    for (let run = runs.shift(); run !== undefined; run = runs.shift()) {
      const some = await start(run);
      results.push(...some);
      some.forEach(report);
    }
  };
  const working = Array.from({ length: plan.jobs }, () => work(queue, runTestFiles));
  if (inBrowsers.length > 0) {
    const browsers = await BrowserTests.start(plan.seed, plan.isBrief);
    working.push(...inBrowsers.map((runs) => work(runs, (run) => browsers.run(run))));
    await Promise.all(working);
    await browsers.close();
  }
  await Promise.all(working);
  return results;
}

/** The first of each list, then the second of each, and so on. */
function inTurns<T>(lists: readonly (readonly T[])[]): T[] {
  const longest = Math.max(0, ...lists.map((list) => list.length));
  return Array.from({ length: longest }, (_, index) =>
    lists.flatMap((list) => list.slice(index, index + 1)),
  ).flat();
}

/** The runs of one runtime; a run is one process. */
function runsOn(runtime: Runtime, plan: Plan): SequenceRun[] {
  const names = plan.runtimes.map((one) => one.name);
  const files = plan.files.filter(
    (file) => whyLeftOut(file.name, runtime.name, names) === undefined,
  );
  const together = inGroups(files); // first those that take long
  const groups = runtime.sharesProcess ? together : together.flat().map((file) => [file]);
  const { environment, fileLimitMs: limitMs } = plan;
  return groups.map((group) => ({ files: group, runtime, limitMs, environment }));
}

function report(result: FileResult): void {
  const counts = [`${result.passed} passed`];
  if (result.failed.length > 0) counts.push(`${result.failed.length} FAILED`);
  if (result.skipped.length > 0) counts.push(`${result.skipped.length} skipped`);
  if (result.trouble !== undefined) counts.push(`FAILED: ${result.trouble}`);
  const seconds = (result.durationMs / 1000).toFixed(1);
  const mark = isGood(result) ? "ok  " : "FAIL";
  console.log(
    `${mark} ${result.runtime.name} ${result.file.name}: ${counts.join(", ")} (${seconds} s)`,
  );
  if (!isGood(result)) console.log(failuresIn(result.output).replace(/^/gm, "     | "));
}

/** Node's reporter tells every failure twice; its closing list is enough. */
function failuresIn(output: string): string {
  const closingList = output.indexOf("\n✖ failing tests:");
  return output.slice(Math.max(0, closingList)).trim();
}

process.exitCode = await main();
