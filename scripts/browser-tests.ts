/**
 * Runs test files in a browser: one after the other, each as a page that is loaded for it, in one browser for the whole
 * run, with the same result as test-run.ts gives. A page that does not come to an end is closed; a browser that does not
 * close it is ended, and another one is started for the next file.
 *
 * Most files run twice: with the page as the root of the program, where what blocks is skipped, and with a worker as the root,
 * where all of it runs; or, where time is short, what the page has skipped for that reason.
 */
import { relative } from "node:path";
import {
  type BrowserName,
  type BrowserRun,
  browserVersion,
  findBrowser,
  launchBrowser,
} from "./browsers.ts";
import { serveModules, withAddresses } from "./browser-modules.ts";
import { BLOCKS, WHOLE_FILE } from "./in-browser/blocked.ts";
import type { TestReport } from "./in-browser/node-test.ts";
import { ISOLATING_HEADERS, LoopbackServer } from "./loopback-server.ts";
import { projectRoot } from "./project-files.ts";
import type { MissingRuntime, Runtime } from "./runtimes.ts";
import type { FileResult, FileRun } from "./test-run.ts";

/** Where the root of the program is. */
type Place = "page" | "worker";

/** How long a file may take in each of its places. */
const PLACE_LIMIT_MS = 120_000;

/** How the trouble begins that is not the test's. */
const BROWSER_FAILED = "the browser failed";

/** Of what a page has said so much is shown. */
const SAID_AT_MOST = 40;

type Report = TestReport | { readonly begins: string } | { readonly over: string };

/** What is known of a run so far. */
interface Progress {
  readonly wanted: readonly string[] | undefined;
  readonly reports: TestReport[];
  begins: string | undefined;
  over: string | undefined;
  readonly finish: () => void;
}

/** The headers of the pages and scripts of some files, in place of those that only isolate. */
const HEADERS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "browser/not-isolated": {},
  "browser/strict-policy": {
    ...ISOLATING_HEADERS,
    "Content-Security-Policy": "default-src 'self'; script-src 'self'; object-src 'none'",
  },
};

const PAGE =
  '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>test</title>';

/** A browser as a runtime; or why there is none. */
export function obtainBrowser(name: BrowserName): Runtime | MissingRuntime {
  const executable = findBrowser(name);
  if (executable === undefined) {
    const missing = `it is not installed; install it, or set QUIPE_${name.toUpperCase()} to where it is`;
    return { name, version: "", missing, isOptional: true };
  }
  const version = browserVersion(executable);
  return {
    name,
    version,
    command: executable,
    sharesProcess: false,
    parameters: () => [],
    browser: name,
  };
}

/** The browsers of one run of the tests, and the server that they load everything from. */
export class BrowserTests {
  /** By the files that have one of their own; the one of all others has no name. */
  readonly #servers: ReadonlyMap<string, LoopbackServer>;
  readonly #browsers = new Map<BrowserName, Promise<BrowserRun>>();
  readonly #progress = new Map<string, Progress>();
  readonly #isBrief: boolean;
  #runs = 0;

  private constructor(servers: ReadonlyMap<string, LoopbackServer>, isBrief: boolean) {
    this.#servers = servers;
    this.#isBrief = isBrief;
    for (const server of servers.values()) {
      server.answer("/runner", () => ({
        body: `${PAGE}<script type="module" src="/modules/runner"></script>`,
      }));
      server.answer("/report", ({ url, body }) => {
        this.#take(url.searchParams.get("run") ?? "", JSON.parse(body) as Report);
        return { body: "", type: "text/plain" };
      });
      server.answer("/wanted", ({ url }) => {
        const { wanted } = this.#progress.get(url.searchParams.get("run") ?? "") ?? {};
        return { body: JSON.stringify(wanted ?? null), type: "text/json" };
      });
    }
  }

  /**
   * Starts the servers; browsers are started when they are needed. If it is to be brief, a worker runs only what the page
   * may not, but for the tests that are about browsers.
   */
  static async start(seed: string, isBrief: boolean): Promise<BrowserTests> {
    const servers = new Map<string, LoopbackServer>();
    const folder = { root: projectRoot, rewrite: withAddresses };
    servers.set("", await LoopbackServer.start(folder));
    for (const [name, headers] of Object.entries(HEADERS)) {
      servers.set(name, await LoopbackServer.start({ ...folder, headers }));
    }
    serveModules([...servers.values()], seed);
    return new BrowserTests(servers, isBrief);
  }

