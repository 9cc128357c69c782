/**
 * Promises as cases of `select`.
 *
 * A promise settles whether it is waited for or not, and not being chosen takes nothing from it. It is listened to
 * once, however many selects name it: what is listening to a promise stays with it until it settles, which a
 * loop that names one promise in each select would pile up.
 */
import { ringMyself } from "../sync/thread.ts";
import type { Case } from "./case.ts";

/** What is known of a promise. */
interface Watched {
  settled: { readonly value: unknown } | { readonly error: unknown } | undefined;
  /** How many selects wait for it. */
  waiting: number;
}

const watched = new WeakMap<object, Watched>();

/** Whether a value can be awaited. */
export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    "then" in value &&
    typeof value.then === "function"
  );
}

/** Becomes possible when the promise settles; that it has is known from the next microtask on. */
export class PromiseCase implements Case<unknown> {
  readonly #watched: Watched;

  constructor(promise: PromiseLike<unknown>) {
    this.#watched = watched.get(promise) ?? watchFrom(promise);
    this.#watched.waiting += 1;
  }

  attempt(): { readonly value: unknown } | undefined {
    const { settled } = this.#watched;
    if (settled === undefined) return undefined;
    this.leave();
    if ("error" in settled) throw settled.error;
    return settled;
  }

  leave(): void {
    this.#watched.waiting -= 1;
  }
}

function watchFrom(promise: PromiseLike<unknown>): Watched {
  const entry: Watched = { settled: undefined, waiting: 0 };
  const settle = (how: Watched["settled"]): void => {
    entry.settled = how;
    if (entry.waiting > 0) ringMyself();
  };
  watched.set(promise, entry);
  void promise.then(
    (value) => settle({ value }),
    (error: unknown) => settle({ error }),
  );
  return entry;
}
