/**
 * The halves of a lane that several tasks use on their side: each of them is, while it is inside the turnstile
 * of that side, the one sender or receiver that lane.ts knows.
 *
 *   waiting ◂ waiting ◂ [ inside ] ── the ring
 *
 * Whoever finds no room, or no item, stays inside and waits there: so the next one is its, and the others are behind it
 * in the order in which they came. A death inside leaves nothing half done, as in lane.ts; the reaper only opens the
 * turnstile. An item that a dead receiver had not acknowledged is still the oldest.
 *
 * Where senders drop the oldest item, they go in on the receivers' side, too: there a receiver that finds nothing leaves
 * again, and keeps its seat instead (`RobbedReceiver`).
 *
 * Who is inside is either in the act, for as long as one copy takes, or waits, and then SENDER_WAITING or
 * RECEIVER_WAITING names it. For the first one another task looks again a few times before it sits down.
 */
import type { SendingHalf, UseItem, User } from "./halves.ts";
import { integerCargo } from "./cargo.ts";
import { Entrance } from "./entrance.ts";
import { InTurnReceiver } from "./in-turn-receiver.ts";
import type { Lane } from "./lane-memory.ts";
import { type Cargo, LaneSender } from "./lane.ts";

/** Sends where others do so, too. */
export class SharedSender implements SendingHalf {
  readonly lane: Lane;
  readonly #ring: LaneSender;
  readonly #entrance: Entrance;

  constructor(lane: Lane, user: User) {
    this.lane = lane;
    this.#ring = new LaneSender(lane, user.board);
    this.#entrance = new Entrance(lane, "sender", user);
  }

  tryPublish(cargo: Cargo): boolean {
    if (!this.#entrance.tryEnter()) return false;
    const isDone = this.#publish(cargo);
    this.#entrance.leave();
    return isDone;
  }

  tryInteger(value: number): boolean {
    return this.tryPublish(integerCargo(value));
  }

  attempt(cargo: Cargo): boolean {
    if (!this.#entrance.enterInTurn()) return false;
    if (!this.#publish(cargo)) {
      this.#entrance.announce();
      if (!this.#publish(cargo)) return false;
    }
    this.#entrance.leave();
    return true;
  }

  attemptOnce(cargo: Cargo): boolean {
    return this.attempt(cargo);
  }

  giveUp(): boolean {
    this.#entrance.giveUp();
    return true;
  }

  get isRoomy(): boolean {
    return true; // who waits for it is inside, where it keeps others waiting
  }

  #publish(cargo: Cargo): boolean {
    this.#ring.refresh();
    return this.#ring.put(cargo);
  }
}

/** Receives where others do so, too. */
export class SharedReceiver extends InTurnReceiver {
  override attempt(use: UseItem): boolean {
    if (!this.entrance.enterInTurn()) return false;
    let isDone = true; // also if `use` throws: the item is taken then
    try {
      isDone = this.take(use);
      if (!isDone) {
        this.entrance.announce();
        isDone = true;
        isDone = this.take(use);
      }
    } finally {
      if (isDone) this.entrance.leave();
    }
    return isDone;
  }

  protected override take(use: UseItem): boolean {
    return this.takeOldest(use);
  }
}

/** Receives where those who send take items out, too. */
export class RobbedReceiver extends SharedReceiver {
  override tryTake(use: UseItem): boolean {
    return this.hasItem && this.entrance.tryEnter() && this.#takeAndStepOut(use);
  }

  /** As {@link tryTake}, also if others wait for the item. */
  rob(use: UseItem): boolean {
    return this.hasItem && this.entrance.tryEnterPast() && this.#takeAndStepOut(use);
  }

  override attempt(use: UseItem): boolean {
    if (!this.entrance.enterSeated()) return false;
    this.entrance.announce();
    let isDone = true; // also if `use` throws: the item is taken then
    try {
      isDone = this.take(use);
    } finally {
      if (isDone) this.entrance.giveUp();
      else this.entrance.stepOut();
    }
    return isDone;
  }

  #takeAndStepOut(use: UseItem): boolean {
    try {
      return this.take(use);
    } finally {
      this.entrance.stepOut();
    }
  }
}
