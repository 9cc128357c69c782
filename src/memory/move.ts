/** `move`: ownership of shared data goes to another task, with the message that says so. */
import { QuipeError } from "../errors.ts";
import { checkMovable, markMoved } from "./flight.ts";
import { locate } from "./location.ts";

/**
 * Marks shared data that this task owns, so that the next message it is put into takes it away: an item of a
 * quipe, an argument of `spawn`, the value that a task returns. The receiver owns the very same objects then, may
 * change them at once, and gets them with aliases and cycles as they are. Nothing is copied.
 *
 * Nothing happens before the message is sent. Once it is encoded every view here throws `moved`; if it cannot be
 * sent after all, because there is no room, the time is up, the signal is aborted, or nobody is left to receive, all
 * is as before. Data moves as a whole: what was given to `share` at once, also if this names a part of it.
 *
 * The types call the result a `T`, for the receiver's sake; it can only be sent, and any other use throws `moved`.
 *
 * Throws `not-owner` for ordinary data and for what another task owns, `frozen` for frozen data, which is sent as it
 * is, and `moved` or `released` for what this task has lost already. Never waits. If the receiver dies or closes its end
 * before it received the data, `thaw` of an old view takes it back; if it dies later, the data goes to the task that
 * spawned it.
 *
 * @example
 * ```ts
 * import { move, share, spawn } from "quipe";
 *
 * const draft = share({ stops: ["Oslo"] });
 * const extended = spawn(async (list: typeof draft) => {
 *   const quipe = await import("quipe");
 *   list.stops.push("Narvik");
 *   return quipe.move(list);
 * }, [move(draft)]);
 * console.log((await extended.result).stops.join()); // Oslo,Narvik
 * ```
 */
export function move<T extends object>(value: T): T {
  const location = typeof value === "object" && value !== null ? locate(value) : undefined;
  if (location === undefined) {
    throw new QuipeError(
      "not-owner",
      "Only shared data can be moved; this is ordinary data, which is copied. Use share(it) first.",
    );
  }
  checkMovable(location.region);
  return markMoved(value, location.region) as T;
}
