/**
 * Reads TypeScript sources without a parser: enough to find code as opposed to comments and strings,
 * the exports of a file, and the doc comment above each.
 *
 * `maskSource` blanks whatever is not code, character for character, so that an offset or a line
 * number in the masked text is one in the source too.
 *
 *   source   const a = "x // y"; // note
 *   masked   const a = "      ";
 */

/** A name that a file declares and exports. */
export interface ExportedName {
  readonly name: string;
  readonly isType: boolean;
  readonly line: number;
  /** The doc comment right above it, with its marks taken off; undefined if there is none. */
  readonly doc: string | undefined;
}

const wordsBeforeRegex = new Set(
  "return typeof case in of delete void throw new do else await yield".split(" "),
);

/** What is not code: its end, and the part of it to blank. */
interface Span {
  readonly end: number;
  readonly blankFrom: number;
  readonly blankTo: number;
}

/** Blanks comments, and the insides of strings, templates and regular expressions. */
export function maskSource(text: string): string {
  const masked = text.split("");
  /** The depth of braces at which each open template goes on. */
  const templateDepths: number[] = [];
  let depth = 0;
  let i = 0;
  while (i < text.length) {
    const character = text[i] ?? "";
    const resumesTemplate = character === "}" && templateDepths.at(-1) === depth;
    if (resumesTemplate) templateDepths.pop();
    const inTemplate = resumesTemplate || character === "`";
    const span = inTemplate ? templateSpan(text, i) : spanAt(text, masked, i);
    if (span === undefined) {
      if (character === "{") depth += 1;
      if (character === "}") depth -= 1;
      i += 1;
      continue;
    }
    if (inTemplate && text[span.end - 1] === "{") templateDepths.push(depth);
    for (let j = span.blankFrom; j < span.blankTo; j++) if (masked[j] !== "\n") masked[j] = " ";
    i = span.end;
  }
  return masked.join("");
}

/** The comment, string or regular expression that starts at `start`, if one does. */
function spanAt(text: string, masked: readonly string[], start: number): Span | undefined {
  if (text.startsWith("//", start)) return comment(start, lineEnd(text, start));
  if (text.startsWith("/*", start)) return comment(start, endAfter(text, "*/", start + 2));
  const character = text[start];
  if (character === '"' || character === "'") return quoted(start, stringEnd(text, start));
  if (character === "/" && regexMayStart(masked, start))
    return quoted(start, regexEnd(text, start));
  return undefined;
}

function comment(start: number, end: number): Span {
  return { end, blankFrom: start, blankTo: end };
}

function quoted(start: number, end: number): Span {
  return { end, blankFrom: start + 1, blankTo: end - 1 };
}

/** From a backtick, or from the brace that ends inserted code, to after the next backtick or "${". */
function templateSpan(text: string, start: number): Span {
  let i = start + 1;
  while (i < text.length && text[i] !== "`" && !text.startsWith("${", i))
    i += text[i] === "\\" ? 2 : 1;
  return { end: text[i] === "`" ? i + 1 : i + 2, blankFrom: start + 1, blankTo: i };
}

/** The line, counted from 1, that an offset lies on. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}

/** Every name that a source declares with `export`, overloads once. */
export function exportedNames(text: string): ExportedName[] {
  const declaration =
    /^export (?:declare )?(?:abstract )?(async function\*?|function\*?|class|const|let|type|interface)\s+([\w$]+)/gm;
  const found = [...maskSource(text).matchAll(declaration)].map((match) => ({
    name: match[2] ?? "",
    isType: match[1] === "type" || match[1] === "interface",
    line: lineAt(text, match.index),
    doc: docCommentAbove(text, match.index),
  }));
  return found.filter(
    (one, index) => found.findIndex((other) => other.name === one.name) === index,
  );
}

/** The public names: what src/index.ts passes on, with the file that each comes from. */
export function reexportedNames(text: string): { name: string; source: string; from: string }[] {
  const statement = /^export (?:type )?\{([^}]*)\} from "([^"]+)"/gm;
  return [...text.matchAll(statement)].flatMap((match) =>
    (match[1] ?? "")
      .split(",")
      .map((part) => part.trim().replace(/^type /, ""))
      .filter((part) => part !== "")
      .map((part) => {
        const [source = "", name = source] = part.split(/ as /).map((word) => word.trim());
        return { name, source, from: match[2] ?? "" };
      }),
  );
}

/** The text of a doc comment that ends on the line before `offset`, or undefined. */
function docCommentAbove(text: string, offset: number): string | undefined {
  const before = text.slice(0, offset);
  if (!/\*\/[ \t]*\n$/.test(before)) return undefined;
  const start = before.lastIndexOf("/**");
  if (start < 0) return undefined;
  return before
    .slice(start + 3, before.lastIndexOf("*/"))
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, ""))
    .join("\n")
    .trim();
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end < 0 ? text.length : end;
}

function endAfter(text: string, mark: string, from: number): number {
  const end = text.indexOf(mark, from);
  return end < 0 ? text.length : end + mark.length;
}

function stringEnd(text: string, start: number): number {
  const quote = text[start];
  let i = start + 1;
  while (i < text.length && text[i] !== quote && text[i] !== "\n") i += text[i] === "\\" ? 2 : 1;
  return i + 1;
}

function regexEnd(text: string, start: number): number {
  let inClass = false;
  let i = start + 1;
  while (i < text.length && text[i] !== "\n") {
    if (text[i] === "\\") i += 1;
    else if (text[i] === "[") inClass = true;
    else if (text[i] === "]") inClass = false;
    else if (text[i] === "/" && !inClass) return i + 1;
    i += 1;
  }
  return i;
}

/** A slash starts a regular expression where a value may start, and divides where one has ended. */
function regexMayStart(masked: readonly string[], offset: number): boolean {
  const before = masked
    .slice(Math.max(0, offset - 40), offset)
    .join("")
    .trimEnd();
  if (before === "") return true;
  const word = /[\w$]+$/.exec(before)?.[0];
  if (word !== undefined) return wordsBeforeRegex.has(word);
  return !/[)\]"'`]$/.test(before);
}
