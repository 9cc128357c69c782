/**
 * The receiving side of an end in one task, for all its handles there: takes items out at once or in turn, makes
 * values of them, and says how the lane has ended once it is empty.
 *
 *   lane ═══ ReceivingHalf ◀── Turns ◀── Inlet ◀── End, End.clone()
 */
import { QuipeBug } from "../errors.ts";
import { isPublished } from "../memory/holding.ts";
import { glance, load } from "../runtime/atomics.ts";
import { BlockedOn, ring } from "../sync/board.ts";
import { fetchBuffer, reportUnused } from "../sync/buffers.ts";
import { isOnItsWay } from "../sync/on-its-way.ts";
import { Patience } from "../sync/patience.ts";
import { drainInbox, thisThread } from "../sync/thread.ts";
import type { WaitOptions, WaitTarget } from "../sync/wait.ts";
import { AloneReceiver } from "./alone-lane.ts";
import { settleArrivals } from "./arrivals.ts";
import type { Chooser } from "./case.ts";
import { abortedError, terminalError } from "./end-errors.ts";
import { ENDS } from "./ends-layout.ts";
import { failureIn } from "./failures.ts";
import { type ReceivingHalf, receivingHalf } from "./halves.ts";
import { CLOSE_PARCEL, EndState, type EndStateValue, SENDER_STATE } from "./lane-layout.ts";
import type { Lane } from "./lane-memory.ts";
import type { Peeked } from "./lane.ts";
import type { LiveHandle } from "./live-handle.ts";
import { type QuipeMemory, type Side, otherSide } from "./quipe-memory.ts";
import { apartId, valueOf } from "./taken-item.ts";
import { type Turn, Turns } from "./turns.ts";

const RECEIVE: WaitTarget = { code: BlockedOn.lane, text: "an item from a lane" };
const UNEXPLAINED = { error: undefined };

/** An item that was received. */
export interface Received {
  readonly value: unknown;
}

/** A receive that waits for its item. */
export interface ReceiveTurn extends Turn {
  readonly holder: LiveHandle;
  item: Received | undefined;
}

/** Tells with which error the task at the other end ended; undefined while that is not known yet. */
export type Explain = () => { readonly error: unknown } | undefined;

