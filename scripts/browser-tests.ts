/**
 * Runs test files in a browser, with the same result as test-run.ts gives. Some quick ones share a page, one after the other,
 * as they share a process elsewhere; a page is loaded in the place of the last one, in one browser for the whole run. A page
 * with a file that does not come to an end is closed, and the files behind it get another one; a browser that does not close it
 * is ended, and started again for the next.
 *
 * Most files run twice: with the page as the root of the program, where what blocks is skipped, and with a worker as the root,
 * where all of it runs; or, where time is short, what the page has skipped for that reason.
 */
import { relative } from "node:path";
import {
  type BrowserName,
  type BrowserRun,
  type OpenPage,
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
import type { SequenceRun } from "./sequence-run.ts";
import type { TestFile } from "./test-files.ts";
import type { FileResult } from "./test-run.ts";

/** Where the root of the program is. */
type Place = "page" | "worker";

/** How long a file may take in each of its places. */
const PLACE_LIMIT_MS = 120_000;

/** How the trouble begins that is not the test's. */
const BROWSER_FAILED = "the browser failed";

/** Of what a page has said so much is shown. */
const SAID_AT_MOST = 40;

type Report = TestReport | { readonly begins: string } | { readonly over: string };

/** Which tests of a file are to run; all of them if there is no list. */
type Wanted = readonly string[] | undefined;

/** The headers of the pages and scripts of some files, in place of those that only isolate. */
const HEADERS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "browser/not-isolated": {},
  "browser/no-workers": { ...ISOLATING_HEADERS, "Content-Security-Policy": "worker-src 'none'" },
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
    sharesProcess: true,
    parameters: () => [],
    browser: name,
  };
}

/** The browsers of one run of the tests, and the server that they load everything from. */
export class BrowserTests {
  /** By the files that have one of their own; the one of all others has no name. */
  readonly #servers: ReadonlyMap<string, LoopbackServer>;
  readonly #browsers = new Map<BrowserName, Promise<BrowserRun>>();
  readonly #stories = new Map<string, PageStory>();
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
        this.#stories.get(url.searchParams.get("run") ?? "")?.take(JSON.parse(body) as Report);
        return { body: "", type: "text/plain" };
      });
      server.answer("/wanted", ({ url }) => {
        const story = this.#stories.get(url.searchParams.get("run") ?? "");
        return { body: JSON.stringify(story?.wanted ?? null), type: "text/json" };
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

  /** Runs files in one page, and then, as far as needed, on one worker of a page. Never rejects. */
  async run(run: SequenceRun): Promise<FileResult[]> {
    const onPage = await this.#runAt(run, "page", []);
    const wanted = onPage.map((result) => this.#wantedOnWorker(result));
    const isAgain = (_: unknown, index: number): boolean => wanted[index]?.length !== 0;
    const files = run.files.filter(isAgain);
    if (files.length === 0) return onPage;
    const onWorker = await this.#runAt({ ...run, files }, "worker", wanted.filter(isAgain));
    return onPage.map((result) =>
      joined(
        result,
        onWorker.find(({ file }) => file === result.file),
      ),
    );
  }

  /** What a worker is to run after the page. */
  #wantedOnWorker({ file: { name }, skipped }: FileResult): Wanted {
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

  /**
   * The results of all files. What comes behind one that stopped the page runs in the next page; what a browser that failed was
   * running runs once more.
   */
  async #runAt(run: SequenceRun, place: Place, wanted: readonly Wanted[]): Promise<FileResult[]> {
    const results: FileResult[] = [];
    let isSecondTry = false;
    while (results.length < run.files.length) {
      const at = results.length;
      const rest = { ...run, files: run.files.slice(at) };
      const some = await this.#runInPage(rest, place, wanted.slice(at));
      const last = some.at(-1);
      const hasFailed = last?.trouble?.startsWith(BROWSER_FAILED) === true;
      results.push(...(hasFailed && !isSecondTry ? some.slice(0, -1) : some));
      isSecondTry = hasFailed && !isSecondTry;
    }
    return results;
  }

  /** Runs files in one page up to the last, or up to the first that stops the page; with the result of that. */
  async #runInPage(
    { files, runtime, ...run }: SequenceRun,
    place: Place,
    wanted: readonly Wanted[],
  ): Promise<FileResult[]> {
    const limitMs = Math.min(run.limitMs, PLACE_LIMIT_MS);
    const name = runtime.name as BrowserName;
    this.#runs += 1;
    const id = String(this.#runs);
    const story = new PageStory(files, wanted);
    this.#stories.set(id, story);
    const results: FileResult[] = [];
    let page: OpenPage | undefined;
    let trouble: string | undefined;
    for (const file of files) {
      const started = performance.now();
      const saidBefore = page?.said.length ?? 0;
      try {
        page ??= await this.#open(name, this.#addressOf(files, place, id));
        const isInTime = await inTime(story.isOver(file), limitMs);
        if (!isInTime) trouble = `stopped after its time limit of ${Math.round(limitMs / 1000)} s`;
        if (!isInTime && !(await page.close())) await this.#giveUp(name);
      } catch (error) {
        trouble = `${BROWSER_FAILED}: ${String(error)}`;
        await this.#giveUp(name);
      }
      const durationMs = performance.now() - started;
      const said = page?.said.slice(saidBefore) ?? [];
      const told = story.of(file);
      results.push(resultOf({ file, runtime, place, told, said, trouble, durationMs }));
      if (trouble !== undefined) break;
    }
    if (trouble === undefined) page?.leave();
    this.#stories.delete(id);
    return results;
  }

  async #open(name: BrowserName, address: string): Promise<OpenPage> {
    const browser = await this.#browser(name);
    return await browser.openPage(address);
  }

  #addressOf(files: readonly TestFile[], place: Place, run: string): string {
    const query = new URLSearchParams({ place, run });
    for (const { path } of files) {
      query.append("file", `/${relative(projectRoot, path).replaceAll("\\", "/")}`);
    }
    const server = this.#servers.get(files[0]?.name ?? "") ?? this.#servers.get("");
    return `${server?.url}runner?${query.toString()}`;
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
}

