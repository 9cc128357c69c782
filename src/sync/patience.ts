/**
 * Looking again for a moment before going to sleep. Where both sides of a lane run at once, the other side is
 * usually done sooner than a sleep and a wake-up take. Where they do not, because other work has the
 * processors or because they share one, each look only keeps the other side from running.
 *
 *   a look succeeds ──▶ look as long as ever          it fails ──▶ half as long, soon not at all
 *
 * A side that has stopped looking tries it again once in a while; one side's success is enough for both, since
 * it answers at once and so finds the other side looking.
 */
import { looksBeforeSleep, pause } from "../runtime/atomics.ts";

/** Fewer looks would be over before any other thread could have answered. */
const FEWEST = 50;
/** How many waits go to sleep at once before one of them looks again. */
const WAITS_BETWEEN_TRIALS = 32;

/** How long one side of one lane looks before it sleeps. */
export class Patience {
  readonly #most: number = looksBeforeSleep();
  #looks: number = this.#most;
  #waits = 0;

  /** Whether `isReady` became true within a few looks. Takes some microseconds at most. */
  until(isReady: () => boolean): boolean {
    const looks = this.#looksNow();
    for (let i = 0; i < looks; i++) {
      if (isReady()) {
        this.#looks = this.#most;
        return true;
      }
      pause();
    }
    this.#looks = this.#looks <= FEWEST ? 0 : this.#looks >> 1;
    return false;
  }

  #looksNow(): number {
    if (this.#looks > 0) return this.#looks;
    this.#waits += 1;
    return this.#waits % WAITS_BETWEEN_TRIALS === 0 ? this.#most : 0;
  }
}