/** What one task receives from one end of a quipe. */
export class Inlet {
  readonly #memory: QuipeMemory;
  readonly #side: Side;
  readonly #lane: Lane;
  readonly #explain: Explain | undefined;
  #half: ReceivingHalf;
  #cause: { readonly error: unknown } | undefined;
  #received: Received | undefined;
  readonly #short = { value: 0 };
  readonly #patience = new Patience();
  readonly #turns: Turns<ReceiveTurn>;
  #apart = 0;
  readonly #use = (item: Peeked): void => {
    this.#apart = apartId(this.#lane, item);
    this.#received = { value: valueOf(this.#lane, item) };
  };

  constructor(memory: QuipeMemory, side: Side, explain?: Explain) {
    this.#memory = memory;
    this.#side = side;
    this.#lane = memory.laneFrom(otherSide(side));
    this.#explain = explain;
    this.#half = this.#newHalf();
    this.#turns = new Turns<ReceiveTurn>(
      {
        serve: (turn) => this.#serve(turn),
        leave: (turn, behind) => this.#leave(turn, behind),
        leaveQueue: () => void this.#half.giveUp(),
      },
      RECEIVE,
    );
  }

  /** This side was one task's alone, and is not any more; or it is this one's again. */
  renewHalf(): void {
    if (this.#half instanceof AloneReceiver) this.#half = this.#newHalf();
  }

  /** Receives an item if one is there and nobody waits for it. Throws how the lane has ended. */
  take(holder: LiveHandle): Received | undefined {
    holder.assertOpen("receive");
    return this.#turns.isTaken ? undefined : this.#takeNow();
  }

  /** The same for an item that comes within a few microseconds. What it gives is valid until the next call. */
  takeSoon(holder: LiveHandle): Received | undefined {
    holder.assertOpen("receive");
    if (this.#turns.isTaken) return undefined;
    const short = this.#seemsAborted ? undefined : this.#half.takeShort();
    if (short !== undefined) {
      this.#short.value = short;
      return this.#short;
    }
    const item = this.#takeNow();
    if (item !== undefined) return item;
    if (!this.#patience.until(() => this.#half.hasItem)) return undefined;
    this.#patience.learn(this.#half.itemsSeen);
    return this.take(holder);
  }

  /** Waits without blocking for an item in its turn; rejects with nothing taken. */
  async wait(end: object, holder: LiveHandle, options: WaitOptions | undefined): Promise<unknown> {
    const turn: ReceiveTurn = { ...turnOf(holder), keeps: end };
    await this.#turns.wait(turn, options);
    return itemOf(turn);
  }

  /** Blocks the thread until there is an item in its turn; throws with nothing taken. */
  waitSync(holder: LiveHandle, options: WaitOptions | undefined): unknown {
    const turn = turnOf(holder);
    this.#turns.waitSync(turn, options);
    return itemOf(turn);
  }

  /** Receives in the turn of a select, which waits in the queue from here on. Throws how the lane has ended. */
  attemptFor(chooser: Chooser, holder: LiveHandle): Received | undefined {
    let item: Received | undefined;
    this.#turns.tryInTurn(chooser, () => {
      holder.assertOpen("receive");
      item = this.#takeInTurn("attemptOnce");
      return item !== undefined;
    });
    return item;
  }

  /** A select is over that waited here. */
  leaveQueue(chooser: Chooser): void {
    this.#turns.leave(chooser);
  }

  /**
   * As {@link take}; and if nothing is there, this task's doorbell rings as soon as something is. Throws what says that
   * an item is there which cannot be read yet.
   */
  takeOrListen(holder: LiveHandle): Received | undefined {
    holder.assertOpen("receive");
    return this.#takeInTurn();
  }

  /** Blocks the thread for a while at most; whether there is something to receive now, or never will be. */
  napSync(timeoutMs: number): boolean {
    this.#turns.napSync(() => this.#half.listen() || !this.#isOpen, timeoutMs);
    return this.#half.hasItem;
  }

  get #isOpen(): boolean {
    return load(this.#lane.words, SENDER_STATE) === EndState.open;
  }

  #newHalf(): ReceivingHalf {
    const { board, task } = thisThread();
    return receivingHalf(this.#memory, this.#side, { board, slot: task.slot });
  }

  #serve(turn: ReceiveTurn): boolean {
    turn.holder.assertOpen("receive");
    turn.item = this.#takeInTurn();
    return turn.item !== undefined;
  }

  /** An item that is on its way to this task is for the next one that waits, or, if there is none, for this turn. */
  #leave(turn: ReceiveTurn, behind: readonly ReceiveTurn[]): ReceiveTurn | undefined {
    while (!this.#half.giveUp()) {
      if (!this.#takeForLeaver()) continue;
      const heir = behind.find(({ holder }) => holder.isOpen) ?? turn;
      heir.item = this.#finish();
      return heir;
    }
    if (this.#seemsAborted) this.#wakeHome();
    return undefined;
  }

  /** Whoever collects what nobody will receive may have found this task inside. */
  #wakeHome(): void {
    const home = load(this.#memory.words, ENDS.HOME);
    if (home !== 0) ring(thisThread().board, home - 1);
  }

  /** False if nothing was there after all. What cannot be read yet is put back for whoever comes next. */
  #takeForLeaver(): boolean {
    try {
      return this.#half.attempt(this.#use);
    } catch (error) {
      if (isOnItsWay(error)) return false;
      throw error;
    }
  }

  #takeNow(): Received | undefined {
    try {
      this.#assertNotAborted();
      return this.#half.tryTake(this.#use) ? this.#finish() : this.#takeLast("tryTake");
    } catch (error) {
      if (isOnItsWay(error)) return undefined; // as long as it is, there is nothing to take
      throw error;
    }
  }

  #takeInTurn(how: "attempt" | "attemptOnce" = "attempt"): Received | undefined {
    this.#assertNotAborted();
    return this.#half[how](this.#use) ? this.#finish() : this.#takeLast(how);
  }

  /** After an attempt in vain: what the senders published before they ended, and then how they did. */
  #takeLast(how: "tryTake" | "attempt" | "attemptOnce"): Received | undefined {
    const state = this.#state();
    if (state === EndState.open) return undefined;
    // Published before the state that was just read, so this look is the last one needed.
    if (state !== EndState.aborted) {
      if (this.#half[how](this.#use)) return this.#finish();
      if (this.#half.hasItem) return undefined; // another task is taking it
    }
    return this.#throwEnd(state);
  }

  /** What was taken, now that it is out of the lane. */
  #finish(): Received {
    const item = this.#received as Received;
    this.#received = undefined;
    if (this.#apart !== 0) {
      reportUnused(this.#apart); // only now: the reaper looks whether the lane still holds it
      this.#apart = 0;
    }
    settleArrivals();
    return item;
  }

  #state(): EndStateValue {
    return load(this.#lane.words, SENDER_STATE) as EndStateValue;
  }

  /** A plain look; the one after a failed attempt is exact. */
  #assertNotAborted(): void {
    if (this.#seemsAborted) this.#throwEnd(EndState.aborted);
  }

  get #seemsAborted(): boolean {
    return glance(this.#lane.words, SENDER_STATE) === EndState.aborted;
  }

  #throwEnd(state: EndStateValue): undefined {
    if (state === EndState.aborted) throw abortedError(this.#memory);
    this.#cause ??= state === EndState.clean ? UNEXPLAINED : this.#causeOfEnd();
    if (this.#cause === undefined) return undefined;
    throw terminalError(state, this.#cause.error);
  }

  /** Undefined while the reaper has closed the lane and its message that says why is still on its way. */
  #causeOfEnd(): { readonly error: unknown } | undefined {
    const id = load(this.#lane.words, CLOSE_PARCEL);
    if (id !== 0) {
      const error = failureIn({ bytes: fetchBuffer(id) });
      if (!isPublished(this.#memory)) reportUnused(id); // nobody else can ask for it
      return { error };
    }
    const known = this.#explain === undefined ? UNEXPLAINED : this.#explain();
    if (known !== undefined) return known;
    drainInbox();
    return this.#explain?.();
  }
}

function turnOf(holder: LiveHandle): ReceiveTurn {
  return { holder, item: undefined, isServed: false };
}

function itemOf({ item }: ReceiveTurn): unknown {
  if (item === undefined) throw new QuipeBug("a receive was served nothing");
  return item.value;
}
