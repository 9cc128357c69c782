/**
 * What a test run says at its end: a table of suites by runtimes if there were several, why tests
 * were skipped, which runtimes could not be had, what failed, and one line that sums it up.
 */
import type { MissingRuntime, Runtime } from "./runtimes.ts";
import { reaches, whyLeftOut } from "./test-files.ts";
import type { TestFile } from "./test-files.ts";
import { isGood } from "./test-run.ts";
import type { FileResult } from "./test-run.ts";

/** What there is to show. */
export interface Shown {
  readonly files: readonly TestFile[];
  readonly results: readonly FileResult[];
  readonly runtimes: readonly Runtime[];
  readonly missing: readonly MissingRuntime[];
}

/** Prints one row for each test file and one column for each runtime. */
export function printTable({ files, results, runtimes, missing }: Shown): void {
  const names = files.map(({ name }) => name).sort();
  const head = [
    "suite",
    ...runtimes.map((runtime) => runtime.name),
    ...missing.map((one) => one.name),
  ];
  const runtimeNames = runtimes.map((runtime) => runtime.name);
  const leftOut = reaches.map((reach) => reach.why);
  const rows = names.map((name) => [
    name,
    ...runtimes.map((runtime) =>
      cell(
        results.find((result) => result.runtime === runtime && result.file.name === name),
        leftOut.indexOf(whyLeftOut(name, runtime.name, runtimeNames) ?? "") + 1,
      ),
    ),
    ...missing.map(() => "not run"),
  ]);
  const versions = [
    "",
    ...runtimes.map((one) => one.version),
    ...missing.map((one) => one.version),
  ];
  console.log("\npassed, failed (✗), skipped (–) of every suite on every runtime\n");
  const total = runtimes.map((runtime) =>
    totalCell(results.filter((result) => result.runtime === runtime)),
  );
  printColumns([head, versions, ...rows, ["all", ...total, ...missing.map(() => "")]]);
  const notes = leftOut.map((why, index) => `·${index + 1} not run there: ${why}`);
  const isUsed = (note: string): boolean =>
    rows.some((row) => row.includes(note.split(" ")[0] ?? ""));
  for (const note of notes.filter(isUsed)) console.log(note);
}

function totalCell(results: readonly FileResult[]): string {
  const [passed, failed, skipped] = countsOf(results);
  return `${passed}${failed > 0 ? ` ${failed}✗` : ""}${skipped > 0 ? ` ${skipped}–` : ""}`;
}

function countsOf(results: readonly FileResult[]): readonly [number, number, number] {
  return [
    sum(results, (result) => result.passed),
    sum(results, (result) => Math.max(result.failed.length, isGood(result) ? 0 : 1)),
    sum(results, (result) => result.skipped.length),
  ];
}

function cell(result: FileResult | undefined, note: number): string {
  if (result === undefined) return `·${note > 0 ? note : ""}`;
  const parts = [String(result.passed)];
  if (result.failed.length > 0) parts.push(`${result.failed.length}✗`);
  if (result.trouble !== undefined)
    parts.push(result.trouble.startsWith("stopped") ? "limit✗" : "file✗");
  if (result.skipped.length > 0) parts.push(`${result.skipped.length}–`);
  return parts.join(" ");
}

function printColumns(rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  for (const row of rows) {
    console.log(
      row
        .map((text, column) => text.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    );
  }
}

/** Prints skips with their reasons, missing runtimes, failures, and the closing line. */
export function printSummary(
  results: readonly FileResult[],
  missing: readonly MissingRuntime[],
  durationMs: number,
): void {
  const skips = results.flatMap((result) =>
    result.skipped.map(({ name, reason }) => ({ result, what: `${name}: ${reason}` })),
  );
  printByRuntimes("skipped", skips);
  for (const one of missing) console.log(`\nNOT RUN on ${one.name} ${one.version}: ${one.missing}`);
  const failures = results.flatMap((result) =>
    [...(result.trouble === undefined ? [] : [result.trouble]), ...result.failed].map((what) => ({
      result,
      what,
    })),
  );
  printByRuntimes("failed", failures);
  const [passed, failed, skipped] = countsOf(results);
  const seconds = (durationMs / 1000).toFixed(1);
  console.log(
    `\n${passed} passed, ${failed} failed, ${skipped} skipped in ${results.length} files, ${seconds} s`,
  );
}

/** One line for each thing to say, with the runtimes that it was seen on. */
function printByRuntimes(
  title: string,
  events: readonly { readonly result: FileResult; readonly what: string }[],
): void {
  const runtimesOf = new Map<string, Set<string>>();
  for (const { result, what } of events) {
    const line = `${result.file.name}: ${what}`;
    runtimesOf.set(line, (runtimesOf.get(line) ?? new Set()).add(result.runtime.name));
  }
  if (runtimesOf.size > 0) console.log(`\n${title}:`);
  for (const [line, runtimes] of runtimesOf) console.log(`  ${[...runtimes].join(" ")} · ${line}`);
}

function sum(results: readonly FileResult[], count: (result: FileResult) => number): number {
  return results.reduce((total, result) => total + count(result), 0);
}
