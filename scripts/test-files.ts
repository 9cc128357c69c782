/**
 * Which compiled test files belong to which command.
 *
 *   npm test              everything in dist/test but stress/ and browser/
 *   npm run test:all      the same; tests that only read the sources run on the first runtime alone
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
}

/** The files of a kind whose names contain one of `filters`; all of them if there are no filters. */
export function testFiles(kind: "quick" | "stress", filters: readonly string[]): TestFile[] {
  return filesUnder(testRoot, ".test.js")
    .map(describeFile)
    .filter((file) => kindOf(file.name) === kind)
    .filter((file) => filters.length === 0 || filters.some((filter) => matches(file.name, filter)));
}

function describeFile(path: string): TestFile {
  const name = path
    .slice(testRoot.length + 1)
    .replaceAll("\\", "/")
    .replace(/\.test\.js$/, "");
  return { path, name, readsSourcesOnly: /^(tidy|package|scripts|bundlers)(\/|$)/.test(name) };
}

function kindOf(name: string): "quick" | "stress" | "browser" {
  if (name.startsWith("stress/")) return "stress";
  return name.startsWith("browser/") ? "browser" : "quick";
}

/** A filter may be typed as a name, or as the path of the source or of the compiled file. */
function matches(name: string, filter: string): boolean {
  const wanted = filter.replace(/^(\.\/)?(dist\/)?test\//, "").replace(/(\.test)?\.(ts|js)$/, "");
  return name.includes(wanted);
}
