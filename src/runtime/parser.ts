/**
 * A parser of JavaScript, for those who have to look into code: acorn, loaded when it is first asked for.
 *
 * It is a package of its own, so it may be missing where quipe was bundled into one file; whoever asks must
 * then do without.
 */

/** A node of a syntax tree as ESTree describes it; what else it has depends on `type`. */
export interface SyntaxNode {
  readonly type: string;
  /** Where it is in the text, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

/** How {@link Parser} reads a text; acorn's own options. */
export interface ParserOptions {
  readonly ecmaVersion: "latest";
  readonly sourceType: "script" | "module";
  readonly allowSuperOutsideMethod?: boolean;
  readonly allowImportExportEverywhere?: boolean;
  readonly checkPrivateFields?: boolean;
  readonly onComment?: (isBlock: boolean, text: string, start: number) => void;
}

/** The one function of acorn that quipe uses. Throws `SyntaxError`, with `pos` and `loc`. */
export interface Parser {
  parse(text: string, options: ParserOptions): SyntaxNode;
}

let loaded: { readonly parser: Parser | undefined } | undefined;

/** The parser; undefined if there is none here. The first call takes some 10 ms. */
export function findParser(): Parser | undefined {
  loaded ??= { parser: load() };
  return loaded.parser;
}

function load(): Parser | undefined {
  try {
    const { createRequire } = process.getBuiltinModule("node:module");
    return createRequire(import.meta.url)("acorn") as Parser;
  } catch {
    return undefined;
  }
}
