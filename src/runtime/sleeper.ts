/**
 * The file of a worker that sleeps for its thread, where there is no `Atomics.waitAsync`: in Firefox before 145. It waits on
 * a word as it is told, says that it was woken, and waits for the next order. See `waitAsync` in atomics.ts.
 */
import { wait } from "./atomics.ts";
import type { SleepOrder } from "./sleeping.ts";

interface Scope {
  addEventListener(type: "message", handler: (event: { readonly data: unknown }) => void): void;
  postMessage(message: unknown): void;
}

const scope = globalThis as unknown as Scope;

scope.addEventListener("message", ({ data }) => {
  const { words, index, value, timeoutMs } = data as SleepOrder;
  scope.postMessage(wait(words, index, value, timeoutMs));
});
