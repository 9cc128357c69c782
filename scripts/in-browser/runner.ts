/**
 * Runs test files in a browser, one after the other: on the page, or, where a test may block, on a worker of the page. It is
 * the first module of both; what it finds out it posts to the server that it came from.
 *
 *   /runner?file=/dist/test/x.test.js&file=…&place=page|worker&run=7 ── POST /report?run=7 ──▶ scripts/browser-tests.ts
 */
import type { spawn as Spawn } from "quipe";
import { BLOCKS, WHOLE_FILE } from "./blocked.ts";
import type { missingIn as MissingIn } from "./missing.ts";
import type {
  Excuse,
  TestReport,
  inDetail as InDetail,
  runTests as RunTests,
} from "./node-test.ts";

type Report = TestReport | { readonly begins: string } | { readonly over: string };

interface Place {
  readonly location: { readonly search: string };
  fetch(
    url: string,
    init?: { method: string; body: string },
  ): Promise<{ json(): Promise<unknown> }>;
}

type WorkerClass = new (url: string, options: { type: "module"; name: string }) => unknown;

const scope = globalThis as unknown as Place;
const asked = new URLSearchParams(scope.location.search);

let told: Promise<unknown> = Promise.resolve();

/** Tells one thing after the other, while the tests go on. */
function tell(report: Report): void {
  const body = JSON.stringify(report);
  told = told.then(() => scope.fetch(`/report?run=${asked.get("run")}`, { method: "POST", body }));
}

/** The names of the tests to run; all of them if there is no list. */
async function wanted(): Promise<readonly string[] | undefined> {
  const answer = await scope.fetch(`/wanted?run=${asked.get("run")}`);
  return ((await answer.json()) ?? undefined) as readonly string[] | undefined;
}

/**
 * What failed for want of something that a browser does not have. The tests that were written for browsers are excused
 * nothing: there, what says that it needs something else may be the very fault that they are to find.
 */
function excuseBy(missingIn: typeof MissingIn, file: string): Excuse {
  if (file.startsWith("/dist/test/browser/")) return () => undefined;
  return (error) => missingIn(error) ?? whyBlocked(error);
}

/** A page must not block; the same tests run on a worker, too. */
function whyBlocked(error: unknown): string | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    const isBlocked =
      (at as { code?: unknown }).code === "cannot-block" || /'cannot-block'/.test(at.message);
    if (isOnPage() && isBlocked) {
      isCutShort = true;
      return BLOCKS;
    }
  }
  return undefined;
}

/** A test was skipped in the middle, so what it had open is garbage. */
let isCutShort = false;

/** An end that such a test had open is collected some time, and that is told to whoever it was. */
function isLeftOver(error: unknown): boolean {
  return isCutShort && error instanceof Error && /collected as garbage/.test(error.message);
}

function isOnPage(): boolean {
  return "document" in globalThis;
}

/** The very module that the test file imports, too, and not a copy of it. */
async function moduleAt<T>(path: string): Promise<T> {
  return (await import(path)) as T;
}

/** A worker must not block before quipe has begun on it; most tests would. */
async function warmUp(): Promise<void> {
  const { spawn } = await moduleAt<{ spawn: typeof Spawn }>("/dist/src/index.js");
  await spawn(() => 0).result;
}

async function runAll(): Promise<void> {
  const { missingIn } = await moduleAt<{ missingIn: typeof MissingIn }>("/modules/missing");
  const isWarm = isOnPage() ? Promise.resolve() : warmUp();
  for (const file of asked.getAll("file")) {
    tell({ over: await troubleOf(file, excuseBy(missingIn, file), isWarm) });
    await told; // or the next file would be asked of as the one before
  }
}

/** Runs a file. What is wrong with it, beyond tests that fail; or nothing. */
async function troubleOf(file: string, excuse: Excuse, isWarm: Promise<void>): Promise<string> {
  const { inDetail, runTests } = await moduleAt<{
    inDetail: typeof InDetail;
    runTests: typeof RunTests;
  }>("/modules/node:test");
  try {
    await isWarm;
    await import(file);
    await runTests({ tell, excuse, isLeftOver, wanted: await wanted() });
    return "";
  } catch (error) {
    const why = excuse(error);
    if (why === undefined) return `the file does not run: ${inDetail(error)}`;
    tell({ name: WHOLE_FILE, result: "skipped", detail: why });
    return "";
  }
}

if (isOnPage() && asked.get("place") === "worker") {
  const { Worker } = globalThis as unknown as { readonly Worker: WorkerClass };
  new Worker(`/modules/runner${scope.location.search}`, { type: "module", name: "root" });
} else void runAll();
