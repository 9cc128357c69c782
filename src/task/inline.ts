/**
 * Inline functions: their text travels, so they close over nothing. The spawner checks that, before anything
 * is started; the other thread makes a function of the text again.
 *
 *   (x) => x * rate      text, with `rate` free      "use strict"; const { rate } = …; return ((x) => x * rate)
 *
 * What the check finds depends on the text alone and is kept for it, so that spawning a function again costs a
 * look into a table. Without a parser, or for syntax that is newer than it, a missing name shows when it is met.
 */
import { QuipeError } from "../errors.ts";
import { withOwnImports } from "../runtime/modules.ts";
import { type Parser, type SyntaxNode, findParser } from "../runtime/parser.ts";
import type { Entry } from "../sync/messages.ts";
import { standIn, standInsFor } from "./compiler-names.ts";
import { type Surroundings, surroundingsOf } from "./free-names.ts";
import { assigned } from "./handed-names.ts";
import { nameInLine } from "./named-frame.ts";
import { checkIsolation, notIsolated } from "./isolation.ts";

/** The code of an inline function. */
export type SourceEntry = Extract<Entry, { kind: "source" }>;

type AnyFunction = (...args: never[]) => unknown;

/** What is known of an inline function. */
interface Inline {
  readonly entry: SourceEntry;
  /** What it takes from around it; undefined if that could not be found out. */
  readonly surroundings: Surroundings | undefined;
  /** Whether it takes nothing that would have to be handed over. */
  isIsolated: boolean;
}

const byFunction = new WeakMap<AnyFunction, Inline>();
const byText = new Map<string, Inline>();
/** Texts that are remembered. A program has few places with inline functions; this is for one that makes them up. */
const MAX_TEXTS = 500;

/**
 * The code of `fn`, for a thread that has nothing of what is around it here. Throws `not-isolated` if it needs
 * more than its parameters, globals and `names`, and `name-locked` if it assigns to one of these.
 */
export function inlineEntry(fn: AnyFunction, names: readonly string[]): SourceEntry {
  for (const name of names) checkVariableName(name);
  let inline = byFunction.get(fn);
  if (inline === undefined) byFunction.set(fn, (inline = inlineOf(fn)));
  const { entry, surroundings } = inline;
  if (surroundings !== undefined) refuseAssigned(nameOf(fn), surroundings, names);
  if (surroundings === undefined || inline.isIsolated) return entry;
  checkIsolation(nameOf(fn), surroundings, new Set([...entry.standIns, ...names]));
  inline.isIsolated = names.length === 0;
  return entry;
}

function refuseAssigned(fn: string, surroundings: Surroundings, names: readonly string[]): void {
  const found = names.find((name) => surroundings.names.get(name)?.isAssigned === true);
  if (found === undefined) return;
  const subject = fn === "" ? "This inline function" : `The inline function "${fn}"`;
  throw assigned(`${subject} assigns to ${found}`, found);
}

/** Makes the function again, on its new thread; `name` is what stacks and debuggers call its code. */
export function evaluateInline(
  { text, standIns }: SourceEntry,
  name: string,
  names: Readonly<Record<string, unknown>>,
): AnyFunction {
  const stand = standIns.map((key) => [key, standIn(key)] as const);
  const known: object = Object.fromEntries([...stand, ...Object.entries(names)]);
  const keys = Object.keys(known).join(", ");
  const code = `(function () { "use strict"; const { ${keys} } = arguments[0]; return (${withOwnImports(text)}\n); })\n//# sourceURL=task:${encodeURI(nameInLine(name))}`;
  // A function of the program itself, on another thread: the price of inline tasks. It sees nothing of this module.
  // oxlint-disable-next-line no-eval
  const evaluate = globalThis.eval;
  try {
    return (evaluate(code) as (known: object) => AnyFunction)(known);
  } catch (error) {
    throw isOfKind(error, "EvalError") ? evaluationForbidden(name, error) : error;
  }
}

function evaluationForbidden(name: string, cause: unknown): QuipeError {
  return new QuipeError(
    "unsupported",
    `The inline task "${name}" cannot be made again from its text: the Content-Security-Policy of this thread's script forbids to evaluate text (its script-src lacks 'unsafe-eval'). ` +
      "Put the function into a module and mark it with task(import.meta.url, fn), or spawn({ module, export }).",
    { cause },
  );
}

/** Throws `TypeError` for a name that no variable can have. */
function checkVariableName(name: string): void {
  if (IDENTIFIER.test(name) && compiles(`const ${name} = 0;`)) return;
  throw new TypeError(
    `Expected the keys of \`names\` to be names that a variable can have, got "${name}".`,
  );
}

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u;

function inlineOf(fn: AnyFunction): Inline {
  const text = Function.prototype.toString.call(fn);
  const known = byText.get(text);
  if (known !== undefined) return known;
  const inline = inlineOfText(text, nameOf(fn));
  const [oldest] = byText.keys();
  if (byText.size === MAX_TEXTS && oldest !== undefined) byText.delete(oldest);
  byText.set(text, inline);
  return inline;
}

function inlineOfText(text: string, name: string): Inline {
  const parser = findParser();
  try {
    const shape = parser === undefined ? undefined : shapeOf(text, parser);
    if (shape === undefined) return unchecked(text, name);
    const { fn, isMethod } = shape;
    const why = whyNoTask(shape);
    if (why !== undefined) throw notIsolated(name, why);
    return {
      entry: entryOf(isMethod ? asExpression(text, shape, name) : text),
      surroundings: surroundingsOf(fn, !isMethod),
      isIsolated: false,
    };
  } catch (error) {
    if (isOfKind(error, "RangeError")) return unchecked(text, name); // nested deeper than the parser's stack is
    throw error;
  }
}

