/** What all receiving halves have in common that go in through a turnstile: those of shared-lane.ts and rendezvous.ts. */
import { QuipeBug } from "../errors.ts";
import { Entrance } from "./entrance.ts";
import type { ReceivingHalf, UseItem, User } from "./halves.ts";
import type { Lane } from "./lane-memory.ts";
import { LaneReceiver } from "./lane.ts";

/** Receives while it is inside. */
export abstract class InTurnReceiver implements ReceivingHalf {
  readonly lane: Lane;
  protected readonly ring: LaneReceiver;
  protected readonly entrance: Entrance;

  constructor(lane: Lane, user: User) {
    this.lane = lane;
    this.ring = new LaneReceiver(lane, user.board);
    this.entrance = new Entrance(lane, "receiver", user);
  }

  tryTake(use: UseItem): boolean {
    if (!this.hasItem || !this.entrance.tryEnter()) return false;
    try {
      return this.take(use);
    } finally {
      this.entrance.leave();
    }
  }

  abstract attempt(use: UseItem): boolean;

  attemptOnce(use: UseItem): boolean {
    return this.attempt(use);
  }

  giveUp(): boolean {
    this.entrance.giveUp();
    return true;
  }

  get hasItem(): boolean {
    this.ring.refresh();
    return this.ring.hasItem;
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

  /** Takes the oldest item, for whoever is inside. */
  protected abstract take(use: UseItem): boolean;

  /** The same, once it is certain that it is this task's, if it is there. */
  protected takeOldest(use: UseItem): boolean {
    this.ring.refresh();
    return this.ring.takeBy(use);
  }
}
