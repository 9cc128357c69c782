/**
 * Finds the examples of the documentation and reads what each promises to print.
 *
 *   where            which blocks
 *   src/**           every "ts" block below an `@example` of a doc comment
 *   README, docs/    every block marked "ts"; a sketch is marked otherwise ("ts sketch", "typescript")
 *   examples/        programs that say what they print
 *
 * A promise is a comment: `console.log(x); // 5`, or a line `// prints: 5`. If there is one, standard
 * output must be exactly the promised lines, in order. `// not on deno: why` leaves a runtime out.
 */
import { exportedNames } from "./source-text.ts";

/** One example that can be checked and run. */
export interface Example {
  /** Unique, and fit to be a file name. */
  readonly name: string;
  /** The file that it was found in, from the project's root. */
  readonly origin: string;
  /** The line of that file on which its code starts. */
  readonly line: number;
  readonly code: string;
}

/** The examples in the doc comments of one source file. */
export function examplesInSource(path: string, text: string): Example[] {
  const used = new Set<string>();
  return exportedNames(text).flatMap((exported) => {
    const blocks = exampleBlocks(exported.doc ?? "");
    return blocks.map((block, index) => ({
      name: `${slug(path)}-${unlike(exported.name, used)}${index === 0 ? "" : `-${index + 1}`}`,
      origin: path,
      line: lineOfBlock(text, block),
      code: block,
    }));
  });
}

/** The "ts" blocks that follow an `@example` tag in a doc comment. */
export function exampleBlocks(doc: string): string[] {
  return doc
    .split(/^@/m)
    .filter((section) => section.startsWith("example"))
    .flatMap((section) => fencedBlocks(section).map((block) => block.code));
}

/** The "ts" blocks of a Markdown page. */
export function examplesInMarkdown(path: string, text: string): Example[] {
  return fencedBlocks(text).map((block, index) => ({
    name: `${slug(path)}-${index + 1}`,
    origin: path,
    line: block.line,
    code: block.code,
  }));
}

/** The lines that a program promises to print, or undefined if it makes no promise. */
export function promisedLines(code: string): string[] | undefined {
  const lines = code.split("\n").flatMap((line) => {
    const promise =
      /^\s*\/\/ prints: ?(.*)$/.exec(line) ?? /\bconsole\.log\(.*\);? *\/\/ (.*)$/.exec(line);
    return promise === null ? [] : [(promise[1] ?? "").trimEnd()];
  });
  return lines.length === 0 ? undefined : lines;
}

/** True if the example can be wrong: it promises an output, or it asserts something. */
export function canFail(code: string): boolean {
  return promisedLines(code) !== undefined || /\bassert\b|\bthrow new\b/.test(code);
}

/** Why the example is not run on a runtime ("node", "bun", "deno"), if it says so. */
export function exclusion(code: string, runtime: string): string | undefined {
  return new RegExp(`^\\s*// not on ${runtime}: (.+)$`, "m").exec(code)?.[1];
}

function fencedBlocks(text: string): { code: string; line: number }[] {
  const blocks: { code: string; line: number }[] = [];
  let opened: { fence: string; runs: boolean; line: number; code: string[] } | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    if (opened === undefined) {
      const fence = /^\s*(`{3,})(.*)$/.exec(line);
      if (fence === null) continue;
      const runs = (fence[2] ?? "").trim() === "ts";
      opened = { fence: fence[1] ?? "", runs, line: index + 2, code: [] };
    } else if (line.trim() === opened.fence) {
      if (opened.runs) blocks.push({ code: `${opened.code.join("\n")}\n`, line: opened.line });
      opened = undefined;
    } else opened.code.push(line);
  }
  return blocks;
}

/** Where a block of a doc comment starts in its file, found by its lines in sequence. */
function lineOfBlock(text: string, block: string): number {
  const wanted = block.trimEnd().split("\n");
  const lines = text.split("\n").map((line) => line.replace(/^\s*\* ?/, ""));
  const start = lines.findIndex((_, index) =>
    wanted.every((line, offset) => lines[index + offset] === line),
  );
  return start + 1;
}

/** The name, marked if it differs from another one in case only: some file systems take both for one. */
function unlike(name: string, used: Set<string>): string {
  const marked = [...used].some(
    (other) => other !== name && other.toLowerCase() === name.toLowerCase(),
  )
    ? `${name}-too`
    : name;
  used.add(name);
  return marked;
}

function slug(path: string): string {
  return path
    .replace(/\.(ts|md)$/, "")
    .replaceAll(/[^A-Za-z0-9]+/g, "-")
    .toLowerCase();
}
