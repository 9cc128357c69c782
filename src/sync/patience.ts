/**
 * Looking again for a moment before going to sleep. Where both sides of a lane run at once, the other side is
 * usually done sooner than a sleep and a wake-up take. Where they do not, because other work has the
 * processors or because they share one, each look only keeps the other side from running.
 *
 *   a look succeeds ──▶ look as long as ever          it fails ──▶ half as long, soon not at all
 *
 * A side that has stopped looking tries it again once in a while; one side's success is enough for both, since
 * it answers at once and so finds the other side looking.
 *
 * Each look takes the word that it reads away from the processor that writes it, which costs that one as much as
 * some items. So looks are spaced: a little at first, then more. In a stream the first look comes late as well:
 *
 *   it brought several items ──▶ twice as late, up to a limit          only one ──▶ half as late, soon at once
 */
import { looksBeforeSleep, pause } from "../runtime/atomics.ts";

/** Fewer pauses would be over before any other thread could have answered. */
const FEWEST = 50;
/** How many waits go to sleep at once, or look at once, before one of them tries the other way. */
const WAITS_BETWEEN_TRIALS = 32;
/** The most pauses between two looks. */
const MOST_APART = 16;
/** Pauses before the first look: the least that is worth it, and the most. */
const LEAST_DELAY = 8;
const MOST_DELAY = 64;

/** How long one side of one lane looks before it sleeps. */
export class Patience {
  readonly #most: number = looksBeforeSleep();
  /** In pauses, like everything here. */
  #longest: number = this.#most;
  #delay = 0;
  #waits = 0;

  /** Whether `isReady` became true within a few looks. Takes some microseconds at most. */
  until(isReady: () => boolean): boolean {
    this.#waits += 1;
    const longest = this.#longestNow();
    let pauses = this.#delayNow();
    for (let spent = 0; spent < longest; spent += pauses) {
      for (let i = 0; i < pauses; i++) pause();
      if (isReady()) {
        this.#longest = this.#most;
        return true;
      }
      pauses = Math.min(pauses + 1, MOST_APART);
    }
    this.#longest = this.#longest <= FEWEST ? 0 : this.#longest >> 1;
    return false;
  }

  /** Tells how many items the look that succeeded has brought. */
  learn(items: number): void {
    if (items > 2) this.#delay = Math.min(Math.max(this.#delay * 2, LEAST_DELAY), MOST_DELAY);
    else if (items === 1) this.#delay >>= 1;
  }

  #longestNow(): number {
    if (this.#longest > 0) return this.#longest;
    return this.#waits % WAITS_BETWEEN_TRIALS === 0 ? this.#most : 0;
  }

  #delayNow(): number {
    if (this.#delay > 0) return this.#delay;
    return this.#waits % WAITS_BETWEEN_TRIALS === 1 ? LEAST_DELAY : 0;
  }
}
