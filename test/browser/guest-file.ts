/** The file of a worker that a page makes itself. */
import { current, freeze, share, task } from "quipe";

/** Multiplies what it receives. */
export const multiply = task(import.meta.url, async function multiply(by: number): Promise<string> {
  const { quipe } = current<number, number>();
  for await (const n of quipe) await quipe.send(n * by);
  return "done";
});

/** Computes for ever. */
export const compute = task(import.meta.url, function compute(): never {
  current().quipe.trySend("computing");
  for (;;);
});

/** Sends something frozen when the first word says so; the second one says that this is done. */
export const sendLast = task(
  import.meta.url,
  async function sendLast(words: Int32Array): Promise<void> {
    const { quipe } = current<{ last: string }, never>();
    Atomics.store(words, 1, 1);
    while (Atomics.load(words, 0) === 0);
    quipe.trySend(freeze(share({ last: "words" })));
    Atomics.store(words, 1, 2);
    await new Promise(() => {});
  },
);