/** What is known of a file so far. */
interface Told {
  readonly reports: TestReport[];
  /** The test that is running. */
  begins: string | undefined;
  /** How it ended: what is wrong with the file, or nothing. */
  over: string | undefined;
}

interface End {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

function newEnd(): End {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

/** What a page tells of the files that it runs, one after the other. */
class PageStory {
  readonly #files: readonly TestFile[];
  readonly #wanted: readonly Wanted[];
  readonly #told: readonly Told[];
  readonly #ends: readonly End[];
  #at = 0;

  constructor(files: readonly TestFile[], wanted: readonly Wanted[]) {
    this.#files = files;
    this.#wanted = wanted;
    this.#told = files.map(() => ({ reports: [], begins: undefined, over: undefined }));
    this.#ends = files.map(() => newEnd());
  }

  /** Which tests of the file that comes now are to run. */
  get wanted(): Wanted {
    return this.#wanted[this.#at];
  }

  /** Resolves when a file has come to its end. */
  async isOver(file: TestFile): Promise<void> {
    await this.#ends[this.#files.indexOf(file)]?.promise;
  }

  of(file: TestFile): Told {
    return this.#told[this.#files.indexOf(file)] as Told;
  }

  take(report: Report): void {
    const told = this.#told[this.#at];
    if (told === undefined) return;
    if ("begins" in report) told.begins = report.begins;
    else if ("over" in report) {
      told.over = report.over;
      this.#ends[this.#at]?.resolve();
      this.#at += 1;
    } else {
      told.begins = undefined;
      told.reports.push(report);
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
  readonly told: Told;
  readonly said: readonly string[];
  readonly trouble: string | undefined;
}

function resultOf(findings: Findings): FileResult {
  const { file, runtime, durationMs, place, told, said } = findings;
  const at = (name: string): string => `${name} [${place}]`;
  const { reports, begins, over } = told;
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

/** What came out at both places. */
function joined(one: FileResult, other: FileResult | undefined): FileResult {
  if (other === undefined) return one;
  const troubles = [one, other].flatMap(({ trouble }) => trouble ?? []);
  return {
    ...one,
    passed: one.passed + other.passed,
    failed: [...one.failed, ...other.failed],
    skipped: [...one.skipped, ...other.skipped],
    ...(troubles.length === 0 ? {} : { trouble: troubles.join("; ") }),
    durationMs: one.durationMs + other.durationMs,
    output: [one.output, other.output].join("\n"),
  };
}
