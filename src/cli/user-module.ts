/**
 * The user's module: where it is, how it is loaded, and which of its exports is the function to call.
 *
 * Node loads TypeScript by itself as of 22.18. Where it does not, or where a file needs more than types
 * taken out, tsx does it if it is installed next to the module; if not, the error says both ways out.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { QuipeError } from "../errors.ts";
import { CommandError, errorCode } from "./command-error.ts";

/** A function in a module, as the user named it. */
export interface UserFunction {
  /** The module as it was typed; what errors call it. */
  readonly typed: string;
  readonly url: string;
  /** Without it: the default export, or else the only function that is exported. */
  readonly exportName: string | undefined;
}

/** A function that maps one record. */
export type UserRecordFunction = (record: unknown, shared: unknown, number: number) => unknown;

/** Finds the file that `<module>[#export]` names. Throws a `CommandError` if there is none. */
export function locateUserFunction(typed: string): UserFunction {
  if (isFile(typed))
    return { typed, url: pathToFileURL(resolve(typed)).href, exportName: undefined };
  const hash = typed.lastIndexOf("#");
  const file = hash < 0 ? typed : typed.slice(0, hash);
  const exportName = hash < 0 || hash === typed.length - 1 ? undefined : typed.slice(hash + 1);
  if (/^(file|data|node):/.test(file)) return { typed: file, url: file, exportName };
  if (isFile(file)) return { typed: file, url: pathToFileURL(resolve(file)).href, exportName };
  throw new CommandError(
    `there is no module ${file}${existsSync(file) ? ": it is a directory" : ""}.`,
  );
}

/** Loads the function, in the task that is going to call it. Throws `module-not-loaded` with one clear line. */
export async function loadUserFunction(user: UserFunction): Promise<UserRecordFunction> {
  const exports = await loadModule(user);
  return choose(user, exports);
}

async function loadModule(user: UserFunction): Promise<Record<string, unknown>> {
  try {
    return (await import(user.url)) as Record<string, unknown>;
  } catch (error) {
    if (!needsCompiler(error, user.url)) throw notLoaded(user, error);
    return await loadCompiled(user, error);
  }
}

function needsCompiler(error: unknown, url: string): boolean {
  if (!/\.[cm]?tsx?$/.test(url)) return false;
  const code = errorCode(error);
  return code === "ERR_UNKNOWN_FILE_EXTENSION" || code === "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX";
}

interface Tsx {
  readonly tsImport: (specifier: string, parentUrl: string) => Promise<Record<string, unknown>>;
}

interface TsxManifest {
  readonly exports?: { readonly "./esm/api"?: { readonly import?: { readonly default?: string } } };
}

async function loadCompiled(user: UserFunction, reason: unknown): Promise<Record<string, unknown>> {
  const tsx = findTsx(user.url);
  if (tsx === undefined && errorCode(reason) === "ERR_UNKNOWN_FILE_EXTENSION") {
    const text =
      `${user.typed} is TypeScript, which Node ${process.versions.node} does not load by itself. ` +
      "Install tsx next to it (npm install --save-dev tsx), or use Node 22.18 or later.";
    throw new QuipeError("module-not-loaded", text, { cause: reason });
  }
  if (tsx === undefined) throw notLoaded(user, reason);
  try {
    const { tsImport } = (await import(tsx)) as Tsx;
    return await tsImport(user.url, import.meta.url);
  } catch (error) {
    throw notLoaded(user, error);
  }
}

/** The module of tsx that imports for others. `require.resolve` alone would find the one for CommonJS. */
function findTsx(url: string): string | undefined {
  try {
    const manifest = createRequire(url).resolve("tsx/package.json");
    const { exports } = JSON.parse(readFileSync(manifest, "utf8")) as TsxManifest;
    const file = exports?.["./esm/api"]?.import?.default;
    return file === undefined ? undefined : new URL(file, pathToFileURL(manifest)).href;
  } catch {
    return undefined;
  }
}

function notLoaded(user: UserFunction, error: unknown): QuipeError {
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const [firstLine = what] = what.split("\n");
  const where =
    placeIn(error instanceof Error ? (error.stack ?? "") : "") || syntaxPlace(user, error);
  const text = `${user.typed} does not load: ${firstLine}${where}`;
  return new QuipeError("module-not-loaded", text, { cause: error });
}

/** The first place in a file that a stack names: for a syntax error that is the error's own. */
function placeIn(stack: string): string {
  const place = /file:\/\/[^\s)]+:\d+/.exec(stack);
  return place === null ? "" : ` (${place[0]})`;
}

/** Syntax errors of modules come without their place; Node tells it when it only checks the file. */
function syntaxPlace({ url }: UserFunction, error: unknown): string {
  if (!(error instanceof SyntaxError) || !/^file:.*\.[cm]?js$/.test(url)) return "";
  const check = spawnSync(process.execPath, ["--check", fileURLToPath(url)], { encoding: "utf8" });
  return check.status === 0 ? "" : placeIn(check.stderr.replace(/^\//, "file:///"));
}

function choose(user: UserFunction, exports: Record<string, unknown>): UserRecordFunction {
  const { exportName } = user;
  if (exportName !== undefined) {
    const named = exports[exportName];
    if (typeof named === "function") return named as UserRecordFunction;
    const problem = exportName in exports ? "no function" : "not there";
    throw notThere(user, `the export "${exportName}" is ${problem}`, exports);
  }
  const candidates = [exports["default"]].filter(isFunction);
  if (candidates.length === 0) candidates.push(...Object.values(exports).filter(isFunction));
  const [only] = candidates;
  if (only !== undefined && candidates.length === 1) return only;
  const problem =
    candidates.length === 0 ? "it exports no function" : "it exports several functions";
  throw notThere(user, problem, exports);
}

function notThere(
  user: UserFunction,
  problem: string,
  exports: Record<string, unknown>,
): QuipeError {
  const names = Object.entries(exports).map(([name, value]) =>
    isFunction(value) ? name : `${name} (${value === null ? "null" : typeof value})`,
  );
  const list = names.length === 0 ? "It exports nothing." : `It exports ${names.join(", ")}.`;
  const advice = problem.includes("several") ? ` Name one: ${user.typed}#${names[0]}.` : "";
  return new QuipeError("module-not-loaded", `${user.typed}: ${problem}. ${list}${advice}`);
}

function isFunction(value: unknown): value is UserRecordFunction {
  return typeof value === "function";
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
