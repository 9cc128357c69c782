/**
 * The sending side of an end in one task, for all its handles there: encodes, sends at once or in turn, and does what
 * is to be done with an item for which there is no room.
 *
 *   End, End.clone() ──▶ Outlet ── Turns ──▶ SendingHalf ═══ lane
 */
import { comeBack } from "../memory/travellers.ts";
import { glance, load } from "../runtime/atomics.ts";
import { BlockedOn } from "../sync/board.ts";
import { Patience } from "../sync/patience.ts";
import { thisThread } from "../sync/thread.ts";
import type { WaitOptions, WaitTarget } from "../sync/wait.ts";
import { AloneSender } from "./alone-lane.ts";
import { writtenCargo } from "./cargo.ts";
import type { Chooser } from "./case.ts";
import { encode } from "./encode.ts";
import type { Encoded } from "./encoded.ts";
import { abortedError, brokenError } from "./end-errors.ts";
import { ENDS, Overflow } from "./ends-layout.ts";
import { type SendingHalf, sendingHalf } from "./halves.ts";
import { EndState, RECEIVER_STATE } from "./lane-layout.ts";
import { type Lane, inlineBytesOf, wakeReceiver } from "./lane-memory.ts";
import type { Cargo } from "./lane.ts";
import type { LiveHandle } from "./live-handle.ts";
import { type Losses, hasHome } from "./losses.ts";
import { publishLanes } from "./publishing.ts";
import type { QuipeMemory, Side } from "./quipe-memory.ts";
import { type Turn, Turns } from "./turns.ts";
import {
  type Item,
  type Unsent,
  isPlain,
  prepare,
  prepareEncoded,
  prepareValue,
} from "./unsent.ts";

const SEND: WaitTarget = { code: BlockedOn.lane, text: "room in a lane" };

/** An item that waits for room. */
export interface SendTurn extends Turn {
  readonly rest: Unsent;
  readonly holder: LiveHandle;
  /** The item takes along the very handle that it is sent through. */
  readonly isFarewell: boolean;
}

/** An item that a select may send. */
export interface OfferedItem {
  readonly item: unknown;
  readonly rest: Unsent;
  /** Undefined if the item takes the very handle along through which it is sent. */
  readonly holder: LiveHandle | undefined;
}

/** What one task sends through one end of a quipe. */
export class Outlet {
  readonly #memory: QuipeMemory;
  readonly #side: Side;
  readonly #lane: Lane;
  readonly #words: Int32Array;
  readonly #inlineBytes: number;
  readonly #overflow: number;
  readonly #losses: Losses;
  /** Whether some task wants to hear of losses. */
  readonly #isHeard: boolean;
  #half: SendingHalf;
  readonly #patience = new Patience();
  readonly #turns: Turns<SendTurn>;

