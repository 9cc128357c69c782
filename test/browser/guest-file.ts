/** The file of a worker that a page makes itself. */
import { current, task } from "quipe";

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
