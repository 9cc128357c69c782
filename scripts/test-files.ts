/**
 * Which compiled test files belong to which command, where they run, and which of them share a process.
 *
 *   npm test              everything in dist/test but stress/ and browser/
 *   npm run test:all      the same and browser/, on all runtimes; what `reaches` names runs on some of them only, or on
 *                         none, and the table says why
 *   npm run test:stress   dist/test/stress/
 *
 * Starting a process and its first task costs more than most files do. So files of one folder run in one process, one
 * after the other, where the runtime can do that. Not so those below `apart`, which count what is left of tasks and
 * threads, change the process or take long, and files whose opening comment says "runs in a process of its own".
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { browserNames } from "./browsers.ts";
import { filesUnder, projectRoot } from "./project-files.ts";

const testRoot = join(projectRoot, "dist", "test");
const mostInOneProcess = 7;
const apart = /^(browser|task|model|runtime|bundlers|stress|examples)(\/|$)/;

/** A compiled test file, and the name under which it is shown: its path without folder and ending. */
export interface TestFile {
  readonly path: string;
  readonly name: string;
  /** Whether no other file may run in its process. */
  readonly isApart: boolean;
}

/** Files that say the same on several runtimes, so that they run on some of them only. */
export interface Reach {
  readonly names: RegExp;
  /** Picks from the names of the runtimes of this run. */
  readonly pick: (runtimes: readonly string[]) => readonly string[];
  readonly why: string;
}

const first = (runtimes: readonly string[]): readonly string[] => runtimes.slice(0, 1);

const isBrowser = (name: string): boolean => (browserNames as readonly string[]).includes(name);

/** What runs on some of the runtimes only. All other files run on every one. */
export const reaches: readonly Reach[] = [
  {
    names: /^(tidy|bench|model|scripts|cli)(\/(?!(test-run|typescript)$)|$)/,
    pick: (all) => (all.length === 1 ? all : []),
    why: "says nothing about runtimes, of which the command needs Node: `npm test` runs it",
  },
  { names: /^package\/(?!runs$)/, pick: first, why: "looks at the package" },
  { names: /^bundlers\//, pick: first, why: "bundlers are programs for Node" },
  { names: /^browser\//, pick: (all) => all.filter(isBrowser), why: "is about browsers" },
  {
    names:
      /^(memory\/image(-blocks)?|namespace\/lifetime|pool\/forgotten-pools|quipe\/duplex|task\/(context|diagnostics|kin|process|registry|typescript))$/,
    pick: (all) => all.filter((name) => !isBrowser(name)),
    why: "needs files, streams, processes or contexts of Node",
  },
  {
    names: /^(?!(browser|suites|memory|namespace|pool|quipe|sync|task)\/)/,
    pick: (all) => all.filter((name) => !isBrowser(name)),
    why: "needs what a page has not: processes, or the files of the project",
  },
];

/** Why a file does not run on a runtime of this run, or undefined if it does. */
export function whyLeftOut(
  name: string,
  runtime: string,
  runtimes: readonly string[],
): string | undefined {
  return reaches.find((reach) => reach.names.test(name) && !reach.pick(runtimes).includes(runtime))
    ?.why;
}

/** The files of a kind whose names contain one of `filters`; all of them if there are no filters. */
export function testFiles(kind: "quick" | "stress", filters: readonly string[]): TestFile[] {
  return filesUnder(testRoot, ".test.js")
    .map(describeFile)
    .filter((file) => (file.name.startsWith("stress/") ? "stress" : "quick") === kind)
    .filter((file) => filters.length === 0 || filters.some((filter) => matches(file.name, filter)));
}

/** Puts files of one folder into groups that share a process; those apart come first, each by itself. */
export function inGroups(files: readonly TestFile[]): (readonly TestFile[])[] {
  const groups = new Map<string, TestFile[]>();
  for (const file of files.filter((one) => !one.isApart)) {
    const folder = file.name.split("/").slice(0, -1).join("/");
    groups.set(folder, [...(groups.get(folder) ?? []), file]);
  }
  const alone = files.filter((one) => one.isApart).map((file) => [file]);
  return [...alone, ...[...groups.values()].flatMap(inEqualParts)];
}

function inEqualParts(files: readonly TestFile[]): (readonly TestFile[])[] {
  const count = Math.ceil(files.length / mostInOneProcess);
  return Array.from({ length: count }, (_, part) =>
    files.slice(
      Math.floor((part * files.length) / count),
      Math.floor(((part + 1) * files.length) / count),
    ),
  );
}

function describeFile(path: string): TestFile {
  const name = path
    .slice(testRoot.length + 1)
    .replaceAll("\\", "/")
    .replace(/\.test\.js$/, "");
  const opening = /^\/\*[\s\S]*?\*\//.exec(readFileSync(path, "utf8"))?.[0] ?? "";
  const saysSo =
    /\bruns\s(\*\s)?in\s(\*\s)?a\s(\*\s)?process\s(\*\s)?of\s(\*\s)?its\s(\*\s)?own\b/i.test(
      opening,
    );
  return { path, name, isApart: apart.test(name) || saysSo };
}

/** A filter may be typed as a name, or as the path of the source or of the compiled file. */
function matches(name: string, filter: string): boolean {
  const wanted = filter.replace(/^(\.\/)?(dist\/)?test\//, "").replace(/(\.test)?\.(ts|js)$/, "");
  return name.includes(wanted);
}