  /** Runs a file. Never rejects. */
  async run(file: FileRun): Promise<FileResult> {
    const started = performance.now();
    const page = await this.#runAt(file, "page");
    const wanted = this.#wantedOnWorker(page);
    const parts = [page];
    if (wanted === undefined || wanted.length > 0)
      parts.push(await this.#runAt(file, "worker", wanted));
    return { ...joined(parts), durationMs: performance.now() - started };
  }

  /** What a worker is to run after the page; all of it if there is no list. */
  #wantedOnWorker({ file: { name }, skipped }: FileResult): readonly string[] | undefined {
    if (HEADERS[name] !== undefined) return [];
    if (!this.#isBrief || name.startsWith("browser/")) return undefined;
    const blocked = skipped.filter(({ reason }) => reason === BLOCKS);
    const names = blocked.map((one) => one.name.replace(/ \[page\]$/, ""));
    return names.includes(WHOLE_FILE) ? undefined : names;
  }

  /** Ends the browsers and the server. */
  async close(): Promise<void> {
    for (const browser of this.#browsers.values()) {
      await browser.then(
        (run) => run.close(),
        () => {},
      );
    }
    for (const server of this.#servers.values()) await server.close();
  }

  /** A browser that fails takes all its pages with it, so what ran there runs once more. */
  async #runAt(run: FileRun, place: Place, wanted?: readonly string[]): Promise<FileResult> {
    const result = await this.#tryAt(run, place, wanted);
    const hasFailed = result.trouble?.startsWith(BROWSER_FAILED) === true;
    return hasFailed ? await this.#tryAt(run, place, wanted) : result;
  }

  async #tryAt(
    { file, runtime, ...run }: FileRun,
    place: Place,
    wanted: readonly string[] | undefined,
  ): Promise<FileResult> {
    const limitMs = Math.min(run.limitMs, PLACE_LIMIT_MS);
    const started = performance.now();
    this.#runs += 1;
    const id = String(this.#runs);
    const path = relative(projectRoot, file.path).replaceAll("\\", "/");
    const query = new URLSearchParams({ file: `/${path}`, place, run: id }).toString();
    const over = this.#expect(id, wanted);
    let said: readonly string[] = [];
    let trouble: string | undefined;
    try {
      const browser = await this.#browser(runtime.name as BrowserName);
      const server = this.#servers.get(file.name) ?? this.#servers.get("");
      const page = await browser.openPage(`${server?.url}runner?${query}`);
      said = page.said;
      const isInTime = await inTime(over, limitMs);
      if (isInTime) {
        page.leave();
      } else {
        trouble = `stopped after its time limit of ${Math.round(limitMs / 1000)} s`;
        if (!(await page.close())) await this.#giveUp(runtime.name as BrowserName);
      }
    } catch (error) {
      trouble = `${BROWSER_FAILED}: ${String(error)}`;
      await this.#giveUp(runtime.name as BrowserName);
    }
    const progress = this.#progress.get(id) as Progress;
    this.#progress.delete(id);
    const durationMs = performance.now() - started;
    return resultOf({ file, runtime, place, progress, said, trouble, durationMs });
  }

  #browser(name: BrowserName): Promise<BrowserRun> {
    let browser = this.#browsers.get(name);
    if (browser === undefined) this.#browsers.set(name, (browser = launchBrowser(name)));
    return browser;
  }

  async #giveUp(name: BrowserName): Promise<void> {
    const browser = this.#browsers.get(name);
    this.#browsers.delete(name);
    await browser?.then(
      (run) => run.close(),
      () => {},
    );
  }

  #expect(id: string, wanted: readonly string[] | undefined): Promise<void> {
    return new Promise((resolve) => {
      const nothing = { reports: [], begins: undefined, over: undefined };
      this.#progress.set(id, { ...nothing, wanted, finish: resolve });
    });
  }

  #take(id: string, report: Report): void {
    const progress = this.#progress.get(id);
    if (progress === undefined) return;
    if ("begins" in report) progress.begins = report.begins;
    else if ("over" in report) {
      progress.over = report.over;
      progress.finish();
    } else {
      progress.begins = undefined;
      progress.reports.push(report);
    }
  }
}

async function inTime(over: Promise<void>, limitMs: number): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), limitMs);
  });
  const isInTime = await Promise.race([over.then(() => true), late]);
  clearTimeout(timer);
  return isInTime;
}

interface Findings extends Pick<FileResult, "file" | "runtime" | "durationMs"> {
  readonly place: Place;
  readonly progress: Progress;
  readonly said: readonly string[];
  readonly trouble: string | undefined;
}

function resultOf(findings: Findings): FileResult {
  const { file, runtime, durationMs, place, progress, said } = findings;
  const at = (name: string): string => `${name} [${place}]`;
  const { reports, begins, over } = progress;
  const failed = reports.filter(({ result }) => result === "failed");
  const skipped = reports.filter(({ result }) => result === "skipped");
  const troubles = [findings.trouble, over === "" ? undefined : over].filter(
    (one) => one !== undefined && one !== "",
  );
  if (begins !== undefined) troubles.push(`it was in "${begins}" then`);
  if (reports.length === 0 && troubles.length === 0) troubles.push("there is no test in it");
  return {
    file,
    runtime,
    durationMs,
    passed: reports.length - failed.length - skipped.length,
    failed: failed.map(({ name }) => at(name)),
    skipped: skipped.map(({ name, detail }) => ({ name: at(name), reason: detail })),
    ...(troubles.length === 0 ? {} : { trouble: at(troubles.join("; ")) }),
    output: [
      ...failed.map(({ name, detail }) => `${at(name)}\n${detail}`),
      ...said.slice(0, SAID_AT_MOST),
    ].join("\n"),
  };
}

function joined(parts: readonly FileResult[]): FileResult {
  const [first] = parts as [FileResult];
  const troubles = parts.flatMap(({ trouble }) => trouble ?? []);
  return {
    ...first,
    passed: parts.reduce((sum, { passed }) => sum + passed, 0),
    failed: parts.flatMap(({ failed }) => failed),
    skipped: parts.flatMap(({ skipped }) => skipped),
    ...(troubles.length === 0 ? {} : { trouble: troubles.join("; ") }),
    output: parts.map(({ output }) => output).join("\n"),
  };
}
