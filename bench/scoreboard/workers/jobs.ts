/**
 * What the threads of every package run. `ordinary` shows that a thread works; the others are how threads
 * get hurt.
 */

/** The jobs, by name. */
export type JobName =
  | "ordinary"
  | "throwError"
  | "throwFunction"
  | "throwLater"
  | "returnFunction"
  | "exit"
  | "loopForever"
  | "exhaustMemory";

/** What `ordinary` returns. */
export const ORDINARY = "as usual";

/** The variable of the environment that makes this module fail to load. */
export const BROKEN = "SCOREBOARD_BROKEN_MODULE";

if (process.env[BROKEN] === "1") throw new SyntaxError("this module is broken");

export function ordinary(): string {
  return ORDINARY;
}

/** Throws a built-in class with a code, a field of its own, and a cause with a class and a code. */
export function throwError(): never {
  const cause = Object.assign(new RangeError("the table has no row 7"), { code: "E_ROW" });
  const error = new TypeError("no route to Oslo", { cause });
  throw Object.assign(error, { code: "E_ROUTE", attempts: 3 });
}

export function throwFunction(): never {
  const notAnError: unknown = function notAnError() {};
  throw notAnError;
}

/** Never returns; while it is awaited, a timer of it throws where nobody catches. */
export async function throwLater(): Promise<never> {
  setTimeout(() => {
    throw new RangeError("thrown by a timer");
  });
  return await new Promise(() => {});
}

export function returnFunction(): () => number {
  return () => 42;
}

export function exit(): never {
  process.exit(3);
}

export function loopForever(): never {
  for (;;);
}

export function exhaustMemory(): never {
  const kept: unknown[] = [];
  for (;;) kept.push(Array.from({ length: 1000 }, (_, i) => ({ i })));
}

/** All jobs, for packages that take an object of functions. */
export const jobs: Readonly<Record<JobName, () => unknown>> = {
  ordinary,
  throwError,
  throwFunction,
  throwLater,
  returnFunction,
  exit,
  loopForever,
  exhaustMemory,
};
