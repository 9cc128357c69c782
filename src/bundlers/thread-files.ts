/**
 * Finds in a module which files other threads load by their URL, so that a bundler can make files of them:
 *
 *   task(import.meta.url, fn)                           "task"     this module itself
 *   { module: new URL("./routes.ts", import.meta.url) } "module"   that file, with what it exports
 *   new Worker(new URL("./boot.js", import.meta.url))   "worker"   that file
 *
 * Only what is written out so is found, as bundlers do it themselves. A scan, and no parser: it runs before
 * TypeScript is compiled. It knows comments, strings and templates, and keeps the number of lines.
 */

/** Why another thread loads a file. */
export type ThreadFileKind = "task" | "module" | "worker";

/** A place in a module that names a file of another thread. */
export interface ThreadFile {
  readonly kind: ThreadFileKind;
  /** As it is written, relative to the module; undefined if it is the module itself. */
  readonly path: string | undefined;
  /** The expression to replace: `import.meta.url` of a task, `new URL(…)` otherwise. */
  readonly start: number;
  readonly end: number;
}

const SKIPPED = [
  String.raw`\/\/[^\n]*`,
  String.raw`\/\*[\s\S]*?\*\/`,
  String.raw`\`(?:\\[\s\S]|[^\`\\])*\``,
].join("|");
const NEW_URL = String.raw`new\s+URL\(\s*(?:\/\*[^*\n]*\*\/\s*)*(?<quote>["'])(?<path>\.{1,2}\/[^"'\n]+)\k<quote>\s*,\s*import\.meta\.url\s*,?\s*\)`;
const STRINGS = String.raw`"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'`;

/** All such places of a module, in their order. */
export function threadFilesIn(code: string): ThreadFile[] {
  if (!code.includes("import.meta.url")) return [];
  const found: ThreadFile[] = [];
  for (const match of code.matchAll(patternFor(code))) {
    const { call, place, path } = match.groups ?? {};
    const before = call ?? place;
    if (before === undefined) continue;
    const kind = call !== undefined ? "task" : before.startsWith("module") ? "module" : "worker";
    const start = match.index + before.length;
    found.push({ kind, path, start, end: match.index + match[0].length });
  }
  return found;
}

/** Puts an expression in the place of each file. */
export function replaceThreadFiles(
  code: string,
  files: readonly ThreadFile[],
  expressionOf: (file: ThreadFile) => string,
): string {
  let result = "";
  let done = 0;
  for (const file of files) {
    const replaced = code.slice(file.start, file.end);
    const lines = "\n".repeat(replaced.split("\n").length - 1);
    result += code.slice(done, file.start) + expressionOf(file) + lines;
    done = file.end;
  }
  return result + code.slice(done);
}

/** `task` may have been imported under another name. */
function patternFor(code: string): RegExp {
  const others = [...code.matchAll(/\btask\s+as\s+([\w$]+)/g)].map(([, name = ""]) => name);
  const names = ["task", ...others].map((name) => name.replaceAll("$", String.raw`\$`)).join("|");
  const call = String.raw`(?<![\w$#])(?:${names})\s*(?:<[^()]*>\s*)?\(\s*`;
  const lead = String.raw`\bmodule\s*:\s*|\bnew\s+(?:Node)?Worker\s*\(\s*`;
  return new RegExp(
    `${SKIPPED}|(?<call>${call})import\\.meta\\.url\\b|(?<place>${lead})${NEW_URL}|${STRINGS}`,
    "g",
  );
}