function entryOf(text: string): SourceEntry {
  return { kind: "source", text, standIns: standInsFor(text) };
}

/** The tree of a function, and what kind of function it is. */
interface Shape {
  readonly fn: SyntaxNode;
  /** How much stands before `text` where it was parsed, which the tree's positions count. */
  readonly offset: number;
  readonly isMethod: boolean;
  readonly isAccessor: boolean;
  readonly hasOldComment: boolean;
}

/** Wrapped like this, a text is parsed as the strict code that it is going to be; methods stand in classes only. */
const WRAPPINGS = [
  { before: '(function () { "use strict"; return (', after: "\n); })", isMethod: false },
  { before: "(class { ", after: "\n})", isMethod: true },
] as const;

/** Undefined if the parser understands it in no way. */
function shapeOf(text: string, parser: Parser): Shape | undefined {
  for (const { before, after, isMethod } of WRAPPINGS) {
    let hasOldComment = false;
    const code = before + text + after;
    const tree = tryParse(code, parser, (start) => {
      if (code[start] !== "/") hasOldComment = true;
    });
    const found = tree === undefined ? undefined : innermost(tree, isMethod);
    if (found === undefined) continue;
    const fn = isMethod ? (found["value"] as SyntaxNode) : found;
    const isAccessor = found["kind"] === "get" || found["kind"] === "set";
    return { fn, offset: before.length, isMethod, isAccessor, hasOldComment };
  }
  return undefined;
}

function tryParse(
  code: string,
  parser: Parser,
  onComment: (start: number) => void,
): SyntaxNode | undefined {
  try {
    return parser.parse(code, {
      ecmaVersion: "latest",
      sourceType: "script",
      allowSuperOutsideMethod: true,
      allowImportExportEverywhere: true,
      checkPrivateFields: false,
      onComment: (_isBlock, _text, start) => onComment(start),
    });
  } catch (error) {
    if (isOfKind(error, "SyntaxError")) return undefined;
    throw error;
  }
}

/** The node of the wrapped text, if it is a function, a class or a method. */
function innermost(tree: SyntaxNode, isMethod: boolean): SyntaxNode | undefined {
  const [{ expression: wrapping }] = tree["body"] as [{ expression: SyntaxNode }];
  const member = (wrapping["body"] as { readonly body: readonly SyntaxNode[] }).body.at(-1);
  if (isMethod) return member?.type === "MethodDefinition" ? member : undefined;
  const value = (member?.["argument"] ?? member) as SyntaxNode | undefined;
  return value !== undefined && FUNCTIONS.has(value.type) ? value : undefined;
}

const FUNCTIONS: ReadonlySet<string> = new Set([
  "ArrowFunctionExpression",
  "FunctionExpression",
  "ClassExpression",
]);

/** Test runners evaluate modules with built-in classes of their own, and the parser with others. */
function isOfKind(error: unknown, name: string): boolean {
  return (error as { readonly name?: unknown } | undefined)?.name === name;
}

function whyNoTask({ fn, isAccessor, hasOldComment }: Shape): string | undefined {
  if (fn.type === "ClassExpression") {
    return "is a class. Spawn a function that makes an instance inside.";
  }
  if (isAccessor) return "is a getter or a setter. Spawn a function that takes what it needs.";
  if (fn["generator"] === true) {
    return "is a generator, whose result cannot travel. Use a function that sends each value instead: current().quipe.send(value).";
  }
  if (hasOldComment) {
    return "has <!-- or --> in its text, which means a comment where it is evaluated. Put a space in between.";
  }
  return undefined;
}

/** `name(x) {…}` is no expression; inside an object it is. */
function asExpression(text: string, { fn, offset }: Shape, name: string): string {
  const key = JSON.stringify(name === "" ? "method" : name);
  const prefix = fn["async"] === true ? "async " : "";
  return `({ ${prefix}${key}${text.slice(fn.start - offset)} })[${key}]`;
}

/** Without a look into it: all that can be asked is whether the engine understands it by itself. */
function unchecked(text: string, name: string): Inline {
  const candidates = [text, `Object.values({ ${text} })[0]`];
  const found = candidates.find(parses);
  if (found !== undefined) {
    return { entry: entryOf(found), surroundings: undefined, isIsolated: true };
  }
  if (/\{\s*\[native code\]\s*\}\s*$/.test(text)) {
    throw notIsolated(
      name,
      `is native or bound, so its code cannot be sent. Wrap it: (x) => ${name || "fn"}(x).`,
    );
  }
  throw notIsolated(
    name,
    "is not strict code, as tasks are, or does not stand on its own. Use a function of a module.",
  );
}

function parses(expression: string): boolean {
  return compiles(`return (${expression}\n);`);
}

function compiles(body: string): boolean {
  try {
    // Compiled, never called: the text is a function that this program already contains.
    // oxlint-disable-next-line typescript/no-implied-eval
    return new Function(`"use strict"; ${body}`) instanceof Function;
  } catch (error) {
    return isOfKind(error, "EvalError"); // nothing can be found out here; the other thread may be allowed to
  }
}

/** A function may have been given any name, also one that is no text. */
function nameOf(fn: AnyFunction): string {
  return typeof fn.name === "string" ? fn.name : "";
}
