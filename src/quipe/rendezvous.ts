/**
 * The halves of a lane without room, capacity 0: what is sent is handed from one to the other, and `send` is over when
 * the item has been taken.
 *
 *   sender, inside its turnstile                    receiver, inside its own
 *     item; TAIL; OFFER = me          ── wakes ──▶    OFFER: me ─▶ −me; use the item; HEAD
 *     HEAD behind my item? sent       ◀── wakes ──
 *     changed my mind? OFFER: me ─▶ 0, TAIL back      none there? WANTED; look again
 *
 * One item at a time lies in the ring, and OFFER says whether it is to be had. By compare-and-set on OFFER either its
 * receiver takes it or its sender withdraws it. A sender that does not wait (`trySend`) needs a receiver that is sure
 * to come: one that waits says WANTED, and by compare-and-set on that word either it is promised an item or it
 * changes its mind; then the item is `given`, and nobody withdraws it.
 *
 * | word   | written by                                                  | a kill of the writer leaves
 * | OFFER  | the sender inside, after TAIL; whoever takes or withdraws   | see `repairSender`, `repairReceiver`
 * | WANTED | the receiver inside; the sender inside that promises        | the same
 */
import { invariant } from "../errors.ts";
import { compareExchange, load, pause, store } from "../runtime/atomics.ts";
import type { Board } from "../sync/board.ts";
import { isOnItsWay } from "../sync/on-its-way.ts";
import { Patience } from "../sync/patience.ts";
import type { SendingHalf, UseItem, User } from "./halves.ts";
import { HEAD, OFFER, Offer, RECEIVER_WAITING, TAIL, WANTED, Want } from "./lane-layout.ts";
import { integerCargo } from "./cargo.ts";
import { Entrance } from "./entrance.ts";
import { InTurnReceiver } from "./in-turn-receiver.ts";
import { type Lane, positionIn, setTail, wakeSender } from "./lane-memory.ts";
import { type Cargo, LaneSender } from "./lane.ts";

/** How often a sender that has other things to choose looks whether its offer is taken. */
const LOOKS_AT_OFFER = 10_000;

/** Where the item lies that this sender offers. */
interface Offered {
  readonly begin: number;
  readonly end: number;
}

/** Hands items over. */
export class RendezvousSender implements SendingHalf {
  readonly lane: Lane;
  readonly #ring: LaneSender;
  readonly #entrance: Entrance;
  readonly #user: User;
  readonly #patience = new Patience();
  #offered: Offered | undefined;

  constructor(lane: Lane, user: User) {
    this.lane = lane;
    this.#ring = new LaneSender(lane, user.board);
    this.#entrance = new Entrance(lane, "sender", user);
    this.#user = user;
  }

