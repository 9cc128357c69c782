/** Functions that tests in browsers start by reference. */
import { current, task } from "quipe";

/** Adds. */
export const add = task(import.meta.url, function add(a: number, b: number): number {
  return a + b;
});

/** Answers each number with its double, and blocks its thread in between. */
export const doubleBlocking = task(import.meta.url, function doubleBlocking(): void {
  const { quipe } = current<number, number>();
  for (const n of quipe) quipe.sendSync(n * 2);
});

/** Exported, and not marked. */
export function triple(n: number): number {
  return n * 3;
}
