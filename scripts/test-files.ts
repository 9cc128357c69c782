/**
 * Which compiled test files belong to which command.
 *
 *   npm test              everything in dist/test but stress/ and browser/
 *   npm run test:all      the same; tests that only read the sources run on the first runtime alone; in browsers
 *                         browser/, and of the others those that can
 *   npm run test:stress   dist/test/stress/
 */
import { join } from "node:path";
import { filesUnder, projectRoot } from "./project-files.ts";

const testRoot = join(projectRoot, "dist", "test");

/** A compiled test file, and the name under which it is shown: its path without folder and ending. */
export interface TestFile {
  readonly path: string;
  readonly name: string;
  /** True if it looks at the sources, the package or what bundlers make only, so that every runtime would say the same. */
  readonly readsSourcesOnly: boolean;
  /** True if it is for browsers alone. */
  readonly isForBrowsers: boolean;
}

/** Folders whose tests run in browsers, as far as each test can. */
const IN_BROWSERS = /^(browser|suites|memory|namespace|pool|quipe|sync|task)\//;

/** Whether a file runs in a runtime of that kind. */
export function runsIn(file: TestFile, isBrowser: boolean): boolean {
  return isBrowser ? IN_BROWSERS.test(file.name) : !file.isForBrowsers;
}

/** The files of a kind whose names contain one of `filters`; all of them if there are no filters. */
export function testFiles(kind: "quick" | "stress", filters: readonly string[]): TestFile[] {
  return filesUnder(testRoot, ".test.js")
    .map(describeFile)
    .filter((file) => (file.name.startsWith("stress/") ? "stress" : "quick") === kind)
    .filter((file) => filters.length === 0 || filters.some((filter) => matches(file.name, filter)));
}

function describeFile(path: string): TestFile {
  const name = path
    .slice(testRoot.length + 1)
    .replaceAll("\\", "/")
    .replace(/\.test\.js$/, "");
  const readsSourcesOnly = /^(tidy|package|scripts|bundlers)(\/|$)/.test(name);
  return { path, name, readsSourcesOnly, isForBrowsers: name.startsWith("browser/") };
}

/** A filter may be typed as a name, or as the path of the source or of the compiled file. */
function matches(name: string, filter: string): boolean {
  const wanted = filter.replace(/^(\.\/)?(dist\/)?test\//, "").replace(/(\.test)?\.(ts|js)$/, "");
  return name.includes(wanted);
}
