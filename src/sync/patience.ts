/**
 * Looking again for a moment before going to sleep. Where both sides of a lane are busy, the other side is
 * usually done sooner than a sleep and a wake-up take; where it is not, the looks are wasted, so success
 * doubles their number and failure halves it.
 */
import { looksBeforeSleep, pause } from "../runtime/atomics.ts";

const MOST = 400;
/** Fewer would be over before any other thread could have answered. */
const FEWEST = 50;

/** How long one side of one lane looks before it sleeps. */
export class Patience {
  #looks: number = looksBeforeSleep();

  /** Whether `isReady` became true within a few looks. Takes some microseconds at most. */
  until(isReady: () => boolean): boolean {
    const looks = this.#looks;
    for (let i = 0; i < looks; i++) {
      if (isReady()) {
        this.#looks = Math.min(looks * 2, MOST);
        return true;
      }
      pause();
    }
    if (looks > 0) this.#looks = Math.max(looks >> 1, FEWEST);
    return false;
  }
}
