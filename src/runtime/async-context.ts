/**
 * A value that follows the flow of asynchronous code: what was set around a call is seen in everything that
 * the call starts, across each `await`, and nowhere else.
 *
 * It is `AsyncLocalStorage`, which Node, Bun and Deno have. It is loaded when the first value is set, so a
 * program that sets none pays nothing.
 */
import type { AsyncLocalStorage } from "node:async_hooks";
import { QuipeError } from "../errors.ts";

/** One such value. */
export class AsyncContext<T> {
  #storage: AsyncLocalStorage<T | undefined> | undefined;

  /** What holds here; undefined where nothing was set. */
  get current(): T | undefined {
    return this.#storage?.getStore();
  }

  /** Calls `fn` so that `value` holds in it and in all that it starts. Throws `unsupported` where that is not possible. */
  run<R>(value: T | undefined, fn: () => R): R {
    this.#storage ??= createStorage<T>();
    return this.#storage.run(value, fn);
  }
}

function createStorage<T>(): AsyncLocalStorage<T | undefined> {
  const hooks = globalThis.process?.getBuiltinModule?.("node:async_hooks");
  if (hooks === undefined) {
    throw new QuipeError(
      "unsupported",
      "This runtime has no AsyncLocalStorage, which tells apart what runs inside a shield or a scope and what does not.",
    );
  }
  return new hooks.AsyncLocalStorage<T | undefined>();
}
