/**
 * Whether an inline function can run on another thread: it may use its parameters, globals and the names
 * that are handed over with it. What it takes from around it besides is told by name, all of it at once.
 */
import { QuipeError } from "../errors.ts";
import { isBuiltinModule } from "../runtime/modules.ts";
import { COMMON_JS, isGlobalSomewhere, originOf } from "./compiler-names.ts";
import type { FreeName, Surroundings } from "./free-names.ts";

/** A complaint: what was found, and what to do about it. */
interface Complaint {
  readonly what: string;
  readonly advice: readonly (keyof typeof ADVICE)[];
}

/** The order is that in which advice is given. */
const ADVICE = {
  name: "Pass values as arguments, or as names: spawn(fn, args, { names: { … } }).",
  self: "To call itself a function needs a name of its own: function name(…) { … }.",
  result: "Return what is to be known outside, or put data that is changed together behind a guard.",
  import:
    'For imports and functions mark a function of their module with task(import.meta.url, fn), or use await import() with "quipe", a built-in module or an absolute URL.',
  require:
    "CommonJS is not there: use await import() or process.getBuiltinModule(), or task() in a module.",
  helper:
    "Helpers stand for syntax that the compiler was told to avoid: raise its target to ES2022 or later.",
  object: "Use a function that stands by itself, and pass what it needs of the object or class.",
  meta: "Pass what it needs of import.meta as an argument, such as import.meta.url.",
  eval: "What direct eval uses cannot be checked: use (0, eval)(text) or new Function(text).",
} as const;

/** Throws `not-isolated`, naming everything, unless `surroundings` is nothing but globals and `known` names. */
export function checkIsolation(
  fn: string,
  surroundings: Surroundings,
  known: ReadonlySet<string>,
): void {
  const complaints = [
    ...complaintsOfNames(fn, surroundings.names, known),
    ...complaintsOfWords(surroundings),
    ...complaintsOfImports(surroundings.imports),
  ];
  if (complaints.length === 0) return;
  const wanted = new Set(complaints.flatMap(({ advice }) => advice));
  const advice = (Object.keys(ADVICE) as (keyof typeof ADVICE)[]).filter((key) => wanted.has(key));
  const found = complaints.map(({ what }) => what).join("; ");
  throw notIsolated(
    fn,
    `runs on another thread, where it has only its parameters, globals and the names handed over. It uses ${found}. ${advice.map((key) => ADVICE[key]).join(" ")}`,
  );
}

/** The error of a function that cannot run on another thread. */
export function notIsolated(fn: string, why: string, cause?: unknown): QuipeError {
  const name = fn === "" ? "This inline function" : `The inline function "${fn}"`;
  return new QuipeError(
    "not-isolated",
    `${name} ${why}`,
    cause === undefined ? undefined : { cause },
  );
}

function complaintsOfNames(
  fn: string,
  names: Surroundings["names"],
  known: ReadonlySet<string>,
): Complaint[] {
  const lists: { [K in "captured" | "assigned" | "import" | "helper" | "commonjs"]: string[] } = {
    captured: [],
    assigned: [],
    import: [],
    helper: [],
    commonjs: [],
  };
  let callsItself = false;
  let usesMeta = false;
  for (const [name, use] of names) {
    if (known.has(name) || isGlobal(name) || (use.isTested && isGlobalSomewhere(name))) continue;
    const origin = originOf(name, !use.isUsedWhole && use.members.size > 0);
    if (origin === "import") lists.import.push(...importedNames(name, use));
    else if (origin === "bundler") lists.import.push(`${name} of the bundler`);
    else if (origin === "meta") usesMeta = true;
    else if (origin !== "captured") lists[origin].push(name);
    else if (use.isAssigned) lists.assigned.push(name);
    else if (name === fn) callsItself = true;
    else lists.captured.push(name);
  }
  const complaints: Complaint[] = [];
  const complain = (list: readonly string[], what: string, ...advice: Complaint["advice"]): void => {
    if (list.length > 0) complaints.push({ what: `${what}${list.join(", ")}`, advice });
  };
  complain(lists.captured, "from around it ", "name", "import");
  complain(callsItself ? [fn] : [], "itself by the name of a variable, ", "self");
  complain(lists.assigned, "variables from around it that it assigns to, ", "result");
  complain(lists.import, "imports: ", "import");
  complain(lists.commonjs, "what only CommonJS modules have: ", "require");
  complain(usesMeta ? ["import.meta"] : [], "", "meta");
  complain(lists.helper, "helpers that a compiler has put in: ", "helper");
  return complaints;
}

/** `helper (__vite_ssr_import_0__.helper)`: as it was written, and as it stands there. */
function importedNames(name: string, { members }: FreeName): string[] {
  return [...members].map((member) => `${member} (${name}.${member})`);
}

function complaintsOfWords({ words, privateNames }: Surroundings): Complaint[] {
  const complaints: Complaint[] = [];
  const outer = ["this", "super", "new.target"].filter((word) => words.has(word as "this"));
  const ofObject = [...outer, ...privateNames];
  if (ofObject.length > 0) {
    complaints.push({ what: `${ofObject.join(", ")} of what is around it`, advice: ["object"] });
  }
  if (words.has("import.meta")) complaints.push({ what: "import.meta", advice: ["meta"] });
  if (words.has("eval")) complaints.push({ what: "direct eval", advice: ["eval"] });
  return complaints;
}

/** What does not mean the same everywhere: a relative path, or a package, is looked for from where a module is. */
function complaintsOfImports(imports: Surroundings["imports"]): Complaint[] {
  const bad = imports.filter(
    (specifier): specifier is string => specifier !== undefined && !meansTheSameEverywhere(specifier),
  );
  if (bad.length === 0) return [];
  return [{ what: bad.map((one) => `import("${one}")`).join(", "), advice: ["import"] }];
}

function meansTheSameEverywhere(specifier: string): boolean {
  return (
    /^quipe(?:\/|$)/.test(specifier) || URL.canParse(specifier) || isBuiltinModule(specifier)
  );
}

/** Consoles and `node -e` make the names of CommonJS global; no worker has them. */
function isGlobal(name: string): boolean {
  return name in globalThis && !COMMON_JS.has(name);
}
