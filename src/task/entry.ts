/**
 * Where the code of a task is: from what the caller wrote to an `Entry` that another thread can load.
 *
 *   spawn(task(import.meta.url, fn))      registered   the module registers the function when it is loaded
 *   spawn({ module, export })             export       the module exports it
 *   spawn((a, b) => a + b)                source       its text is evaluated there; it closes over nothing
 */
import { given } from "../errors.ts";
import type { Entry } from "../sync/messages.ts";
import type { WorkerFunction } from "./own-worker.ts";
import { joinAsGuest } from "./guest-thread.ts";
import { inlineEntry } from "./inline.ts";
import { placeOf, register } from "./registry.ts";

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
 * `name` is the function's own unless said otherwise; say it where a minifier may change that, and other code asks
 * for it by name. The function itself is returned unchanged, so it can also be called directly. Throws `TypeError` for
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
export function task<F extends AnyFunction>(moduleUrl: string, fn: F, name?: string): F {
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
  if (name !== undefined && typeof name !== "string")
    throw new TypeError(`Expected the name of a task to be a string, got ${given(name)}.`);
  register(moduleUrl, fn, name ?? fn.name);
  joinAsGuest();
  return fn;
}

/**
 * What another thread needs to find the code; `names` are those that an inline function may use besides its
 * parameters. Throws `not-isolated` or `TypeError` for what cannot be a task.
 */
export function entryOf(
  what: AnyFunction | ModuleFunction | WorkerFunction,
  names: readonly string[] = [],
): Entry {
  if (typeof what === "function") {
    const place = placeOf(what);
    return place === undefined ? inlineEntry(what, names) : { kind: "registered", ...place };
  }
  if (typeof what !== "object" || what === null || !("module" in what || "worker" in what)) {
    throw new TypeError(
      "Expected a function, a function made by task(), { module, export } or { worker, task } to spawn.",
    );
  }
  if ("worker" in what) return { kind: "guest", name: what.task };
  const url = String(what.module);
  if (!URL.canParse(url)) {
    throw new TypeError(
      `Expected an absolute URL as \`module\`, got "${url}". Use new URL("./file.js", import.meta.url).`,
    );
  }
  const { export: name = "default" } = what;
  if (typeof name !== "string")
    throw new TypeError(`Expected \`export\` to be the name of a function, got ${given(name)}.`);
  return { kind: "export", url, name };
}
