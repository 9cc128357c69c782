/**
 * The page of examples/browser, built with Vite and run: it draws its picture on shared data, goes on when a thread is
 * killed, and stays smooth. Screenshots are left in a temporary folder, which the test names.
 */
import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { Page } from "puppeteer-core";
import { type BrowserName, findBrowser, launchBrowser } from "../../scripts/browsers.ts";
import { LoopbackServer } from "../../scripts/loopback-server.ts";
import { projectRoot } from "../../scripts/project-files.ts";
import type { PageState } from "../../examples/browser/page-state.ts";
import { Output, noBundlers } from "./built.ts";

const notInstalled = "this browser is not installed [machine]";
const LIMIT_MS = 200_000;
const FIRST_THREAD = "#threads li:nth-child(1)";

async function stateOf(page: Page): Promise<PageState> {
  return (await page.evaluate("globalThis.pageState()")) as PageState;
}

async function until(page: Page, condition: string): Promise<void> {
  await page.waitForFunction(condition, { timeout: LIMIT_MS, polling: 50 });
}

/** What is written on the page about a thread. */
async function wordsOf(page: Page, thread: string): Promise<string> {
  return String(await page.evaluate(`document.querySelector("${thread}").innerText`));
}

/** Lets the page draw a picture, a small one, kills a thread on the way, and looks at what is left. */
async function watch(page: Page, photograph: (name: string) => Promise<unknown>): Promise<void> {
  await until(page, "globalThis.pageState?.().tilesToCome < 56");
  await photograph("drawing");
  const begunAtMs = performance.now();
  const before = await stateOf(page);
  assert.equal(before.pictures, 0);
  await page.click(`${FIRST_THREAD} button`);
  await until(page, `document.querySelector("${FIRST_THREAD}").className === "dead"`);
  assert.match(await wordsOf(page, FIRST_THREAD), /killed after [\d,]+ tiles/);
  const atDeath = await stateOf(page);
  if (atDeath.threads === 1) await page.click(`${FIRST_THREAD} button`); // nobody else is there
  await photograph("killed");
  await until(page, "globalThis.pageState().pictures === 1");
  await photograph("complete");

  const tookMs = performance.now() - begunAtMs;
  const { frames, holes, sharedBytes } = await stateOf(page);
  assert.ok(sharedBytes >= 50e6, `${sharedBytes} bytes are shared`);
  assert.equal(holes, 0, "places without a picture");
  // On a machine that is busy with other things a frame may be late. If the page drew, or waited for who draws, there
  // would be no frames at all.
  const said = `${frames.frames} frames, the longest wait ${frames.longestMs.toFixed(0)} ms, in ${tookMs.toFixed(0)} ms`;
  assert.ok(frames.longestMs < tookMs / 3, said);
  assert.ok(frames.frames > tookMs / 200, said);
  console.log(said);

  if (atDeath.threads === 1) return;
  await page.click(`${FIRST_THREAD} button`);
  await until(
    page,
    `/^\\D+1\\D+\\d+ tiles\\s+Kill/.test(document.querySelector("${FIRST_THREAD}").innerText)`,
  );
}

let built: Output | undefined;

/** What Vite has made of the page. */
async function builtPage(): Promise<string> {
  if (built !== undefined) return built.path;
  built = new Output();
  const { build } = await import("vite");
  const root = join(projectRoot, "examples/browser");
  await build({ logLevel: "warn", root, build: { outDir: built.path, emptyOutDir: true } });
  return built.path;
}

after(() => built?.[Symbol.dispose]());

for (const name of ["chromium", "firefox"] satisfies BrowserName[]) {
  const isMissing = findBrowser(name) === undefined;
  test(
    `the page draws one terrain on all threads of ${name}, also when one is killed`,
    { skip: noBundlers === false ? isMissing && notInstalled : noBundlers },
    async (t) => {
      const server = await LoopbackServer.start({ root: await builtPage() });
      const browser = await launchBrowser(name);
      const folder = mkdtempSync(join(tmpdir(), `quipe-page-${name}-`));
      t.diagnostic(`screenshots: ${folder}`);
      try {
        const { page, said } = await browser.openPage(`${server.url}index.html?pixels=512`);
        if (name === "chromium") await page.setViewport({ width: 1280, height: 820 });
        await watch(page, (what) => page.screenshot({ path: join(folder, `${what}.png`) })).catch(
          (error: unknown) => {
            throw new Error(`It said:\n${said.join("\n")}`, { cause: error });
          },
        );
      } finally {
        await browser.close();
        await server.close();
      }
    },
  );
}
