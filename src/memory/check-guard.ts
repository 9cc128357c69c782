/**
 * Asserts the accounting identities of a guard. Tests call it when nothing is going on, and after each death.
 *
 *   nobody holds the lock  ▶ no update is open: the undo log is empty, no other region is to take over
 *   a bit in the queue     ▶ a ticket at that seat
 *   the guarded region     ▶ is one, and in the state that says so
 */
import { invariant } from "../errors.ts";
import { load } from "../runtime/atomics.ts";
import type { GuardBlock } from "./guard-block.ts";
import { SEAT } from "../sync/seats.ts";
import { GUARD, GUARD_MAGIC } from "./guard-layout.ts";
import { holderOf, readersOf, waitersOf } from "./guard-lock.ts";
import { STATE } from "./layout.ts";

/** Who is at a guard. */
export interface GuardTraffic {
  readonly isHeld: boolean;
  readonly readers: number;
  readonly waiting: number;
}

/** Throws `QuipeBug` if anything in the guard contradicts its layout. Exact while nobody is at it. */
export function checkGuard({ words, id, region }: GuardBlock): GuardTraffic {
  invariant(words[GUARD.MAGIC] === GUARD_MAGIC, `guard ${id} has another magic number`);
  invariant(words[GUARD.ID] === id, `guard ${id} has another number`);
  invariant(
    region.state === STATE.GUARDED,
    `the region of guard ${id} is in state ${region.state}`,
  );
  const isHeld = holderOf(words) >= 0;
  if (!isHeld) {
    invariant(load(words, GUARD.LOG_USED) === 0, `guard ${id} has an open log and no holder`);
    invariant(words[GUARD.NEXT_REGION] === 0, `guard ${id} waits for a region and has no holder`);
  }
  const waiting = waitersOf(words);
  for (const slot of waiting) {
    invariant(
      load(words, GUARD.SEATS + slot) !== SEAT.EMPTY,
      `guard ${id}: slot ${slot} has no ticket`,
    );
  }
  return { isHeld, readers: readersOf(words).length, waiting: waiting.length };
}
