/**
 * What `select` chooses among: the two interfaces through which a kind of thing becomes a case of it.
 *
 *   Selectable ── a select begins ──▶ Case ── attempt ─▶ attempt ─▶ … ─▶ chosen
 *    (an end, a task, …)                                             └─▶ leave: another case was, or none
 *
 * Attempts of one thread come one after the other, and a select stops at the first that succeeds. So a case
 * needs no second step to take back what it did: an attempt does all of it, or nothing.
 */

/** A select, as its cases and those who wait beside it see it. */
export interface Chooser {
  /** Whether it blocks the thread while it waits, so that nothing else of this thread goes on meanwhile. */
  readonly blocks: boolean;
  /** Tries every case until one succeeds; whether one has by now. */
  attempt(): boolean;
}

/** One case of one select that is going on. */
export interface Case<Value> {
  /**
   * Does it, if that is possible now. Otherwise this task's doorbell rings as soon as it may be: the case announces
   * itself before it looks. What it throws is its result, and it has left by then, as it has when it succeeds; but
   * `BufferOnItsWay` says that it is not possible now, for want of shared memory, and rings when that has come.
   */
  attempt(): { readonly value: Value } | undefined;
  /** The select is over, and this was not chosen: as if it had never been a case. */
  leave(): void;
  /** When to try again even if nothing rings, on the clock of the deadlines. */
  readonly dueMs?: number;
}

/**
 * Whatever {@link select} can wait for, besides promises: an {@link End}, a {@link Task}, and what {@link after},
 * {@link sending} and {@link until} give.
 */
export interface Selectable<Value> {
  /** How a select that begins now waits for it. Throws what no wait can mend, and then it has done nothing. */
  asCase(chooser: Chooser): Case<Value>;
}

/** Whether a value says how it is a case. */
export function isSelectable(value: unknown): value is Selectable<unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    "asCase" in value &&
    typeof value.asCase === "function"
  );
}
