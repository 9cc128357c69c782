/**
 * What an asynchronous thread waits for: promises of `waitAsync`, and timers. A thread stops for them only
 * once its event loop has nothing else to do.
 */
import { NOWHERE, SLOT, SLOTS } from "./control.ts";
import type { SeatWords } from "./seat-words.ts";

type Resolve = (answer: "ok" | "timed-out") => void;

/** What `setTimeout` answers in an explored thread. */
export class Timer {
  readonly slot: number;

  constructor(slot: number) {
    this.slot = slot;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}

/** See the top of the file. Slot 0 belongs to the blocking wait. */
export class PendingWaits {
  readonly #seat: SeatWords;
  readonly #resolvers: Map<number, Resolve> = new Map();

  constructor(seat: SeatWords) {
    this.#seat = seat;
  }

  get count(): number {
    return this.#resolvers.size;
  }

  /** The word that the oldest of them waits for. */
  get location(): number {
    const slot = [...this.#resolvers.keys()][0];
    return slot === undefined ? NOWHERE : this.#seat.slotLocation(slot);
  }

  clear(): void {
    this.#resolvers.clear();
  }

  addWait(location: number, timeoutMs: number): Promise<"ok" | "timed-out"> {
    return new Promise((resolve) => this.#add(location, timeoutMs, resolve));
  }

  addTimer(callback: () => void, timeoutMs: number): Timer {
    return new Timer(this.#add(NOWHERE, timeoutMs, callback));
  }

  cancelTimer(timer: Timer): void {
    if (this.#resolvers.delete(timer.slot)) this.#seat.emptySlot(timer.slot);
  }

  /** Lets go on what has been woken or has timed out, and says how the last of them ended. */
  resolve(): "ok" | "timed-out" {
    let answer: "ok" | "timed-out" = "ok";
    for (const [slot, resolve] of this.#resolvers) {
      const state = this.#seat.slotState(slot);
      if (state !== SLOT.woken && state !== SLOT.fired) continue;
      this.#resolvers.delete(slot);
      answer = this.#seat.emptySlot(slot);
      resolve(answer);
    }
    return answer;
  }

  #add(location: number, timeoutMs: number, resolve: Resolve): number {
    for (let slot = 1; slot < SLOTS; slot++) {
      if (this.#resolvers.has(slot)) continue;
      this.#seat.fillSlot(slot, location, timeoutMs);
      this.#resolvers.set(slot, resolve);
      return slot;
    }
    throw new RangeError(`Expected at most ${SLOTS - 1} pending waits and timers in one thread.`);
  }
}
