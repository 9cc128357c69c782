/**
 * Runs one test file in one runtime, in a process of its own, and says what became of each test.
 *
 * A file passes only if its process ended by itself with code 0, its report is complete, and at least
 * one test is in it: a test that calls `process.exit(0)`, a file without tests and a process that was
 * killed half-way are failures, however cheerful the part of the report that was written.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readJunitReport } from "./junit-report.ts";
import type { JunitReport, TestCase } from "./junit-report.ts";
import { runLimited } from "./limited-process.ts";
import type { ProcessResult } from "./limited-process.ts";
import { projectRoot } from "./project-files.ts";
import type { Runtime } from "./runtimes.ts";
import type { TestFile } from "./test-files.ts";

const seedProperties = join(projectRoot, "dist", "scripts", "seed-properties.js");

/** What one file did in one runtime. */
export interface FileResult {
  readonly file: TestFile;
  readonly runtime: Runtime;
  readonly passed: number;
  readonly failed: readonly string[];
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
  /** What is wrong with the file as a whole, beyond the tests that failed. */
  readonly trouble?: string;
  readonly durationMs: number;
  readonly output: string;
}

/** What a run of a file needs to know. */
export interface FileRun {
  readonly file: TestFile;
  readonly runtime: Runtime;
  readonly limitMs: number;
  readonly environment: Readonly<Record<string, string>>;
}

/** True if every test of the file that ran has passed, and nothing is wrong with the file itself. */
export function isGood(result: FileResult): boolean {
  return result.failed.length === 0 && result.trouble === undefined;
}

/** Runs the file. Never rejects. */
export async function runTestFile(run: FileRun): Promise<FileResult> {
  const folder = mkdtempSync(join(tmpdir(), "quipe-report-"));
  const reportFile = join(folder, "report.xml");
  const ended = await runLimited({
    command: run.runtime.command,
    parameters: run.runtime.parameters({
      testFile: run.file.path,
      reportFile,
      preloads: preloadsFor(run.file),
    }),
    cwd: projectRoot,
    limitMs: run.limitMs,
    environment: run.environment,
  });
  const report = readJunitReport(readIfThere(reportFile));
  rmSync(folder, { recursive: true, force: true });
  return resultOf(run, ended, report);
}

/** What to load before the file: the seed of properties if it imports fast-check, which would only cost time elsewhere. */
export function preloadsFor(file: TestFile): string[] {
  return /\bfrom "fast-check"/.test(readIfThere(file.path)) ? [seedProperties] : [];
}

/** The result of a file by the end of its process and its report. */
export function resultOf(run: FileRun, ended: ProcessResult, report: JunitReport): FileResult {
  const failed = report.cases.filter((test) => test.result === "failed").map((test) => test.name);
  const skipped = report.cases.filter((test) => test.result === "skipped");
  const trouble = troubleOf(ended, report, failed.length);
  return {
    file: run.file,
    runtime: run.runtime,
    passed: report.cases.length - failed.length - skipped.length,
    failed,
    skipped: skipped.map((test) => ({ name: test.name, reason: reasonOf(test, run.file) })),
    ...(trouble === undefined ? {} : { trouble }),
    durationMs: ended.durationMs,
    output: ended.output,
  };
}

function troubleOf(
  ended: ProcessResult,
  report: JunitReport,
  failures: number,
): string | undefined {
  if (ended.timedOut)
    return `stopped after its time limit of ${Math.round(ended.durationMs / 1000)} s`;
  if (ended.signal !== null) return `its process was ended by ${ended.signal}`;
  if (ended.code !== 0 && failures === 0) return `its process ended with code ${ended.code}`;
  if (report.cases.length === 0)
    return "there is no test in it, or it ended before the first one did";
  if (!report.complete) return "its process ended before its tests did";
  return undefined;
}

/** Bun and Deno do not tell why a test was skipped; the test file itself does, if not beside the name then for all its tests. */
function reasonOf(test: TestCase, file: TestFile): string {
  if (test.reason !== undefined) return test.reason;
  const source = readIfThere(file.path);
  const name = test.name.split(" > ").at(-1) ?? test.name;
  const start = source.indexOf(JSON.stringify(name));
  const place = start < 0 ? source : source.slice(start, start + name.length + 300);
  const options = /\bskip(?::|\(| =)\s*([^\n}]*)/.exec(place);
  if (options === null) return "no reason given";
  const texts = [...(options[1] ?? "").matchAll(/"([^"]+)"|'([^']+)'|`([^`]+)`/g)];
  const reason = texts.map((text) => text[1] ?? text[2] ?? text[3]).join("; ");
  return reason === "" ? `skip: ${options[1]?.trim()}` : reason;
}

/** The text of a file; none if it is not there. */
export function readIfThere(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
