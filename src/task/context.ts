/**
 * Async context that travels: the stores of the storages that a program names are sent with every spawn, and the
 * function of the task runs inside of them.
 *
 *   storage.run(store, () => spawn(fn))      packed with the arguments ──▶ storage.run(copy, fn)
 *
 * A storage is known by its name, since each thread has its own. Where nothing is named nothing is looked at.
 */

/**
 * What keeps a value for all that a call leads to; `AsyncLocalStorage` of `node:async_hooks` is one.
 *
 * @example
 * ```ts
 * import { AsyncLocalStorage } from "node:async_hooks";
 * import type { ContextStorage } from "quipe";
 *
 * const storage: ContextStorage<string> = new AsyncLocalStorage<string>();
 * console.log(storage.run("inside", () => storage.getStore())); // inside
 * ```
 */
export interface ContextStorage<Store> {
  getStore(): Store | undefined;
  run<Result>(store: Store, body: () => Result): Result;
}

/** The stores of named storages, by name. */
export type Contexts = Readonly<Record<string, unknown>>;

const storages = new Map<string, ContextStorage<unknown>>();

/** No store at all. */
export const NO_CONTEXTS: Contexts = Object.freeze({});

/**
 * Names a storage whose store every task gets that is spawned inside of its `run`: the task's function runs inside a
 * `run` with a copy. Call it in the module that makes the storage, so that both sides do; where the module of a task
 * does not load it, and in inline functions, which have no module, the store is not there. A store that cannot be sent
 * makes `spawn` throw `not-sendable`. Throws `TypeError` if the name is taken or the storage is none. Never waits.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { AsyncLocalStorage } from "node:async_hooks";
 * import { isMainThread } from "node:worker_threads";
 * import { carryContext, spawn, task } from "quipe";
 *
 * const request = new AsyncLocalStorage<{ readonly id: number }>();
 * carryContext("request", request);
 *
 * export const whichRequest = task(import.meta.url, function whichRequest() {
 *   return request.getStore()?.id;
 * });
 *
 * if (isMainThread) {
 *   const asked = request.run({ id: 7 }, () => spawn(whichRequest));
 *   assert.equal(await asked.result, 7);
 * }
 * ```
 */
export function carryContext<Store>(name: string, storage: ContextStorage<Store>): void {
  if (typeof name !== "string" || name === "") {
    throw new TypeError('Expected a name first: carryContext("request", storage).');
  }
  if (typeof storage?.getStore !== "function" || typeof storage.run !== "function") {
    throw new TypeError(`Expected a storage with getStore and run as the context "${name}".`);
  }
  const known = storages.get(name);
  if (known !== undefined && known !== storage) {
    throw new TypeError(
      `Expected one storage with the name "${name}", got another one; give it another name.`,
    );
  }
  storages.set(name, storage);
}

let isOutside = false;

/** Calls `body` as if no storage had a store here: for what serves many contexts, whichever it was started in. */
export function outsideContexts<Result>(body: () => Result): Result {
  isOutside = true;
  try {
    return body();
  } finally {
    isOutside = false;
  }
}

/** The stores here of all named storages. */
export function contextsHere(): Contexts {
  if (storages.size === 0 || isOutside) return NO_CONTEXTS;
  const stores: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [name, storage] of storages) {
    const store = storage.getStore();
    if (store !== undefined) stores[name] = store;
  }
  return Object.keys(stores).length === 0 ? NO_CONTEXTS : stores;
}

/** Calls `body` inside of those stores whose storages are named here too. */
export function runInContexts<Result>(contexts: Contexts, body: () => Result): Result {
  if (contexts === NO_CONTEXTS) return body();
  let run = body;
  for (const [name, store] of Object.entries(contexts)) {
    const storage = storages.get(name);
    const inner = run;
    if (storage !== undefined) run = () => storage.run(store, inner);
  }
  return run();
}
