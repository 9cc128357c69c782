/**
 * The modules of tasks: loading them, TypeScript too, and saying what is wrong with those that do not load.
 *
 * Node loads TypeScript by itself as of 22.18. Where it does not, or where a file needs more than types
 * taken out, tsx does it if it is installed next to the module; if not, the error says both ways out. tsx takes
 * part in all that the thread imports from then on, so a module and quipe share what they import.
 */
import { QuipeError } from "../errors.ts";
import { runtimeName } from "./host.ts";
import { findParser } from "./parser.ts";

/** What a module exports, by name. */
export type ModuleExports = Readonly<Record<string, unknown>>;

/** Whether `specifier` names a module that comes with the runtime. */
export function isBuiltinModule(specifier: string): boolean {
  return globalThis.process?.getBuiltinModule?.("node:module").isBuiltin(specifier) ?? false;
}

/** What quipe's own modules are imported by, and where they are from here. */
const OWN_MODULES: Readonly<Record<string, string>> = {
  quipe: "../index.js",
  "quipe/streams": "../quipe/duplex.js",
};

const OWN_IMPORT = /\bimport\(\s*(["'`])(quipe(?:\/streams)?)\1\s*\)/g;

/**
 * The text of an inline function, in which `import("quipe")` finds this very copy of quipe. Elsewhere the runtime looks for
 * a package from where the function is evaluated; in a browser a name alone means nothing to a worker, whatever import map
 * the page has.
 */
export function withOwnImports(text: string): string {
  if (runtimeName() !== "browser") return text;
  const here = import.meta.url; // apart from URL, or bundlers take it for a file of theirs
  return text.replace(OWN_IMPORT, (_all, _quote, name: string) => {
    return `import(${JSON.stringify(new URL(OWN_MODULES[name] ?? "", here).href)})`;
  });
}

/** Imports a module, which errors call `called`. Throws `module-not-loaded` with what is wrong, and where. */
export async function importModule(url: string, called: string = url): Promise<ModuleExports> {
  const tsx = isTsxFirst(url) ? findTsx(url) : undefined;
  if (tsx !== undefined) return await importCompiled({ url, called }, tsx);
  try {
    return exportsOf((await import(url)) as ModuleExports);
  } catch (error) {
    const isCurable = isTypeScript(url) && CURABLE.has(codeOf(error));
    const compiler = isCurable && runtimeName() === "node" ? findTsx(url) : undefined;
    if (compiler === undefined) throw notLoaded({ url, called }, error, isCurable);
    return await importCompiled({ url, called }, compiler);
  }
}

/** What a compiler has made CommonJS of may have all that it exports in its default. */
function exportsOf(exports: ModuleExports): ModuleExports {
  const all = exports["default"] as ModuleExports | null | undefined;
  return all?.["__esModule"] === true ? all : exports;
}

interface Module {
  readonly url: string;
  readonly called: string;
}

/** What tsx makes good: syntax that is more than types, `./helper` for `./helper.ts`, and TypeScript as such. */
const CURABLE: ReadonlySet<unknown> = new Set([
  "ERR_UNKNOWN_FILE_EXTENSION",
  "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX",
  "ERR_INVALID_TYPESCRIPT_SYNTAX",
  "ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING",
  "ERR_UNSUPPORTED_DIR_IMPORT",
  "ERR_MODULE_NOT_FOUND",
]);

/** The first version of Node that forgets a module which did not load, so that another try can succeed. */
const FORGETS_FAILURES = 24;

/**
 * Before Node 24 there is no second try. As of Node 22 a thread has tsx by itself if the program was started with
 * it; before, JavaScript may import TypeScript here only if quipe sees to it.
 */
function isTsxFirst(url: string): boolean {
  if (runtimeName() !== "node") return false;
  const major = Number.parseInt(process.versions.node, 10);
  if (major >= FORGETS_FAILURES) return false;
  return isTypeScript(url) || (major < 22 && startedWithTsx() !== undefined);
}

function isTypeScript(url: string): boolean {
  return /\.[cm]?tsx?(?:[?#]|$)/.test(url);
}

interface TsxApi {
  readonly register: () => unknown;
}

let registered: Promise<void> | undefined;

async function importCompiled(module: Module, tsx: readonly string[]): Promise<ModuleExports> {
  try {
    registered ??= registerTsx(tsx);
    await registered;
    return exportsOf((await import(module.url)) as ModuleExports);
  } catch (error) {
    throw notLoaded(module, error);
  }
}

async function registerTsx(apis: readonly string[]): Promise<void> {
  for (const api of apis) ((await import(api)) as TsxApi).register();
}

type ExportsOfTsx = Readonly<
  Record<string, { readonly import?: { readonly default?: string } } | undefined>
>;

/** The modules of tsx that are asked to take part: of the one next to a module, or of the one that runs the program. */
function findTsx(url: string): readonly string[] | undefined {
  const places = [url, startedWithTsx()].filter((place) => place?.startsWith("file:"));
  for (const place of places) {
    try {
      return tsxFrom(place as string);
    } catch {
      // Not to be seen from there.
    }
  }
  return undefined;
}

/** For modules and for CommonJS. `require.resolve` of them would find others, that are for CommonJS to use. */
function tsxFrom(place: string): readonly string[] {
  const { createRequire } = process.getBuiltinModule("node:module");
  const { pathToFileURL } = process.getBuiltinModule("node:url");
  const manifest = createRequire(place).resolve("tsx/package.json");
  const text = process.getBuiltinModule("node:fs").readFileSync(manifest, "utf8");
  const { exports } = JSON.parse(text) as { readonly exports: ExportsOfTsx };
  return ["./esm/api", "./cjs/api"].map((name) => {
    const file = exports[name]?.import?.default ?? "";
    return new URL(file, pathToFileURL(manifest)).href;
  });
}

function startedWithTsx(): string | undefined {
  return process.execArgv.find((argument) => /^file:.*\/tsx\/dist\/\w+\.mjs$/.test(argument));
}

function notLoaded({ url, called }: Module, error: unknown, isCurable = false): QuipeError {
  if (isCurable && codeOf(error) === "ERR_UNKNOWN_FILE_EXTENSION") {
    const text =
      `${called} is TypeScript, which Node ${process.versions.node} does not load by itself. ` +
      "Install tsx next to it (npm install --save-dev tsx), or use Node 22.18 or later.";
    return new QuipeError("module-not-loaded", text, { cause: error });
  }
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const [firstLine = what] = what.split("\n");
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  const where = placeIn(stack) || syntaxPlace(url, error);
  const advice =
    isCurable && codeOf(error) !== "ERR_MODULE_NOT_FOUND"
      ? " Node takes only types out of TypeScript; for the rest install tsx next to it (npm install --save-dev tsx)."
      : "";
  const text = `${called} does not load: ${firstLine}${where}${advice === "" ? "" : `.${advice}`}`;
  return new QuipeError("module-not-loaded", text, { cause: error });
}

/** The first place in a file that a stack names: for a syntax error that is the error's own. */
function placeIn(stack: string): string {
  const place = /file:\/\/[^\s)]+:\d+/.exec(stack);
  return place === null ? "" : ` (${place[0]})`;
}

/** Syntax errors of modules come without their place in Node; a parser finds it. */
function syntaxPlace(url: string, error: unknown): string {
  if (!(error instanceof SyntaxError) || !/^file:.*\.m?js$/.test(url)) return "";
  try {
    const text = process.getBuiltinModule("node:fs").readFileSync(new URL(url), "utf8");
    findParser()?.parse(text, { ecmaVersion: "latest", sourceType: "module" });
  } catch (found) {
    const place = (found as { readonly loc?: { readonly line: number } }).loc;
    if (place !== undefined) return ` (${url}:${place.line})`;
  }
  return "";
}

function codeOf(error: unknown): unknown {
  return (error as { readonly code?: unknown } | null | undefined)?.code;
}
