/** `release`: shared memory is given back now, not when the last view of it is collected. */
import { QuipeError } from "../errors.ts";
import { store } from "../runtime/atomics.ts";
import { assertNotBeingEdited } from "./editors.ts";
import { dissolveRegion } from "./holding.ts";
import { HEADER, STATE } from "./layout.ts";
import { locate } from "./location.ts";
import { assertHere } from "./loss.ts";
import { thawNow } from "./ownership.ts";

/**
 * Gives the memory of shared data back at once, which its owner may do while nobody else uses it. Every view of it
 * here throws `released` from then on; frozen records that were read before keep what they were. Without this the
 * memory goes when the last view is collected, which may be late: engines do not know how large it is.
 *
 * Throws `readers-present` and names the tasks that read it, `frozen` for data frozen for ever, `not-owner` for
 * another task's, for a guard's and for ordinary data, and `moved` or `released` for what this task has lost already;
 * nothing has changed then. Never waits, but for one exchange with the reaper if other tasks may have come by the data.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { release, share } from "quipe";
 *
 * const scratch = share({ sums: [1, 2, 3] });
 * release(scratch);
 * assert.throws(() => scratch.sums, { code: "released" });
 * ```
 */
export function release(value: object): void {
  const location = typeof value === "object" && value !== null ? locate(value) : undefined;
  if (location === undefined) {
    throw new QuipeError(
      "not-owner",
      "Only shared data can be released; this is ordinary data, which is collected when nobody uses it.",
    );
  }
  const { region } = location;
  assertHere(region);
  if (region.state === STATE.GUARDED) {
    throw new QuipeError(
      "not-owner",
      `Region ${region.id} is guarded, so no task alone may release it. It goes with the last guard of it.`,
    );
  }
  assertNotBeingEdited(region);
  thawNow(region);
  store(region.words, HEADER.STATE, STATE.RELEASED);
  dissolveRegion(region);
  region.lose("released");
}
