/**
 * A value that follows the flow of asynchronous code: what was set around a call is seen in everything that
 * the call starts, across each `await`, and nowhere else.
 *
 * It is `AsyncLocalStorage`, which Node, Bun and Deno have. It is loaded when the first value is set, so a
 * program that sets none pays nothing. In browsers there is none: a value is seen there until the call returns, so in an
 * async function until its first `await`.
 */
import type { AsyncLocalStorage } from "node:async_hooks";

/** One such value. */
export class AsyncContext<T> {
  #storage: AsyncLocalStorage<T | undefined> | undefined;
  #duringCall: T | undefined;

  /** What holds here; undefined where nothing was set. */
  get current(): T | undefined {
    return this.#storage === undefined ? this.#duringCall : this.#storage.getStore();
  }

  /** Calls `fn` so that `value` holds in it and in all that it starts, or until it returns. */
  run<R>(value: T | undefined, fn: () => R): R {
    this.#storage ??= createStorage<T>();
    return this.#storage === undefined ? this.#runWhole(value, fn) : this.#storage.run(value, fn);
  }

  #runWhole<R>(value: T | undefined, fn: () => R): R {
    const before = this.#duringCall;
    this.#duringCall = value;
    try {
      return fn();
    } finally {
      this.#duringCall = before;
    }
  }
}

function createStorage<T>(): AsyncLocalStorage<T | undefined> | undefined {
  const hooks = globalThis.process?.getBuiltinModule?.("node:async_hooks");
  return hooks && new hooks.AsyncLocalStorage<T | undefined>();
}