  constructor(memory: QuipeMemory, side: Side, losses: Losses) {
    const lane = memory.laneFrom(side);
    this.#memory = memory;
    this.#side = side;
    this.#lane = lane;
    this.#words = lane.words;
    this.#inlineBytes = inlineBytesOf(lane);
    this.#overflow = memory.words[ENDS.OVERFLOW] as number;
    this.#losses = losses;
    this.#isHeard = hasHome(memory);
    this.#half = this.#newHalf();
    this.#turns = new Turns<SendTurn>(
      {
        serve: (turn) => this.#serve(turn),
        leave: (turn) => this.#leave(turn),
        leaveQueue: () => void this.#half.giveUp(),
      },
      SEND,
    );
  }

  /** This side was one task's alone, and is not any more; or it is this one's again. */
  renewHalf(): void {
    if (this.#half instanceof AloneSender) this.#half = this.#newHalf();
  }

  /** Tries to send at once, unless others wait already; returns what is left to do. */
  begin(item: unknown, holder: LiveHandle): SendTurn | undefined {
    holder.assertOpen("send");
    const mustWait = this.#turns.isTaken;
    if (!mustWait && isInteger(item) && this.#sendInteger(item)) return undefined;
    const rest = this.#encodeAndSend(item, mustWait);
    return rest && { rest, holder, isFarewell: !holder.isOpen, isServed: false };
  }

  /** Gives up what {@link begin} has left. */
  giveUp({ rest }: SendTurn): void {
    rest.giveUp();
  }

  /** Waits without blocking until there is room for the item in its turn; rejects with nothing sent. */
  async wait(turn: SendTurn, options: WaitOptions | undefined): Promise<void> {
    try {
      turn.rest.keep();
      await this.#turns.wait(turn, options);
    } catch (error) {
      turn.rest.giveUp();
      throw error;
    }
  }

  /** Blocks the thread until there is room for the item in its turn; throws with nothing sent. */
  waitSync(turn: SendTurn, options: WaitOptions | undefined): void {
    try {
      if (!this.#turns.isTaken) this.#patience.until(() => this.#half.isRoomy);
      this.#turns.waitSync(turn, options);
    } catch (error) {
      turn.rest.giveUp();
      throw error;
    }
  }

  /** Encodes an item that a select may send. Throws `not-sendable`, whatever has become of the end. */
  prepare(item: unknown): Unsent {
    return this.#announced(prepareValue(item, this.#inlineBytes));
  }

  /**
   * Sends what {@link prepare} gave, in the turn of a select, which waits in the queue from here on.
   */
  attemptFor(chooser: Chooser, { item, rest, holder }: OfferedItem): boolean {
    return this.#turns.tryInTurn(chooser, () => {
      holder?.assertOpen("send");
      const drops = this.#overflow !== Overflow.wait;
      return drops ? this.#publishOrDrop(item, rest) : this.#publishInTurn(rest, "attemptOnce");
    });
  }

  /** A select is over that waited here. */
  leaveQueue(chooser: Chooser): void {
    this.#turns.leave(chooser);
  }

  /** Sends what is encoded already if there is room; the other side may sleep on until {@link wakePeer}. */
  tryEncoded(item: Item, holder: LiveHandle): boolean {
    holder.assertOpen("send");
    this.#assertReceivable();
    const rest = this.#announced(prepare(item, this.#inlineBytes));
    if (this.#half.tryPublish(rest, true)) {
      this.#sent(rest);
      return true;
    }
    rest.retract();
    return false;
  }

  /** Wakes the other side if it waits for what was sent by {@link tryEncoded}. */
  wakePeer(): void {
    wakeReceiver(thisThread().board, this.#lane);
  }

  /** Whether anybody is left to receive. */
  get #isReceivable(): boolean {
    return load(this.#words, RECEIVER_STATE) === EndState.open;
  }

  #sent(rest: Unsent): void {
    this.#tellLosses();
    rest.sent(() => this.#isReceivable);
  }

  #tellLosses(): void {
    if (this.#isHeard) this.#losses.sent();
  }

  #newHalf(): SendingHalf {
    const { board, task } = thisThread();
    return sendingHalf(this.#memory, this.#side, { board, slot: task.slot });
  }

  /** The shortest way of all. False, with nothing done, if there is no room. */
  #sendInteger(item: number): boolean {
    this.#assertSeemsReceivable();
    if (!this.#half.tryInteger(item)) return false;
    this.#tellLosses();
    return true;
  }

  #encodeAndSend(item: unknown, mustWait: boolean): Unsent | undefined {
    const rest = this.#sendOrPrepare(encode(item), mustWait);
    if (rest === undefined) return undefined;
    try {
      if (!mustWait && !rest.isEncoded && this.#publish(rest)) {
        this.#sent(rest);
        return undefined;
      }
      return this.#drop(item, rest) ? undefined : rest;
    } catch (error) {
      rest.giveUp();
      throw error;
    }
  }

  /** Sends an item from its encoder, if it can go as it is and there is room; what is left of it. */
  #sendOrPrepare(encoded: Encoded, mustWait: boolean): Unsent | undefined {
    try {
      const goesNow = !mustWait && isPlain(encoded, this.#inlineBytes);
      if (goesNow && this.#publish(writtenCargo(encoded.writer))) {
        this.#tellLosses();
        encoded.release();
        return undefined;
      }
      this.#assertReceivable();
    } catch (error) {
      comeBack(encoded.moves);
      encoded.release();
      throw error;
    }
    return this.#announced(prepareEncoded(encoded, this.#inlineBytes));
  }

  #announced(rest: Unsent): Unsent {
    if (rest.isCarrying) publishLanes(this.#memory);
    return rest;
  }

  #publish(cargo: Cargo): boolean {
    this.#assertSeemsReceivable();
    return this.#half.tryPublish(cargo);
  }

  /** As {@link #assertReceivable}, by a look that costs next to nothing: whoever leaves now may be seen a little later. */
  #assertSeemsReceivable(): void {
    if (glance(this.#words, RECEIVER_STATE) !== EndState.open) this.#assertReceivable();
  }

  /** Throws `broken` or `aborted` if nobody is left to receive. */
  #assertReceivable(): void {
    const state = load(this.#words, RECEIVER_STATE);
    if (state === EndState.open) return;
    throw state === EndState.aborted ? abortedError(this.#memory) : brokenError();
  }

  /** There is no room: true if that is settled by dropping an item, this one or the oldest. */
  #drop(item: unknown, rest: Unsent): boolean {
    if (this.#overflow === Overflow.wait) return false;
    if (this.#overflow === Overflow["drop-newest"]) {
      this.#losses.drop(item, rest);
      return true;
    }
    for (;;) {
      this.#assertReceivable();
      if (this.#half.tryPublish(rest)) break;
      this.#losses.dropOldest();
    }
    this.#sent(rest);
    return true;
  }

  #serve({ rest, holder, isFarewell }: SendTurn): boolean {
    if (!isFarewell) holder.assertOpen("send");
    return this.#publishInTurn(rest, "attempt");
  }

  #publishOrDrop(item: unknown, rest: Unsent): boolean {
    if (!this.#publish(rest)) return this.#drop(item, rest);
    this.#sent(rest);
    return true;
  }

  #publishInTurn(rest: Unsent, how: "attempt" | "attemptOnce"): boolean {
    this.#assertReceivable();
    if (!this.#half[how](rest)) {
      this.#assertReceivable(); // it may have ended before this task had announced itself
      return false;
    }
    this.#sent(rest);
    return true;
  }

  #leave(turn: SendTurn): SendTurn | undefined {
    if (this.#half.giveUp()) return undefined;
    this.#sent(turn.rest);
    return turn;
  }
}

/** Whether an item goes as a word, which is what most numbers are. */
function isInteger(item: unknown): item is number {
  return typeof item === "number" && (item | 0) === item && !Object.is(item, -0);
}
