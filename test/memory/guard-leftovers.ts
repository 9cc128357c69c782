/** Tasks whose leftovers go on using a guard on the thread of the next task. */
import { type Guard, update } from "../../src/memory/guard.ts";
import { current } from "../../src/task/current.ts";
import { task } from "../../src/task/entry.ts";

/** Guarded numbers. */
export type Count = Guard<{ n: number }>;

const left: (() => string)[] = [];

/** Leaves a function behind that uses the guard. */
export const leaveUse = task(import.meta.url, function leaveUse(one: Count): void {
  left.push(() => {
    try {
      return `got in: ${one.updateSync((it) => ++it.n)}`;
    } catch (error) {
      return String((error as { code?: unknown }).code);
    }
  });
  left.push(() => {
    one.until(() => false).catch(() => {});
    return "asked";
  });
});

/** Waits for the other guard with the lock of the first, and lets the leftovers of the last task try meanwhile. */
export const waitForBoth = task(
  import.meta.url,
  async function waitForBoth(one: Count, other: Count): Promise<string> {
    const { quipe } = current();
    const both = update([one, other], (first, second) => {
      first.n += 100;
      second.n += 100;
      return "both";
    });
    const seen = one.until((it) => it.n > 100);
    await quipe.send("waiting");
    await quipe.receive();
    await quipe.send(left.map((use) => use()));
    await both;
    await seen;
    return "both, and seen";
  },
);

/** Has the guard until it is told to go on. */
export const hold = task(import.meta.url, function hold(one: Count): void {
  const { quipe } = current();
  one.updateSync((it) => {
    quipe.trySend("inside");
    quipe.receiveSync();
    it.n++;
  });
});
