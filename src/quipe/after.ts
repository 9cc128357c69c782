/** `after`: a point in time as a case of `select`. */
import { given } from "../errors.ts";
import { nowMs } from "../sync/deadline.ts";
import { type Case, type Selectable } from "./case.ts";

/**
 * A case of {@link select} that is ready once `delayMs` milliseconds have passed since this call, and stays ready: one
 * of them is the deadline of as many selects as it is used in. It holds nothing, and keeps no program open by itself.
 * With 0 or less it is ready at once, with `Infinity` never.
 *
 * @example
 * ```ts
 * import { after, select, spawn } from "quipe";
 *
 * const silent = spawn(async () => {
 *   const { current } = await import("quipe");
 *   await current().quipe.receive();
 * });
 * const chosen = await select({ word: silent.quipe, late: after(20) });
 * console.log(chosen.case); // late
 * silent.quipe.send("go on");
 * ```
 */
export function after(delayMs: number): Selectable<void> {
  if (typeof delayMs !== "number" || Number.isNaN(delayMs)) {
    throw new TypeError(
      `Expected \`delayMs\` to be a number of milliseconds, got ${given(delayMs)}.`,
    );
  }
  return new Instant(nowMs() + delayMs);
}

class Instant implements Selectable<void>, Case<void> {
  readonly dueMs: number;

  constructor(dueMs: number) {
    this.dueMs = dueMs;
  }

  /** It keeps nothing of a select, so it is its own case in each. */
  asCase(): Case<void> {
    return this;
  }

  attempt(): { readonly value: undefined } | undefined {
    return nowMs() >= this.dueMs ? { value: undefined } : undefined;
  }

  leave(): void {}
}
