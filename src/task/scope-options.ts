/** What a scope can be told, and what of that is refused. */
import { given } from "../errors.ts";
import { type TimeLimit, checkMilliseconds } from "../sync/deadline.ts";
import { checkSignal } from "../sync/abort-listeners.ts";

/** How a {@link Scope} treats its tasks. */
export interface ScopeOptions extends TimeLimit {
  /** What the scope is called in errors. */
  readonly name?: string | undefined;
  /**
   * What one task's end means for the others. `all`, unless said otherwise: one that fails cancels all others and the
   * body. `settle`: nothing. `race`: the first that is done cancels the others.
   */
  readonly policy?: "all" | "settle" | "race" | undefined;
  /** How long the whole scope may take, in milliseconds; then its tasks and its body are cancelled. */
  readonly timeoutMs?: number | undefined;
  /** The same as a point in time, as `current().deadline` tells it. */
  readonly deadline?: number | undefined;
  /** Cancels the tasks and the body when aborted. */
  readonly signal?: AbortSignal | undefined;
  /** How many milliseconds a task may go on after the scope has cancelled it: 5,000 unless said otherwise; then it is killed. */
  readonly graceMs?: number | undefined;
}

/** The same options. Throws `TypeError` for what is none. */
export function checkedOptions(options: ScopeOptions): ScopeOptions {
  if (typeof options !== "object" || options === null) {
    throw new TypeError(`Expected the options of a scope, got ${given(options)}.`);
  }
  const { name, policy, graceMs, signal } = options;
  if (name !== undefined && typeof name !== "string")
    throw new TypeError(`Expected \`name\` to be a string, got ${given(name)}.`);
  if (policy !== undefined && !["all", "settle", "race"].includes(policy)) {
    throw new TypeError(
      `Expected \`policy\` to be "all", "settle" or "race", got ${given(policy)}.`,
    );
  }
  checkMilliseconds("graceMs", graceMs);
  checkSignal(signal);
  return options;
}
