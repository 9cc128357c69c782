/**
 * Runs several test files in one process, and says of each what became of its tests.
 *
 *   all in one process ── ended well ──▶ a result for each file, as reported
 *            └── hung, died or left no report ──▶ each file again, in a process of its own
 *
 * So a file that hangs or ends its process is found by itself. If each of them does well by itself, it was their
 * company: then the file that was running fails. A test that has failed has failed, it is not run again.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readSuites } from "./junit-report.ts";
import type { Suite } from "./junit-report.ts";
import { runLimited } from "./limited-process.ts";
import type { ProcessResult } from "./limited-process.ts";
import { projectRoot } from "./project-files.ts";
import type { Runtime } from "./runtimes.ts";
import type { TestFile } from "./test-files.ts";
import { isGood, preloadsFor, readIfThere, resultOf, runTestFile } from "./test-run.ts";
import type { FileResult } from "./test-run.ts";

const driver = join(projectRoot, "dist", "scripts", "file-sequence.js");

/** What a run of several files needs to know; the limit is for each of them. */
export interface SequenceRun {
  readonly files: readonly TestFile[];
  readonly runtime: Runtime;
  readonly limitMs: number;
  readonly environment: Readonly<Record<string, string>>;
}

/** Runs the files, together where there are several. Never rejects. */
export async function runTestFiles(run: SequenceRun): Promise<FileResult[]> {
  if (run.files.length < 2) return await runEachAlone(run);
  const folder = mkdtempSync(join(tmpdir(), "quipe-report-"));
  const reportFile = join(folder, "report.xml");
  const progressFile = join(folder, "progress.txt");
  const ended = await runLimited({
    command: run.runtime.command,
    parameters: run.runtime.parameters({
      testFile: driver,
      reportFile,
      preloads: run.files.flatMap(preloadsFor).slice(0, 1),
    }),
    cwd: projectRoot,
    limitMs: run.limitMs,
    environment: {
      ...run.environment,
      QUIPE_TEST_FILES: JSON.stringify(run.files.map((file) => file.path)),
      QUIPE_TEST_PROGRESS: progressFile,
    },
  });
  const suites = readSuites(readIfThere(reportFile));
  const began = readIfThere(progressFile).trim().split("\n").at(-1) ?? "";
  rmSync(folder, { recursive: true, force: true });
  const whole = wholeResults(run, ended, suites);
  return whole ?? (await findCulprit(run, ended, began));
}

async function runEachAlone(run: SequenceRun): Promise<FileResult[]> {
  const results: FileResult[] = [];
  for (const file of run.files) results.push(await runTestFile({ ...run, file }));
  return results;
}

/** The results of all files, or undefined if the process cannot be believed. */
function wholeResults(
  run: SequenceRun,
  ended: ProcessResult,
  suites: ReadonlyMap<string, Suite> | undefined,
): FileResult[] | undefined {
  if (ended.timedOut || ended.signal !== null || suites === undefined) return undefined;
  const results = run.files.map((file) => {
    const { durationMs, cases } = suites.get(file.path) ?? { durationMs: 0, cases: [] };
    return resultOf({ ...run, file }, { ...ended, code: 0, durationMs }, { complete: true, cases });
  });
  const isTold = results.some((result) => !isGood(result));
  if (ended.code !== 0 && !isTold) return undefined;
  const teller = results.find((result) => !isGood(result));
  return results.map((result) => (result === teller ? result : { ...result, output: "" }));
}

async function findCulprit(
  run: SequenceRun,
  ended: ProcessResult,
  began: string,
): Promise<FileResult[]> {
  const results = await runEachAlone(run);
  if (!results.every(isGood)) return results;
  const culprit = Math.max(
    0,
    run.files.findIndex((file) => file.path === began),
  );
  const how = ended.timedOut ? "hangs" : `ends its process (code ${ended.code}, ${ended.signal})`;
  const others = run.files.map((file) => file.name).join(", ");
  return results.map((result, index) =>
    index === culprit
      ? { ...result, trouble: `${how} in one process with ${others}`, output: ended.output }
      : result,
  );
}
