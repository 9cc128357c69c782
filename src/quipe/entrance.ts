/** The way of one task into one side of a lane, through the turnstile of that side. shared-lane.ts says who goes in when. */
import { compareExchange, load, pause, store } from "../runtime/atomics.ts";
import { Patience } from "../sync/patience.ts";
import { Turnstile } from "../sync/turnstile.ts";
import type { User } from "./halves.ts";
import { RECEIVER_WAITING, SENDER_WAITING, turnstilesOf } from "./lane-layout.ts";
import { type Lane, announceReceiver, announceSender } from "./lane-memory.ts";

/** How often somebody who does not want to wait looks whether the one inside has finished. */
const MOST_LOOKS = 20_000;

/** The way in and out, with the looks that spare a sleep. */
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
    this.#turnstile.giveUp(slot, this.#user.board);
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
