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

/** The global one, by this name and no other, so that bundlers make a file of the sleeper. */
declare const Worker: new (url: URL, options: { type: "module"; name: string }) => Sleeper;

/** Apart from where it is used, since webpack would call the file so. */
const NAME = "quipe sleeper";

let sleeper: Sleeper | undefined;
const answers: ((awakening: Awakening) => void)[] = [];

/** Sleeps by way of the worker, one sleep after the other, which is enough: a thread waits on one word at a time. */
export function sleepElsewhere(order: SleepOrder): Promise<Awakening> {
  sleeper ??= makeSleeper();
  sleeper.postMessage(order);
  return new Promise((resolve) => answers.push(resolve));
}

function makeSleeper(): Sleeper {
  const made = new Worker(new URL("./sleeper.js", import.meta.url), {
    type: "module",
    name: NAME,
  });
  made.addEventListener("message", ({ data }) => answers.shift()?.(data as Awakening));
  return made;
}
