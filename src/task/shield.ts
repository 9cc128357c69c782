/** Holding off a cancellation for as long as tidying up may take. */
import { given } from "../errors.ts";
import { type TimeLimit, deadlineOf } from "../sync/deadline.ts";
import { Frame, currentFrame, runInFrame } from "../sync/frames.ts";

/**
 * Calls `fn` so that a cancellation of this task, or of a scope around this call, does not stop what it waits for,
 * until the given time is over: then every wait and every `checkpoint` in it throws `cancelled` again. For what has to
 * be tidied up also in a task that was cancelled. Returns what `fn` returns.
 *
 * It holds for what `fn` starts as well, and for nothing else in the task. `current().signal` tells the truth inside,
 * so pass it to nothing there. A shield inside a shield ends with the outer one at the latest. Killing a task
 * ignores shields, and so does the grace of a cancel: give a task longer than its shields need.
 *
 * Throws `TypeError` without a function or a time, and what `fn` throws.
 *
 * @example
 * ```ts
 * import { spawn } from "quipe";
 *
 * const polite = spawn(async () => {
 *   const { current, shield } = await import("quipe");
 *   const { quipe } = current<string>();
 *   try {
 *     await quipe.send("working");
 *     await quipe.receive(); // throws `cancelled`
 *   } finally {
 *     await shield(() => quipe.send("tidied up"), { timeoutMs: 1000 });
 *   }
 * });
 *
 * console.log(await polite.quipe.receive()); // working
 * polite.cancel("enough");
 * console.log(await polite.quipe.receive()); // tidied up
 * console.log((await polite.outcome).kind); // cancelled
 * ```
 */
export function shield<R>(fn: () => R, limit: TimeLimit): R {
  if (typeof fn !== "function")
    throw new TypeError(`Expected a function to shield, got ${given(fn)}.`);
  const shieldedUntil = deadlineOf(limit ?? {});
  if (shieldedUntil === Infinity) {
    throw new TypeError(
      "A shield needs an end: shield(fn, { timeoutMs }). Without one a task could not be stopped by asking.",
    );
  }
  const frame = new Frame({ parent: currentFrame(), shieldedUntil });
  let result: R;
  try {
    result = runInFrame(frame, fn);
  } catch (error) {
    frame.close();
    throw error;
  }
  if (!(result instanceof Promise)) {
    frame.close();
    return result;
  }
  return result.finally(() => frame.close()) as R;
}
