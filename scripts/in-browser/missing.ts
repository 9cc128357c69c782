/**
 * What a browser does not have, and how it is known that a test failed for want of it: such a test is skipped, with the
 * reason. What quipe itself asks for in vain is never excused.
 */
import { BLOCKS } from "./blocked.ts";

/** How the error of a stand-in begins. */
const PREFIX = "This needs ";

/** Something of a module of Node, such as `readFileSync` of `node:fs`; it may be named, and not used. */
export function missing(module: string, name: string): unknown {
  const refuse = (): never => {
    throw new Error(`${PREFIX}${name} of ${module}, which a browser does not have.`);
  };
  return new Proxy(function () {}, {
    apply: refuse,
    construct: refuse,
    get: (_target, key) => (key === "prototype" ? Object.prototype : refuse()),
  });
}

/** Globals and the like of Node, by what browsers say of who uses them. */
const OF_NODE: readonly (readonly [RegExp, string])[] = [
  [/This needs (.+ of node:.+), which a browser does not have\./, "$1"],
  [/\b(process|Buffer|gc) is not defined|Can't find variable: (process|Buffer|gc)/, "$1$2"],
  [/process\.getBuiltinModule is not a function/, "process.getBuiltinModule"],
  [/This runtime has no (node:\w+)/, "$1"],
  [/dynamically imported module: (node:[\w/]+)/, "$1"],
  [/(Symbol\.(?:asyncDispose|dispose)) is not defined/, "$1"],
  [/\.unref is not a function/, "unref() of timers"],
];

/** What a page says of who blocks it. */
const PAGE_BLOCKED =
  /Atomics\.wait cannot be called in this context|waiting is not allowed on this thread/i;

/** What a test needs that a browser does not have, if that is why it failed; also on another thread. */
export function missingIn(error: unknown): string | undefined {
  for (const one of errorsIn(error)) {
    if (isOfQuipe(one)) continue;
    if (PAGE_BLOCKED.test(one.message)) return BLOCKS;
    for (const [pattern, name] of OF_NODE) {
      const found = pattern.exec(one.message);
      if (found !== null)
        return `needs ${found[0].replace(pattern, name)}, which a browser does not have`;
    }
  }
  return undefined;
}

/** Whether it was thrown in quipe's own code. */
function isOfQuipe({ name, stack = "" }: Error): boolean {
  if (name !== "ReferenceError" && name !== "TypeError") return false;
  const [first = ""] = stack.split("\n").filter((line) => /:\d+:\d+/.test(line));
  return first.includes("/dist/src/");
}

/** An error, and those in it and behind it. */
function* errorsIn(error: unknown): Iterable<Error> {
  if (!(error instanceof Error)) return;
  yield error;
  const { suppressed, error: inner, cause } = error as unknown as Partial<Record<string, unknown>>;
  const members = error instanceof AggregateError ? (error.errors as unknown[]) : [];
  for (const one of [cause, inner, suppressed, ...members]) yield* errorsIn(one);
}
