/** The user's module: where it is, and which of its exports is the function to call. */
import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { QuipeError } from "../errors.ts";
import { type ModuleExports, importModule } from "../runtime/modules.ts";
import { CommandError } from "./command-error.ts";

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
  const exports = await importModule(user.url, user.typed);
  return choose(user, exports);
}

function choose(user: UserFunction, exports: ModuleExports): UserRecordFunction {
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

function notThere(user: UserFunction, problem: string, exports: ModuleExports): QuipeError {
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
