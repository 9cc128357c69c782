/** What the tests of pools call on other threads, where it needs quipe itself. */
import { current, task } from "../../src/index.ts";

/** What a call knows of itself. */
export const nameAndQuipe: () => readonly unknown[] = task(
  import.meta.url,
  function nameAndQuipe(): readonly unknown[] {
    try {
      return [current().name, current().signal.aborted, current().quipe];
    } catch (error) {
      return [current().name, (error as { code?: unknown }).code];
    }
  },
);

/** Says in the first word that it has begun; in the second one, that it has seen its abort without ever waiting. */
export const lookForAbort: (words: Int32Array) => void = task(
  import.meta.url,
  function lookForAbort(words: Int32Array): void {
    say(words, 0);
    while (!current().signal.aborted);
    say(words, 1);
  },
);

/** The same, waiting for the event; and the second word is set only if `checkpoint` throws then. */
export const listenForAbort: (words: Int32Array) => Promise<void> = task(
  import.meta.url,
  async function listenForAbort(words: Int32Array): Promise<void> {
    const { signal } = current();
    const aborted = new Promise((resolve) => signal.addEventListener("abort", resolve));
    say(words, 0);
    await aborted;
    try {
      current().checkpoint();
    } catch (error) {
      if ((error as { code?: unknown }).code === "cancelled") say(words, 1);
    }
  },
);

function say(words: Int32Array, index: number): void {
  Atomics.store(words, index, 1);
  Atomics.notify(words, index);
}
