/**
 * The browsers that tests are driven in, headless: finding them, starting each with a profile of its own, and ending
 * them, by the number of the process that was started here and by no other way.
 *
 *   launchBrowser("firefox") ──▶ BrowserRun ── openPage(url) ──▶ OpenPage: evaluate, said, close
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { killWithAll } from "./limited-process.ts";
import puppeteer from "puppeteer-core";
import type { Browser, LaunchOptions, Page } from "puppeteer-core";

/** The names of the browsers. */
export type BrowserName = "chromium" | "firefox";

/** All of them. */
export const browserNames: readonly BrowserName[] = ["chromium", "firefox"];

/** Where each is installed usually; the first that is there is taken. */
const EXECUTABLES: Readonly<Record<BrowserName, readonly string[]>> = {
  chromium: ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"],
  firefox: ["/usr/bin/firefox-esr", "/usr/bin/firefox"],
};

/** What says where a browser is that lies elsewhere. */
const VARIABLES: Readonly<Record<BrowserName, string>> = {
  chromium: "QUIPE_CHROMIUM",
  firefox: "QUIPE_FIREFOX",
};

/** Nothing is fetched or reported that no test has asked for. */
const CHROMIUM_ARGUMENTS: readonly string[] = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-features=BackForwardCache", // or what runs on a page that was left might go on
  "--js-flags=--expose-gc",
];

/** As with the arguments that Chromium is given by default, a page that lies behind another one is not slowed down. */
const FIREFOX_PREFERENCES: Readonly<Record<string, unknown>> = {
  "dom.min_background_timeout_value": 4,
  "dom.min_background_timeout_value_without_budget_throttling": 4,
  "dom.timeout.enable_budget_timer_throttling": false,
  "dom.ipc.processPriorityManager.enabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "app.update.enabled": false,
  "dom.workers.maxPerDomain": 4096,
  "browser.sessionhistory.max_total_viewers": 0, // no page is kept that was left
};

const LAUNCH_LIMIT_MS = 60_000;
const CLOSE_LIMIT_MS = 10_000;

/** Where a browser is; undefined if it is not installed. */
export function findBrowser(name: BrowserName): string | undefined {
  const named = process.env[VARIABLES[name]];
  const candidates = named === undefined ? EXECUTABLES[name] : [named];
  return candidates.find((path) => existsSync(path));
}

/** What `--version` says of an installed browser, as far as it is a number. */
export function browserVersion(executable: string): string {
  const said = execFileSync(executable, ["--version"], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  return /\d+(?:\.\d+)+/.exec(said)?.[0] ?? "?";
}

/** A page that was opened, and what it has said on its console so far. */
export interface OpenPage {
  readonly page: Page;
  readonly said: readonly string[];
  /** Closes it; false if it does not answer within a while. */
  close(): Promise<boolean>;
  /** Lets the next address be opened in its place, until when it goes on: a new page costs five times as much. */
  leave(): void;
}

/** A page, and where to what it says goes. */
interface Tab {
  readonly page: Page;
  said: string[];
}

/** A browser that was started here. */
export class BrowserRun {
  readonly name: BrowserName;
  readonly browser: Browser;
  readonly #folder: string;
  readonly #left: Tab[] = [];
  #isClosed = false;

  constructor(name: BrowserName, browser: Browser, folder: string) {
    this.name = name;
    this.browser = browser;
    this.#folder = folder;
  }

  /** Opens a page at `url`, in the place of one that was left if there is one. */
  async openPage(url: string): Promise<OpenPage> {
    const tab = this.#left.pop() ?? (await this.#newTab());
    const { page } = tab;
    const said: string[] = [];
    tab.said = said;
    await page.goto(url);
    return {
      page,
      said,
      close: () => within(CLOSE_LIMIT_MS, page.close()),
      leave: () => this.#left.push(tab),
    };
  }

  async #newTab(): Promise<Tab> {
    const tab: Tab = { page: await this.browser.newPage(), said: [] };
    tab.page.on("console", (message) => tab.said.push(`${message.type()}: ${message.text()}`));
    tab.page.on("pageerror", (error) => tab.said.push(`error: ${inDetail(error)}`));
    return tab;
  }

  /** Ends the browser, by force if it does not end by itself, and removes its profile. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const child = this.browser.process();
    await within(CLOSE_LIMIT_MS, this.browser.close());
    if (child !== null && child.exitCode === null && child.signalCode === null) {
      child.kill("SIGKILL");
    }
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

/** Starts a browser. Rejects if it is not installed or does not start. */
export async function launchBrowser(name: BrowserName): Promise<BrowserRun> {
  const executablePath = findBrowser(name);
  if (executablePath === undefined) throw new Error(`${name} is not installed`);
  const folder = mkdtempSync(join(tmpdir(), `quipe-${name}-`));
  const shared: LaunchOptions = {
    executablePath,
    userDataDir: folder,
    headless: true,
    timeout: LAUNCH_LIMIT_MS,
    protocolTimeout: 0,
    networkEnabled: false, // every request of every worker would be told to this process
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  };
  const browser = await puppeteer.launch(
    name === "firefox"
      ? { ...shared, browser: "firefox", extraPrefsFirefox: { ...FIREFOX_PREFERENCES } }
      : { ...shared, args: [...CHROMIUM_ARGUMENTS] },
  );
  const child = browser.process();
  if (child !== null) killWithAll(child);
  return new BrowserRun(name, browser, folder);
}

/** Waits for something, but not for ever, and not for its success; false if it does not come. */
async function within(limitMs: number, awaited: Promise<unknown>): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), limitMs);
  });
  const over = awaited.then(
    () => true,
    () => true,
  );
  const isOver = await Promise.race([over, late]);
  clearTimeout(timer);
  return isOver;
}

function inDetail(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
