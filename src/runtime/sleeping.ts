/**
 * Waiting on a word without blocking, where there is no `Atomics.waitAsync`: a worker of this thread blocks in its place,
 * and posts a message when it was woken. It ends with this thread.
 */

/** What the worker is told. */
export interface SleepOrder {
  readonly words: Int32Array;
  readonly index: number;
  readonly value: number;
  readonly timeoutMs: number;
}

/** What ended a sleep. */
export type Awakening = "ok" | "not-equal" | "timed-out";

interface Sleeper {
  postMessage(order: SleepOrder): void;
  addEventListener(type: "message", handler: (event: { readonly data: unknown }) => void): void;
}

type SleeperClass = new (url: URL, options: { type: "module"; name: string }) => Sleeper;

let sleeper: Sleeper | undefined;
const answers: ((awakening: Awakening) => void)[] = [];

/** Sleeps by way of the worker; the answers come in the order of the calls. */
export function sleepElsewhere(order: SleepOrder): Promise<Awakening> {
  sleeper ??= makeSleeper();
  sleeper.postMessage(order);
  return new Promise((resolve) => answers.push(resolve));
}

function makeSleeper(): Sleeper {
  const { Worker } = globalThis as unknown as { readonly Worker: SleeperClass };
  // Written like this, so that bundlers see the file.
  const made = new Worker(new URL("./sleeper.js", import.meta.url), {
    type: "module",
    name: "quipe sleeper",
  });
  made.addEventListener("message", ({ data }) => answers.shift()?.(data as Awakening));
  return made;
}
