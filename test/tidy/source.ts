/**
 * What the rules of this folder look at, what they find, and how a file is read for them.
 *
 * A rule is a function from one source to its findings; it knows by the path whether it applies.
 */
import { lineAt, maskSource } from "../../scripts/source-text.ts";

/** A file of the project. */
export interface Source {
  /** From the project's root, with forward slashes. */
  readonly path: string;
  readonly text: string;
  /** The same text with comments and the insides of strings blanked; the text itself for other files. */
  readonly code: string;
}

/** Something that a rule does not allow. */
export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly what: string;
}

/** Says what is wrong with a source. */
export type Rule = (source: Source) => Finding[];

/** Makes a source of a path and a text. */
export function makeSource(path: string, text: string): Source {
  return { path, text, code: path.endsWith(".ts") ? maskSource(text) : text };
}

/** A finding on the line of `offset`. */
export function findingAt(source: Source, offset: number, what: string): Finding {
  return { path: source.path, line: lineAt(source.text, offset), what };
}

/** One finding for each match of `pattern` in the code of a source, or in its whole text. */
export function findMatches(
  source: Source,
  where: "code" | "text",
  pattern: RegExp,
  what: string,
): Finding[] {
  return [...source[where].matchAll(pattern)].map((match) =>
    findingAt(source, match.index, `${what}: ${match[0].trim()}`),
  );
}

/** True if the file belongs to one of the given folders of the project. */
export function isIn(source: Source, ...folders: readonly string[]): boolean {
  return folders.some((folder) => source.path.startsWith(`${folder}/`));
}

/** True for TypeScript. */
export function isTypeScript(source: Source): boolean {
  return source.path.endsWith(".ts");
}

/** A finding as a line of text. */
export function tellFinding(finding: Finding): string {
  return `${finding.path}:${finding.line}: ${finding.what}`;
}
