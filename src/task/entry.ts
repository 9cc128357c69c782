/**
 * Where the code of a task is: from what the caller wrote to an `Entry` that another thread can load.
 *
 *   spawn(task(import.meta.url, fn))      registered   the module registers the function when it is loaded
 *   spawn({ module, export })             export       the module exports it
 *   spawn((a, b) => a + b)                source       its text is evaluated there; it closes over nothing
 */
import { QuipeError } from "../errors.ts";
import { type ModuleExports, importModule } from "../runtime/modules.ts";
import type { Entry } from "../sync/messages.ts";
import { evaluateInline, inlineEntry } from "./inline.ts";
import {
  type Place,
  isAmbiguous,
  isElsewhere,
  keysOf,
  placeOf,
  register,
  registeredAt,
} from "./registry.ts";

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

/**
 * Marks a function of a module as startable by reference: `spawn(fn, args)` then loads the module on
 * another thread and runs it there. Call it while the module is evaluated, with `import.meta.url`.
 * The function itself is returned unchanged, so it can also be called directly. Throws `TypeError` for
 * what is not a function, and for generators.
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
  if (/Generator/.test(Object.prototype.toString.call(fn))) {
    throw new TypeError(
      "A generator cannot be a task, since its result cannot travel. Use a function that sends each value: current().quipe.send(value).",
    );
  }
  register(moduleUrl, fn);
  return fn;
}

/**
 * What another thread needs to find the code; `names` are those that an inline function may use besides its
 * parameters. Throws `not-isolated` or `TypeError` for what cannot be a task.
 */
export function entryOf(what: AnyFunction | ModuleFunction, names: readonly string[] = []): Entry {
  if (typeof what === "function") {
    const place = placeOf(what);
    return place === undefined ? inlineEntry(what, names) : { kind: "registered", ...place };
  }
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
  switch (entry.kind) {
    case "source":
      return evaluateInline(entry, "inline", {});
    case "export":
      return exported(await importModule(entry.url), entry);
    case "registered":
      if (registeredAt(entry) === undefined) await importModule(entry.url);
      return registered(entry);
  }
}

/** A module of CommonJS may have all that it exports in its default. */
function exported(
  exports: ModuleExports,
  { url, name }: Extract<Entry, { kind: "export" }>,
): AnyFunction {
  const inDefault = exports["default"] as ModuleExports | null | undefined;
  const found = exports[name] ?? inDefault?.[name];
  if (typeof found === "function") return found as AnyFunction;
  throw new QuipeError(
    "module-not-loaded",
    `${url} has no export "${name}" that is a function. It has ${Object.keys(exports).join(", ") || "no exports"}.`,
  );
}

function registered(place: Place): AnyFunction {
  const found = registeredAt(place);
  if (found !== undefined && !isAmbiguous(place)) return found;
  const keys = keysOf(place.url);
  const why = isAmbiguous(place)
    ? "there are two, with a wait in between. Give them different names"
    : isElsewhere(place)
      ? 'it is known to another copy of quipe only, such as tsx makes for CommonJS. Make its package one of modules: "type": "module" in package.json'
      : `it is not registered when the module is evaluated. Call task() at its top level, on every thread, and not inside a function; it registers ${keys.join(", ") || "nothing"}`;
  throw new QuipeError(
    "module-not-loaded",
    `${place.url} has no task "${place.key}" to start: ${why}.`,
  );
}
