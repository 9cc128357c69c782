/**
 * Where the code of a task is: from what the caller wrote to an `Entry` that another thread can load.
 *
 *   spawn(task(import.meta.url, fn))      registered   the module registers the function when it is loaded
 *   spawn({ module, export })             export       the module exports it
 *   spawn((a, b) => a + b)                source       its text is evaluated there; it closes over nothing
 *
 * Bundlers drop the exports of worker files, so `task` registers as a side effect of evaluating the module.
 */
import { QuipeError, inWords } from "../errors.ts";
import type { Entry } from "../sync/messages.ts";
import { evaluateInline, inlineEntry } from "./inline.ts";

/** A function that {@link spawn} may run as a task. */
export type TaskFunction<Args extends readonly unknown[], Result> = (
  ...args: Args
) => Result | PromiseLike<Result>;

/** A function in a module, for {@link spawn}: `export` is its name there, `default` unless said otherwise. */
export interface ModuleFunction {
  /** An absolute URL, as an object or as text. */
  readonly module: URL | string;
  readonly export?: string;
}

type AnyFunction = (...args: never[]) => unknown;

const registered = new Map<string, AnyFunction>();
const entries = new WeakMap<AnyFunction, Entry>();
const unnamed = new Map<string, number>();

/**
 * Marks a function of a module as startable by reference: `spawn(fn, args)` then loads the module on
 * another thread and runs it there. Call it while the module is evaluated, with `import.meta.url`.
 * The function itself is returned unchanged, so it can also be called directly. Throws `TypeError` for
 * what is not a function.
 *
 * @example
 * ```ts
 * import { spawn, task } from "quipe";
 *
 * export const square = task(import.meta.url, function square(x: number): number {
 *   return x * x;
 * });
 *
 * console.log(square(3)); // 9
 * ```
 */
export function task<F extends AnyFunction>(moduleUrl: string, fn: F): F {
  if (typeof fn !== "function")
    throw new TypeError(`Expected a function to make a task of, got ${typeof fn}.`);
  if (typeof moduleUrl !== "string" || !URL.canParse(moduleUrl)) {
    throw new TypeError(
      "Expected the URL of the function's module first: task(import.meta.url, fn).",
    );
  }
  const key = fn.name === "" ? nextUnnamed(moduleUrl) : fn.name;
  registered.set(placeOf(moduleUrl, key), fn);
  entries.set(fn, { kind: "registered", url: moduleUrl, key });
  return fn;
}

/**
 * What another thread needs to find the code; `names` are those that an inline function may use besides its
 * parameters. Throws `not-isolated` or `TypeError` for what cannot be a task.
 */
export function entryOf(what: AnyFunction | ModuleFunction, names: readonly string[] = []): Entry {
  if (typeof what === "function") return entries.get(what) ?? inlineEntry(what, names);
  if (typeof what !== "object" || what === null || !("module" in what)) {
    throw new TypeError(
      "Expected a function, a function made by task(), or { module, export } to spawn.",
    );
  }
  const url = String(what.module);
  if (!URL.canParse(url)) {
    throw new TypeError(
      `Expected an absolute URL as \`module\`, got "${url}". Use new URL("./file.js", import.meta.url).`,
    );
  }
  return { kind: "export", url, name: what.export ?? "default" };
}

/** Loads the code on this thread. Throws `module-not-loaded` with the cause if it cannot be had. */
export async function loadEntry(entry: Entry): Promise<AnyFunction> {
  if (entry.kind === "source") return evaluateInline(entry, "inline", {});
  const known =
    entry.kind === "registered" ? registered.get(placeOf(entry.url, entry.key)) : undefined;
  if (known !== undefined) return known;
  const exports = await load(entry.url);
  const found =
    entry.kind === "export" ? exports[entry.name] : registered.get(placeOf(entry.url, entry.key));
  if (typeof found === "function") return found as AnyFunction;
  const missing = entry.kind === "export" ? `export "${entry.name}"` : `task "${entry.key}"`;
  throw new QuipeError(
    "module-not-loaded",
    `${entry.url} has no ${missing} that is a function. It has ${Object.keys(exports).join(", ") || "no exports"}.`,
  );
}

async function load(url: string): Promise<Record<string, unknown>> {
  try {
    return (await import(url)) as Record<string, unknown>;
  } catch (error) {
    throw new QuipeError("module-not-loaded", `${url} could not be loaded: ${inWords(error)}`, {
      cause: error,
    });
  }
}

function placeOf(url: string, key: string): string {
  return `${url}#${key}`;
}

/** Functions without a name are told apart by the order in which their module registers them. */
function nextUnnamed(url: string): string {
  const count = unnamed.get(url) ?? 0;
  unnamed.set(url, count + 1);
  return `#${count}`;
}
