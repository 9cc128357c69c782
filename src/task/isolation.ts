/**
 * Whether an inline function can run on another thread: it may use its parameters, globals and the names
 * that are handed over with it. What it takes from around it besides is told by name, all of it at once.
 */
import { QuipeError } from "../errors.ts";
import { isBuiltinModule } from "../runtime/modules.ts";
import { COMMON_JS, isGlobalSomewhere, originOf } from "./compiler-names.ts";
import type { FreeName, Surroundings } from "./free-names.ts";

const USE_IMPORTS =
  'For imports and functions mark a function of their module with task(import.meta.url, fn), or use await import() with "quipe", a built-in module or an absolute URL.';

interface Kind {
  readonly say: (list: string) => string;
  readonly advice: readonly string[];
}

/** The kinds of things that a function may not take, in the order in which they are told. */
const KINDS = {
  captured: {
    say: (list) => list,
    advice: [
      "Pass values as arguments, or as names: spawn(fn, args, { names: { … } }).",
      USE_IMPORTS,
    ],
  },
  itself: {
    say: (list) => `${list}, which is a variable outside`,
    advice: ["To call itself a function needs a name of its own: function name(…) { … }."],
  },
  assigned: {
    say: (list) => `${list} to assign to`,
    advice: ["Return what is to be known outside, or put data that many change behind a guard."],
  },
  import: { say: (list) => `the imports ${list}`, advice: [USE_IMPORTS] },
  dynamic: { say: (list) => list, advice: [USE_IMPORTS] },
  commonjs: {
    say: (list) => `${list} of CommonJS`,
    advice: ["Use await import() or process.getBuiltinModule(), or mark a function with task()."],
  },
  object: {
    say: (list) => `${list} of what is around it`,
    advice: ["Use a function that stands by itself, and pass what it needs of the object."],
  },
  meta: {
    say: (list) => list,
    advice: ["Pass what it needs of import.meta as an argument, such as import.meta.url."],
  },
  eval: {
    say: (list) => list,
    advice: ["What direct eval uses cannot be checked: use (0, eval)(text) or new Function(text)."],
  },
  helper: {
    say: (list) => `the compiler's helpers ${list}`,
    advice: [
      "They stand for syntax that the compiler was told to avoid: raise its target to ES2022 or later.",
    ],
  },
} satisfies Readonly<Record<string, Kind>>;

const KIND_NAMES = Object.keys(KINDS) as (keyof typeof KINDS)[];

/** What was found, by its kind. */
type Findings = { [K in keyof typeof KINDS]?: string[] };

/** Throws `not-isolated`, naming everything, unless `surroundings` is nothing but globals and `known` names. */
export function checkIsolation(
  fn: string,
  surroundings: Surroundings,
  known: ReadonlySet<string>,
): void {
  const findings: Findings = {};
  findNames(fn, surroundings, known, findings);
  findWords(surroundings, findings);
  findImports(surroundings, findings);
  const kinds = KIND_NAMES.filter((kind) => kind in findings).map((kind) => KINDS[kind]);
  if (kinds.length === 0) return;
  const found = KIND_NAMES.flatMap((kind) => {
    const list = findings[kind];
    return list === undefined ? [] : [KINDS[kind].say(list.join(", "))];
  }).join("; ");
  const advice = [...new Set(kinds.flatMap((kind) => kind.advice))].join(" ");
  throw notIsolated(fn, `needs what another thread does not have: ${found}. ${advice}`);
}

/** The error of a function that cannot run on another thread. */
export function notIsolated(fn: string, why: string): QuipeError {
  const name = fn === "" ? "This inline function" : `The inline function "${fn}"`;
  return new QuipeError("not-isolated", `${name} ${why}`);
}

function note(findings: Findings, kind: keyof Findings, ...found: string[]): void {
  findings[kind] = [...(findings[kind] ?? []), ...found];
}

function findNames(
  fn: string,
  { names }: Surroundings,
  known: ReadonlySet<string>,
  findings: Findings,
): void {
  for (const [name, use] of names) {
    if (known.has(name) || isGlobal(name) || (use.isTested && isGlobalSomewhere(name))) continue;
    const origin = originOf(name, !use.isUsedWhole && use.members.size > 0);
    if (origin === "import") note(findings, "import", ...importedNames(name, use));
    else if (origin === "meta") note(findings, "meta", "import.meta");
    else if (origin !== "captured") note(findings, origin, name);
    else if (use.isAssigned) note(findings, "assigned", name);
    else note(findings, name === fn ? "itself" : "captured", name);
  }
}

/** `helper (__vite_ssr_import_0__.helper)`: as it was written, and as it stands there. */
function importedNames(name: string, { members }: FreeName): string[] {
  return members.size === 0
    ? [name]
    : [...members].map((member) => `${member} (${name}.${member})`);
}

function findWords({ words, privateNames }: Surroundings, findings: Findings): void {
  for (const word of words) {
    if (word === "import.meta") note(findings, "meta", word);
    else if (word === "eval") note(findings, "eval", "direct eval");
    else note(findings, "object", word);
  }
  for (const name of privateNames) note(findings, "object", name);
}

/** A relative path, or a package, is looked for from where a module is: it does not mean the same everywhere. */
function findImports({ imports }: Surroundings, findings: Findings): void {
  for (const specifier of imports) {
    if (specifier === undefined || /^quipe(?:\/|$)/.test(specifier)) continue;
    if (URL.canParse(specifier) || isBuiltinModule(specifier)) continue;
    note(findings, "dynamic", `import("${specifier}")`);
  }
}

/** Consoles and `node -e` make the names of CommonJS global; no worker has them. */
function isGlobal(name: string): boolean {
  return name in globalThis && !COMMON_JS.has(name);
}
