/**
 * An end of a quipe: what a task holds to talk to the task at the other end.
 *
 *   my end                                     the other end
 *     send ──▶ LaneSender ═══ out lane ═══ LaneReceiver ──▶ receive
 *     receive ◀── LaneReceiver ═══ in lane ═══ LaneSender ◀── send
 *
 * The thin part: it encodes, decides how to wait, and words the errors. What is in shared memory, and why
 * it is safe, stands in lane.ts. An attempt first tries, then announces itself and tries once more, so
 * an end that need not wait never writes a waiters' word.
 */
import { QuipeBug, QuipeError } from "../errors.ts";
import { comeBack } from "../memory/flight.ts";
import { BlockedOn } from "../sync/board.ts";
import { fetchBuffer, reportUnused } from "../sync/buffers.ts";
import type { Sent } from "../memory/shareable.ts";
import { nextTurn } from "../runtime/host.ts";
import { Patience } from "../sync/patience.ts";
import { drainInbox, tellReaper, thisThread } from "../sync/thread.ts";
import { type WaitOptions, type WaitTarget, throwIfGivenUp, throwIfStopped } from "../sync/wait.ts";
import { decode, fromParcel } from "./decode.ts";
import { type Encoded, encode } from "./encode.ts";
import { brokenError, terminalError } from "./end-errors.ts";
import { failureIn, failureParcel } from "./failures.ts";
import { EndState, Form } from "./lane-layout.ts";
import { LaneReceiver, LaneSender, type Peeked, idsLeft } from "./lane.ts";
import { type LaneStatistics, statisticsOf } from "./lane-statistics.ts";
import { lanesOf } from "./quipe.ts";
import { type Turn, Turns, ringMyself } from "./turns.ts";
import { type Item as EncodedItem, type Unsent, prepare, publishParcel } from "./unsent.ts";

const SEND: WaitTarget = { code: BlockedOn.lane, text: "room in a lane" };
const RECEIVE: WaitTarget = { code: BlockedOn.lane, text: "an item from a lane" };
/** The payload of an integer on its way into a lane. */
const integer = new Int32Array(1);
/** After so many items in a row without a wait, timers and sockets get their turn. */
const ITEMS_PER_TURN = 64;
const DONE: Promise<void> = Promise.resolve();
const UNEXPLAINED = { error: undefined };

/** A receive that waits for its item. */
interface Wanted extends Turn {
  item: { readonly value: unknown } | undefined;
}

/** Tells with which error the task at the other end ended; undefined while that is not known yet. */
export type Explain = () => { readonly error: unknown } | undefined;

/** The end on one side of a quipe: side 0 sends into the first lane, side 1 into the second. */
export function openEnd<Out, In>(
  quipe: SharedArrayBuffer,
  side: 0 | 1,
  explain?: Explain,
): End<Out, In> {
  const [first, second] = lanesOf(quipe);
  const { board } = thisThread();
  return side === 0
    ? new End(new LaneSender(first, board), new LaneReceiver(second, board), explain)
    : new End(new LaneSender(second, board), new LaneReceiver(first, board), explain);
}

/**
 * One end of a quipe: `send` puts items into the other task's lane, `receive` takes what it sent.
 * Items are copied; frozen objects go by reference. Items of one sender arrive in order. What was sent
 * before an end died can still be received; after that every receive says how the other side ended:
 * `ended`, `peer-failed` or `peer-killed`, for ever and without waiting.
 *
 * @example
 * ```ts
 * import { spawn } from "quipe";
 *
 * const doubler = spawn(async () => {
 *   const { current } = await import("quipe");
 *   const end = current<number, number>().quipe;
 *   for await (const n of end) await end.send(n * 2);
 * });
 *
 * await doubler.quipe.send(21);
 * console.log(await doubler.quipe.receive()); // 42
 * doubler.quipe.close();
 * console.log((await doubler.outcome).kind); // done
 * ```
 */
