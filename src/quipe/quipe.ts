/** Making a quipe: two ends that belong together. */
import { QuipeError, given } from "../errors.ts";
import type { End } from "./end.ts";
import { Overflow } from "./ends-layout.ts";
import { makeShared } from "./handles.ts";
import { type Undelivered, hearOfLosses } from "./losses.ts";
import type { QuipeSize } from "./quipe-memory.ts";
import { newPair } from "./sides.ts";
import { letEndsTravel } from "./travelling-ends.ts";

/** How {@link quipe} makes a quipe. */
export interface QuipeOptions extends QuipeSize {
  /**
   * What happens to an item for which there is no room. `wait`, unless said otherwise: the sender waits its turn.
   * `drop-oldest`: the item that has waited longest makes room. `drop-newest`: this item is dropped.
   */
  readonly overflow?: "wait" | "drop-oldest" | "drop-newest" | undefined;
  /**
   * Hears, in this task, of each item that was accepted and will never be received, and why: `dropped`, `broken` or
   * `aborted`. What such an item moved is this task's again. It is called by itself, after what caused it.
   */
  readonly undelivered?: Undelivered | undefined;
}

/** Two ends of a fresh quipe, for this task. Throws for options that are none. */
export function makeQuipe<Out = unknown, In = unknown>(
  options: QuipeOptions = {},
): [End<Out, In>, End<In, Out>] {
  if (typeof options !== "object" || options === null) {
    throw new TypeError(`Expected the options of a quipe, got ${given(options)}.`);
  }
  const { overflow = "wait", undelivered } = options;
  if (!Object.hasOwn(Overflow, overflow)) {
    const kinds = Object.keys(Overflow).join(", ");
    throw new TypeError(`Expected \`overflow\` to be one of ${kinds}, got ${given(overflow)}.`);
  }
  if (undelivered !== undefined && typeof undelivered !== "function") {
    throw new TypeError(`Expected \`undelivered\` to be a function, got ${given(undelivered)}.`);
  }
  if (options.capacity === 0 && overflow !== "wait") {
    throw new QuipeError(
      "unsupported",
      `With capacity 0 each item is handed over, so there is nothing to drop: leave out \`overflow\`.`,
    );
  }
  letEndsTravel();
  const pair = newPair(options);
  if (undelivered !== undefined) {
    makeShared(pair.memory, 0); // this task takes out what nobody receives
    makeShared(pair.memory, 1);
    hearOfLosses(pair.memory, undelivered);
  }
  return pair.open() as [End<Out, In>, End<In, Out>];
}