  tryPublish(cargo: Cargo): boolean {
    if (load(this.lane.words, WANTED) !== Want.wanted || !this.#entrance.tryEnter()) return false;
    const isPromised = this.#promise(cargo);
    this.#entrance.leave();
    return isPromised;
  }

  tryInteger(value: number): boolean {
    return this.tryPublish(integerCargo(value));
  }

  attempt(cargo: Cargo): boolean {
    if (!this.#entrance.enterInTurn()) return false;
    if (this.#offered === undefined) {
      if (!this.#offer(cargo)) return false;
      this.#patience.until(() => this.#isTakenNow); // a receiver that looks for it has it sooner than one that sleeps
    }
    return this.#isTaken();
  }

  /** Hands over to a receiver that waits: one that is sure to come, or one that takes it within some microseconds. */
  attemptOnce(cargo: Cargo): boolean {
    if (!this.#entrance.enterInTurn()) return false;
    if (this.#promise(cargo) || this.#handOver(cargo)) {
      this.#entrance.leave();
      return true;
    }
    this.#entrance.announce(); // a receiver that comes after this wakes whoever waits to send
    if (!this.#promise(cargo)) return false;
    this.#entrance.leave();
    return true;
  }

  giveUp(): boolean {
    const offered = this.#offered;
    this.#offered = undefined;
    const isWithdrawn = offered === undefined || this.#withdraw(offered);
    this.#entrance.giveUp();
    return isWithdrawn;
  }

  get isRoomy(): boolean {
    return true;
  }

  /** Gives the item to a receiver that has said that it is sure to come. */
  #promise(cargo: Cargo): boolean {
    const { words } = this.lane;
    const isPromised =
      isEmpty(this.lane) &&
      compareExchange(words, WANTED, Want.wanted, Want.promised) === Want.wanted;
    if (isPromised) this.#put(Offer.given, cargo);
    return isPromised;
  }

  /** Offers the item for a moment to a receiver that may want it, in another task. */
  #handOver(cargo: Cargo): boolean {
    const waiting = load(this.lane.words, RECEIVER_WAITING);
    if (waiting === 0 || waiting === this.#user.slot + 1) return false;
    if (!this.#offer(cargo)) return false;
    const offered = this.#offered as Offered;
    this.#offered = undefined;
    for (let looks = 0; looks < LOOKS_AT_OFFER; looks++) {
      if (this.#ring.isTakenUpTo(offered.end)) return true;
      pause();
    }
    return !this.#withdraw(offered);
  }

  #offer(cargo: Cargo): boolean {
    this.#ring.refresh();
    const begin = this.#ring.tail;
    if (!this.#ring.isTakenUpTo(begin)) {
      this.#entrance.announce(); // an item lies there that nobody can withdraw any more
      if (!this.#ring.isTakenUpTo(begin)) return false;
    }
    this.#put(this.#user.slot + 1, cargo);
    this.#offered = { begin, end: this.#ring.tail };
    return true;
  }

  #put(offer: number, cargo: Cargo): void {
    const { words } = this.lane;
    this.#ring.refresh();
    store(words, OFFER, Offer.none); // of an item before this one
    cargo.appendTo(this.#ring);
    store(words, OFFER, offer);
    this.#ring.wakeReceiver();
  }

  #isTaken(): boolean {
    if (!this.#isTakenNow) {
      this.#entrance.announce();
      if (!this.#isTakenNow) return false;
    }
    this.#offered = undefined;
    this.#entrance.leave();
    return true;
  }

  get #isTakenNow(): boolean {
    return this.#ring.isTakenUpTo((this.#offered as Offered).end);
  }

  /** False if a receiver has it; if that dies before it has taken it, the next one gets it. */
  #withdraw({ begin, end }: Offered): boolean {
    const { words } = this.lane;
    const me = this.#user.slot + 1;
    for (;;) {
      if (this.#ring.isTakenUpTo(end)) return false;
      if (compareExchange(words, OFFER, me, Offer.none) === me) {
        this.#ring.retract(begin);
        return true;
      }
      // Its receiver is in the act. From now on the item is not this task's to withdraw.
      if (compareExchange(words, OFFER, -me, -Offer.given) === -me) return false;
      pause();
    }
  }
}

/** Takes what is handed over. */
export class RendezvousReceiver extends InTurnReceiver {
  readonly #board: Board;
  #isWanting = false;

  constructor(lane: Lane, user: User) {
    super(lane, user);
    this.#board = user.board;
  }

  override attempt(use: UseItem): boolean {
    if (!this.entrance.enterInTurn()) return false;
    let isTaken = true; // also if `use` throws
    try {
      isTaken = false;
      do {
        this.#want();
        isTaken = true;
        isTaken = this.take(use);
      } while (!isTaken && !this.#isWanting); // its sender has withdrawn it in the last moment
    } finally {
      if (isTaken) this.entrance.leave();
    }
    return isTaken;
  }

  override attemptOnce(use: UseItem): boolean {
    if (!this.entrance.enterInTurn()) return false;
    let isTaken = true; // also if `use` throws
    try {
      isTaken = this.take(use);
      if (isTaken) return true;
      this.entrance.announce();
      wakeSender(this.#board, this.lane);
      isTaken = true;
      isTaken = this.take(use);
    } finally {
      if (isTaken) this.entrance.leave();
    }
    return isTaken;
  }

  override giveUp(): boolean {
    if (!this.#wantNoMore()) return false;
    this.entrance.giveUp();
    return true;
  }

  #want(): void {
    const { words } = this.lane;
    this.entrance.announce();
    if (!this.#isWanting) store(words, WANTED, Want.wanted);
    this.#isWanting = true;
    wakeSender(this.#board, this.lane);
  }

  /** False if an item was promised: it is there, or about to be. */
  #wantNoMore(): boolean {
    if (!this.#isWanting) return true;
    const was = compareExchange(this.lane.words, WANTED, Want.wanted, Want.none);
    if (was === Want.promised) return false;
    this.#isWanting = false;
    return true;
  }

  protected override take(use: UseItem): boolean {
    const { words } = this.lane;
    const offer = load(words, OFFER);
    if (offer <= Offer.none) return false;
    this.ring.refresh();
    if (!this.ring.hasItem) return false; // what OFFER says is of the item before
    // First, since a promise must not be made to a receiver that has an item.
    const isPromised = !this.#wantNoMore();
    if (compareExchange(words, OFFER, offer, -offer) !== offer) return false;
    if (isPromised) this.#keepPromise(); // made about this item: its sender found nothing in the lane before it
    try {
      const isThere = this.takeOldest(use);
      invariant(isThere, "an item was offered that is not there");
    } catch (error) {
      if (isOnItsWay(error)) repairReceiver(this.lane); // it lies there still, and can be had
      throw error;
    }
    return true;
  }

  #keepPromise(): void {
    store(this.lane.words, WANTED, Want.none);
    this.#isWanting = false;
  }
}

/**
 * For a sender that died inside: what it offered, or had not yet offered, is not there, and a promise that it did not
 * keep was not made. Can be repeated.
 */
export function repairSender(lane: Lane, dead: number): void {
  const { words } = lane;
  const wasOffered = compareExchange(words, OFFER, dead + 1, Offer.none) === dead + 1;
  if (wasOffered || load(words, OFFER) === Offer.none) setTail(lane, positionIn(lane, HEAD));
  if (isEmpty(lane)) compareExchange(words, WANTED, Want.promised, Want.wanted);
}

/** For a receiver that died inside: the item that it had claimed is to be had again. Can be repeated. */
export function repairReceiver(lane: Lane): void {
  const { words } = lane;
  store(words, WANTED, Want.none);
  const offer = load(words, OFFER);
  if (offer < Offer.none && !isEmpty(lane)) compareExchange(words, OFFER, offer, -offer);
}

/** Whether no item lies there, taken or not. */
function isEmpty(lane: Lane): boolean {
  return positionIn(lane, HEAD) === positionIn(lane, TAIL);
}