export class End<Out = unknown, In = unknown> {
  readonly #out: LaneSender;
  readonly #in: LaneReceiver;
  readonly #explain: Explain;
  #closed = false;
  #cause: { readonly error: unknown } | undefined;
  readonly #sendPatience = new Patience();
  readonly #receivePatience = new Patience();
  readonly #sends: Turns<Unsent> = new Turns((rest: Unsent) => this.#publish(rest), SEND);
  readonly #receives: Turns<Wanted> = new Turns((wanted: Wanted) => this.#serve(wanted), RECEIVE);
  #receivedInARow = 0;

  /** Ends come from `task.quipe` and `current().quipe`; there is nothing to construct. */
  constructor(out: LaneSender, into: LaneReceiver, explain: Explain = () => UNEXPLAINED) {
    this.#out = out;
    this.#in = into;
    this.#explain = explain;
  }

  /**
   * Sends an item; waits its turn while the lane is full. Rejects `closed`, `broken`, `not-sendable`,
   * `timed-out`, `cancelled` or the signal's reason, and then nothing was sent.
   */
  send<Item>(item: Sent<Out, Item>, options?: WaitOptions): Promise<void> {
    try {
      throwIfStopped();
      throwIfGivenUp(options);
      const rest = this.#begin(item);
      return rest === undefined ? DONE : this.#sendLater(rest, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Sends an item if there is room now. Throws `closed`, `broken` or `not-sendable`; never waits. */
  trySend<Item>(item: Sent<Out, Item>): boolean {
    const rest = this.#begin(item);
    if (rest === undefined) return true;
    rest.giveUp();
    return false;
  }

  /** Sends an item; blocks the thread while the lane is full. Throws as {@link send} rejects, and `cannot-block`. */
  sendSync<Item>(item: Sent<Out, Item>, options?: WaitOptions): void {
    throwIfStopped();
    throwIfGivenUp(options);
    const rest = this.#begin(item);
    if (rest === undefined) return;
    try {
      if (!this.#sends.isTaken) this.#sendPatience.until(() => this.#out.isRoomy);
      this.#sends.waitSync(rest, options);
    } catch (error) {
      rest.giveUp();
      throw error;
    }
  }

  /**
   * Receives the next item; waits while there is none. Rejects `closed`, `ended`, `peer-failed`,
   * `peer-killed`, `timed-out`, `cancelled` or the signal's reason, and then nothing was taken.
   */
  receive(options?: WaitOptions): Promise<In> {
    try {
      throwIfStopped();
      throwIfGivenUp(options);
      const item = this.#receives.isTaken ? undefined : this.#takeSoon();
      if (item === undefined) return this.#receiveLater(options);
      this.#receivedInARow += 1;
      return this.#receivedInARow % ITEMS_PER_TURN === 0
        ? nextTurn().then(() => item.value)
        : Promise.resolve(item.value);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Receives an item if one is there. Throws `closed`, `ended`, `peer-failed` or `peer-killed`; never waits. */
  tryReceive(): { readonly value: In } | undefined {
    return this.#receives.isTaken ? undefined : this.#take();
  }

  /** Receives the next item; blocks the thread while there is none. Throws as {@link receive} rejects, and `cannot-block`. */
  receiveSync(options?: WaitOptions): In {
    throwIfStopped();
    throwIfGivenUp(options);
    const item = this.#receives.isTaken ? undefined : this.#takeSoon();
    if (item !== undefined) return item.value;
    const wanted: Wanted = { isServed: false, item: undefined };
    this.#receives.waitSync(wanted, options);
    return itemOf(wanted) as In;
  }

  /** As {@link trySend} of what is encoded already; but the other side may sleep on until {@link wakePeer}. @internal */
  trySendEncoded(item: EncodedItem): boolean {
    this.#assertOpen();
    if (!this.#out.receiverIsThere) throw brokenError();
    const rest = prepare(item, this.#out.inlineBytes);
    if (this.#out.append(rest.payload, rest.length, rest.form)) {
      rest.sent(this.#out);
      return true;
    }
    rest.retract();
    return false;
  }

  /** Wakes the other side if it waits for what was sent by {@link trySendEncoded}. @internal */
  wakePeer(): void {
    this.#out.wakeReceiver();
  }

  /** As {@link tryReceive}; and if nothing is there, this task's doorbell rings as soon as something is. @internal */
  tryReceiveOrListen(): { readonly value: In } | undefined {
    const item = this.#take();
    if (item !== undefined) return item;
    this.#in.announce(thisThread().task.slot);
    return this.#take();
  }

  /** Blocks the thread for a while at most; whether there is something to receive now. @internal */
  awaitItemSync(timeoutMs: number): boolean {
    this.#receives.napSync(() => this.#in.announceAndLook(thisThread().task.slot), timeoutMs);
    return this.#in.hasItem;
  }

  /** Receives until the other side has ended cleanly; throws if it failed or was killed. Leaving early closes nothing. */
  async *[Symbol.asyncIterator](): AsyncGenerator<In, void, undefined> {
    for (;;) {
      let item: In;
      try {
        item = await this.receive();
      } catch (error) {
        if (error instanceof QuipeError && error.code === "ended" && !this.#closed) return;
        throw error;
      }
      yield item;
    }
  }

  /**
   * Closes this end: the other task receives what was sent, then `ended`, or `peer-failed` with `error`
   * as its cause; its sends are `broken`. Waiting operations of this end throw `closed`. Never waits;
   * false if it was closed already.
   */
  close(error?: unknown): boolean {
    if (this.#closed) return false;
    const failed = error !== undefined;
    const parcelId = failed ? publishParcel(failureParcel(error)) : 0;
    this.#closed = true;
    // In this order: who has heard of the end finds that it can no longer send either.
    this.#in.close();
    this.#out.close(failed ? EndState.failed : EndState.clean, parcelId);
    const ids = idsLeft(this.#in.lane);
    if (ids.length > 0) tellReaper({ kind: "refused", ids });
    ringMyself(); // what waits on this end
    return true;
  }

  /** Makes this handle useless without a word to the other side, which the reaper tells how the task ended. @internal */
  detach(): void {
    this.#closed = true;
  }

  /** Closes this end; for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** How many items went out and came in, and how many of them wait. Never waits; works on a dead quipe too. */
  statistics(): { readonly out: LaneStatistics; readonly in: LaneStatistics } {
    return { out: statisticsOf(this.#out.lane), in: statisticsOf(this.#in.lane) };
  }

  /** Tries to send at once, unless others wait already; returns what is left to do. */
  #begin(item: unknown): Unsent | undefined {
    this.#assertOpen();
    const mustWait = this.#sends.isTaken;
    if (!mustWait && isInteger(item)) {
      integer[0] = item;
      if (this.#publishWords(integer, integer.byteLength, Form.integer)) return undefined;
    }
    const encoded = encode(item);
    try {
      return this.#publishNow(encoded, mustWait);
    } catch (error) {
      comeBack(encoded.moves);
      throw error;
    } finally {
      encoded.release();
    }
  }

  #publishNow({ writer, carries, moves }: Encoded, mustWait: boolean): Unsent | undefined {
    const { words, bytes, length } = writer;
    const isPlain = carries.length === 0 && length <= this.#out.inlineBytes;
    if (isPlain && !mustWait && this.#publishWords(words, length, Form.inline)) return undefined;
    if (!this.#out.receiverIsThere) throw brokenError();
    const whole = { bytes: bytes.subarray(0, length), carries, moves };
    const rest = prepare(whole, this.#out.inlineBytes);
    return !mustWait && !isPlain && this.#publish(rest) ? undefined : rest;
  }

  async #sendLater(rest: Unsent, options: WaitOptions | undefined): Promise<void> {
    try {
      await this.#sends.wait(rest, options);
    } catch (error) {
      rest.giveUp();
      throw error;
    }
  }

  #publish(rest: Unsent): boolean {
    const { payload, length, form } = rest;
    if (!this.#publishWords(payload, length, form)) {
      this.#out.announce(thisThread().task.slot);
      if (!this.#publishWords(payload, length, form)) return false;
    }
    rest.sent(this.#out);
    return true;
  }

  #publishWords(payload: Int32Array, length: number, form: number): boolean {
    this.#assertOpen();
    if (!this.#out.receiverIsThere) throw brokenError();
    return this.#out.publish(payload, length, form);
  }

  async #receiveLater(options: WaitOptions | undefined): Promise<In> {
    const wanted: Wanted = { isServed: false, item: undefined };
    await this.#receives.wait(wanted, options);
    return itemOf(wanted) as In;
  }

  /** An item that is there, or comes within a few microseconds. */
  #takeSoon(): { readonly value: In } | undefined {
    const item = this.#take();
    if (item !== undefined) return item;
    return this.#receivePatience.until(() => this.#in.hasItem) ? this.#take() : undefined;
  }

  #serve(wanted: Wanted): boolean {
    wanted.item = this.tryReceiveOrListen();
    return wanted.item !== undefined;
  }

  #take(): { readonly value: In } | undefined {
    this.#assertOpen();
    const item = this.#in.peek();
    if (item !== undefined) return this.#open(item);
    const state = this.#in.senderState;
    if (state === EndState.open) return undefined;
    // Published before the state that was just read, so this look is the last one needed.
    const last = this.#in.peek();
    if (last !== undefined) return this.#open(last);
    this.#cause ??= state === EndState.clean ? UNEXPLAINED : this.#causeOfEnd();
    if (this.#cause === undefined) return undefined;
    throw terminalError(state, this.#cause.error);
  }

  /** Undefined while the reaper has closed the lane and its message that says why is still on its way. */
  #causeOfEnd(): { readonly error: unknown } | undefined {
    const id = this.#in.closeParcelId;
    if (id !== 0) {
      const error = failureIn({ bytes: fetchBuffer(id) });
      reportUnused(id);
      return { error };
    }
    const known = this.#explain();
    if (known !== undefined) return known;
    drainInbox();
    return this.#explain();
  }

  #open(item: Peeked): { readonly value: In } {
    let value: unknown;
    try {
      value = this.#decode(item);
    } finally {
      this.#in.acknowledge();
    }
    // Only now: the reaper looks whether the lane still holds it.
    if (item.form === Form.apart) reportUnused(this.#wordAt(item.start));
    return { value: value as In };
  }

  #decode({ form, start, length }: Peeked): unknown {
    const { bytes } = this.#in.lane;
    if (form === Form.integer) return this.#wordAt(start);
    if (form === Form.inline) return decode(bytes, start, length);
    // The words before the end say how long the value is without what it carries.
    if (form === Form.carrying) return decode(bytes, start, this.#wordAt(start + length - 8));
    return fromParcel({ bytes: fetchBuffer(this.#wordAt(start)) });
  }

  #wordAt(byte: number): number {
    return this.#in.lane.words[byte / 4] ?? 0;
  }

  #assertOpen(): void {
    if (this.#closed) {
      throw new QuipeError(
        "closed",
        "This end was closed by its own task. Keep it open for as long as you use it.",
      );
    }
  }
}

/** Whether an item goes as a word, which is what most numbers are. */
function isInteger(item: unknown): item is number {
  return typeof item === "number" && (item | 0) === item && !Object.is(item, -0);
}

function itemOf({ item }: Wanted): unknown {
  if (item === undefined) throw new QuipeBug("a receive was served nothing");
  return item.value;
}
