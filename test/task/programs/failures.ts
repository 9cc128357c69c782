/** Tasks for tests: each fails, or nearly, in a way of its own. */
import type { ToReaper } from "../../../src/sync/requests.ts";
import { tellReaper } from "../../../src/sync/thread.ts";
import { current } from "../../../src/task/current.ts";
import { task } from "../../../src/task/entry.ts";

/** Throws an error with a class, a code and a cause. */
export const throwTyped = task(import.meta.url, function throwTyped(): never {
  throw Object.assign(new RangeError("too far", { cause: new TypeError("inner") }), {
    code: "E_FAR",
  });
});

/** Throws a DOMException. */
export const throwDom = task(import.meta.url, function throwDom(): never {
  throw new DOMException("no time", "TimeoutError");
});

/** Throws what cannot be sent: a function. */
export const throwFunction = task(import.meta.url, function throwFunction(): never {
  const thrown: unknown = function culprit() {};
  throw thrown;
});

/** Throws an instance of a class that no other thread knows. */
export const throwClass = task(import.meta.url, function throwClass(): never {
  class Odd {
    readonly a = 1;
  }
  throw new Odd();
});

/** Returns, and leaves a rejection that nobody handles. */
export const strayRejection = task(import.meta.url, function strayRejection(): number {
  void Promise.reject(new RangeError("nobody listens"));
  return 1;
});

/** Throws in a timer while it waits. */
export const strayLater = task(import.meta.url, async function strayLater(): Promise<void> {
  setTimeout(() => {
    throw new RangeError("from a timer");
  });
  await new Promise(() => {});
});

/** Rejects in a timer while it waits. */
export const strayRejectionLater = task(import.meta.url, async function strayRejectionLater() {
  setTimeout(() => void Promise.reject(new RangeError("from a promise")));
  await new Promise(() => {});
});

/** Returns what cannot be sent. */
export const returnFunction = task(import.meta.url, function returnFunction() {
  return { run: () => 1 };
});

/** Tells what it knows of itself. */
export const report = task(import.meta.url, function report() {
  const { name, quipe } = current();
  return { name, sent: quipe.statistics().out.sent };
});

/** Tells the names that were handed over to it. */
export const reportNames = task(import.meta.url, function reportNames() {
  const { names } = current();
  return { names, isFrozen: Object.isFrozen(names) };
});

/** Tells the reaper nonsense, which it has no way to survive, and waits. */
export const breakReaper = task(import.meta.url, async function breakReaper(): Promise<void> {
  tellReaper({ kind: "kill" } as ToReaper);
  await new Promise(() => {});
});

/** Returns, and leaves a timer in which it fails. */
export const leaveTimer = task(import.meta.url, function leaveTimer(): void {
  setTimeout(() => {
    throw new RangeError("left over");
  }, 20);
});

/** Waits for longer than that timer. */
export const outlast = task(import.meta.url, async function outlast(): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve, 50));
  return "unharmed";
});
