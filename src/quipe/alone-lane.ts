/** The halves of a lane that has one task on their side: the fast ones, without a lock. */
import { compareExchange } from "../runtime/atomics.ts";
import type { ReceivingHalf, SendingHalf, UseItem, User } from "./halves.ts";
import { RECEIVER_WAITING, SENDER_WAITING } from "./lane-layout.ts";
import type { Lane } from "./lane-memory.ts";
import { type Cargo, LaneReceiver, LaneSender } from "./lane.ts";

/** Sends where nobody else does. */
export class AloneSender implements SendingHalf {
  readonly lane: Lane;
  readonly #ring: LaneSender;
  readonly #slot: number;

  constructor(lane: Lane, { board, slot }: User) {
    this.lane = lane;
    this.#ring = new LaneSender(lane, board);
    this.#slot = slot;
  }

  tryPublish(cargo: Cargo, quietly = false): boolean {
    return quietly ? cargo.appendTo(this.#ring) : this.#ring.put(cargo);
  }

  tryInteger(value: number): boolean {
    return this.#ring.publishInteger(value);
  }

  attempt(cargo: Cargo): boolean {
    if (this.#ring.put(cargo)) return true;
    this.#ring.announce(this.#slot);
    return this.#ring.put(cargo);
  }

  attemptOnce(cargo: Cargo): boolean {
    return this.attempt(cargo);
  }

  giveUp(): boolean {
    compareExchange(this.lane.words, SENDER_WAITING, this.#slot + 1, 0);
    return true;
  }

  get isRoomy(): boolean {
    return this.#ring.isRoomy;
  }
}

/** Receives where nobody else does. */
export class AloneReceiver implements ReceivingHalf {
  readonly lane: Lane;
  readonly #ring: LaneReceiver;
  readonly #slot: number;

  constructor(lane: Lane, { board, slot }: User) {
    this.lane = lane;
    this.#ring = new LaneReceiver(lane, board);
    this.#slot = slot;
  }

  tryTake(use: UseItem): boolean {
    return this.#ring.takeBy(use);
  }

  attempt(use: UseItem): boolean {
    if (this.tryTake(use)) return true;
    this.#ring.announce(this.#slot);
    return this.tryTake(use);
  }

  attemptOnce(use: UseItem): boolean {
    return this.attempt(use);
  }

  giveUp(): boolean {
    compareExchange(this.lane.words, RECEIVER_WAITING, this.#slot + 1, 0);
    return true;
  }

  get hasItem(): boolean {
    return this.#ring.hasItem;
  }

  takeShort(): number | undefined {
    return this.#ring.takeShort();
  }

  get itemsSeen(): number {
    return this.#ring.itemsSeen;
  }

  listen(): boolean {
    this.#ring.announce(this.#slot);
    return this.#ring.hasItem;
  }
}
