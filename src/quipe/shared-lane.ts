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
import { QuipeBug } from "../errors.ts";
import { compareExchange, load, pause, store } from "../runtime/atomics.ts";
import { Patience } from "../sync/patience.ts";
import { Turnstile } from "../sync/turnstile.ts";
import type { ReceivingHalf, SendingHalf, UseItem, User } from "./halves.ts";
import { RECEIVER_WAITING, SENDER_WAITING, turnstilesOf } from "./lane-layout.ts";
import { integerCargo } from "./cargo.ts";
import { type Lane, announceReceiver, announceSender } from "./lane-memory.ts";
import { type Cargo, LaneReceiver, LaneSender } from "./lane.ts";

/** How often somebody who does not want to wait looks whether the one inside has finished. */
const MOST_LOOKS = 20_000;

/** The way of one task into one side of a lane. */
export class Entrance {
  readonly #lane: Lane;
  readonly #turnstile: Turnstile;
  readonly #user: User;
  readonly #side: "sender" | "receiver";
  readonly #patience = new Patience();
  #isAnnounced = false;

  constructor(lane: Lane, side: "sender" | "receiver", user: User) {
    this.#lane = lane;
    this.#turnstile = new Turnstile(lane.words, turnstilesOf(lane.ringWords)[side]);
    this.#user = user;
    this.#side = side;
  }

  /** Goes in unless others are to be served first. */
  tryEnter(): boolean {
    const { slot } = this.#user;
    for (let looks = 0; looks < MOST_LOOKS; looks++) {
      if (this.#turnstile.tryEnter(slot)) return true;
      if (!this.#isInTheAct()) return false;
      pause();
    }
    return false;
  }

  /** Goes in, in turn, or sits down. */
  enterInTurn(): boolean {
    const { slot } = this.#user;
    // Who sits must not go in past its own seat, which would stay behind; who is inside has nothing to look for.
    const isNew = !this.#turnstile.isPresent(slot);
    const isSoon =
      isNew && this.#isInTheAct() && this.#patience.until(() => this.#turnstile.tryEnter(slot));
    return isSoon || this.#turnstile.enterInTurn(slot);
  }

  /** Goes in as soon as it is first, and keeps its seat until it gives up. */
  enterSeated(): boolean {
    return this.#turnstile.enterSeated(this.#user.slot);
  }

  /** Goes in past those who wait, unless somebody is in the act for long. */
  tryEnterPast(): boolean {
    for (let looks = 0; looks < MOST_LOOKS; looks++) {
      if (this.#turnstile.tryEnterPast(this.#user.slot)) return true;
      pause();
    }
    return false;
  }

  /** Says that this task, which is inside, waits; to be called before the look that finds nothing. */
  announce(): void {
    this.#isAnnounced = true;
    const announce = this.#side === "sender" ? announceSender : announceReceiver;
    announce(this.#lane, this.#user.slot);
  }

  /** Lets the next one in. */
  leave(): void {
    if (this.#isAnnounced) store(this.#lane.words, this.#waitingWord, 0);
    this.#isAnnounced = false;
    this.#turnstile.leave(this.#user.slot, this.#user.board);
  }

  /** Lets others in; what was announced still holds. */
  stepOut(): void {
    this.#turnstile.leave(this.#user.slot, this.#user.board);
  }

  /** Waits no longer. */
  giveUp(): void {
    const { slot } = this.#user;
    if (this.#isAnnounced) compareExchange(this.#lane.words, this.#waitingWord, slot + 1, 0);
    this.#isAnnounced = false;
    this.#turnstile.giveUp(this.#user.slot, this.#user.board);
  }

  get #waitingWord(): number {
    return this.#side === "sender" ? SENDER_WAITING : RECEIVER_WAITING;
  }

  /** Whether somebody is inside who does not wait, with nobody behind. */
  #isInTheAct(): boolean {
    if (this.#turnstile.isContended) return false;
    const { holder } = this.#turnstile;
    return holder === -1 || load(this.#lane.words, this.#waitingWord) !== holder + 1;
  }
}

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
export class SharedReceiver implements ReceivingHalf {
  readonly lane: Lane;
  readonly #ring: LaneReceiver;
  readonly #entrance: Entrance;

  constructor(lane: Lane, user: User) {
    this.lane = lane;
    this.#ring = new LaneReceiver(lane, user.board);
    this.#entrance = new Entrance(lane, "receiver", user);
  }

  tryTake(use: UseItem): boolean {
    if (!this.hasItem || !this.#entrance.tryEnter()) return false;
    try {
      return this.#take(use);
    } finally {
      this.#entrance.leave();
    }
  }

  attempt(use: UseItem): boolean {
    if (!this.#entrance.enterInTurn()) return false;
    let isDone = true; // also if `use` throws: the item is taken then
    try {
      isDone = this.#take(use);
      if (!isDone) {
        this.#entrance.announce();
        isDone = true;
        isDone = this.#take(use);
      }
    } finally {
      if (isDone) this.#entrance.leave();
    }
    return isDone;
  }

  attemptOnce(use: UseItem): boolean {
    return this.attempt(use);
  }

  giveUp(): boolean {
    this.#entrance.giveUp();
    return true;
  }

  get hasItem(): boolean {
    this.#ring.refresh();
    return this.#ring.hasItem;
  }

  takeShort(): undefined {
    return undefined;
  }

  get itemsSeen(): number {
    return 0;
  }

  listen(): boolean {
    throw new QuipeBug("only a task that has a side alone listens to it");
  }

  #take(use: UseItem): boolean {
    return takeFrom(this.#ring, use);
  }
}

/** Receives where those who send take items out, too. */
export class RobbedReceiver implements ReceivingHalf {
  readonly lane: Lane;
  readonly #ring: LaneReceiver;
  readonly #entrance: Entrance;

  constructor(lane: Lane, user: User) {
    this.lane = lane;
    this.#ring = new LaneReceiver(lane, user.board);
    this.#entrance = new Entrance(lane, "receiver", user);
  }

  tryTake(use: UseItem): boolean {
    return this.hasItem && this.#entrance.tryEnter() && this.#takeAndLeave(use);
  }

  /** As {@link tryTake}, also if others wait for the item. */
  rob(use: UseItem): boolean {
    return this.hasItem && this.#entrance.tryEnterPast() && this.#takeAndLeave(use);
  }

  attempt(use: UseItem): boolean {
    if (!this.#entrance.enterSeated()) return false;
    this.#entrance.announce();
    let isDone = true; // also if `use` throws: the item is taken then
    try {
      isDone = takeFrom(this.#ring, use);
    } finally {
      if (isDone) this.#entrance.giveUp();
      else this.#entrance.stepOut();
    }
    return isDone;
  }

  attemptOnce(use: UseItem): boolean {
    return this.attempt(use);
  }

  giveUp(): boolean {
    this.#entrance.giveUp();
    return true;
  }

  get hasItem(): boolean {
    this.#ring.refresh();
    return this.#ring.hasItem;
  }

  takeShort(): undefined {
    return undefined;
  }

  get itemsSeen(): number {
    return 0;
  }

  listen(): boolean {
    throw new QuipeBug("only a task that has a side alone listens to it");
  }

  #takeAndLeave(use: UseItem): boolean {
    try {
      return takeFrom(this.#ring, use);
    } finally {
      this.#entrance.stepOut();
    }
  }
}

function takeFrom(ring: LaneReceiver, use: UseItem): boolean {
  ring.refresh();
  const item = ring.peek();
  if (item === undefined) return false;
  try {
    use(item);
  } finally {
    ring.acknowledge();
  }
  return true;
}
