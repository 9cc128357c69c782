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
import { QuipeError } from "../errors.ts";
import { BlockedOn } from "../sync/board.ts";
import { fetchBuffer, reportUnused } from "../sync/buffers.ts";
import { nextTurn } from "../runtime/host.ts";
import { Patience } from "../sync/patience.ts";
import { thisThread } from "../sync/thread.ts";
import { type WaitOptions, type WaitTarget, block, park, throwIfStopped } from "../sync/wait.ts";
import { decode, fromParcel } from "./decode.ts";
import { encode, toParcel } from "./encode.ts";
import { EndState, type EndStateValue, Form } from "./lane-layout.ts";
import { type Lane, LaneReceiver, LaneSender, type Peeked, countItems } from "./lane.ts";
import { lanesOf } from "./quipe.ts";
import { Unsent, prepare, publishParcel } from "./unsent.ts";

/** What went through one direction of a quipe, as {@link End} tells it. */
export interface LaneStatistics {
  /** Items accepted so far. */
  readonly sent: number;
  /** Items that the receiver has taken out. */
  readonly taken: number;
  /** Items that wait: `sent - taken`. */
  readonly buffered: number;
  /** How many items may wait. */
  readonly capacity: number;
}

const SEND: WaitTarget = { code: BlockedOn.lane, text: "room in a lane" };
const RECEIVE: WaitTarget = { code: BlockedOn.lane, text: "an item from a lane" };
const NO_WORDS = new Int32Array(0);
/** After so many items in a row without a wait, timers and sockets get their turn. */
const ITEMS_PER_TURN = 64;
const DONE: Promise<void> = Promise.resolve();

/**
 * The end on one side of a quipe: side 0 sends into the first lane, side 1 into the second.
 * `explain` says with which error the task at the other end ended, where that is known already.
 */
export function openEnd<Out, In>(
  quipe: SharedArrayBuffer,
  side: 0 | 1,
  explain?: () => unknown,
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
  readonly #explain: (() => unknown) | undefined;
  #encoded: Int32Array = NO_WORDS;
  #closed = false;
  #cause: { readonly error: unknown } | undefined;
  readonly #sendPatience = new Patience();
  readonly #receivePatience = new Patience();
  #sendsWaiting = 0;
  #receivesWaiting = 0;
  #receivedInARow = 0;

  /** Ends come from `task.quipe` and `current().quipe`; there is nothing to construct. */
  constructor(out: LaneSender, into: LaneReceiver, explain?: () => unknown) {
    this.#out = out;
    this.#in = into;
    this.#explain = explain;
  }

  /**
   * Sends an item; waits its turn while the lane is full. Rejects `closed`, `broken`, `not-sendable`,
   * `timed-out`, `cancelled` or the signal's reason, and then nothing was sent.
   */
  send(item: Out, options?: WaitOptions): Promise<void> {
    try {
      throwIfStopped();
      const rest = this.#begin(item, this.#sendsWaiting > 0);
      return rest === undefined ? DONE : this.#sendLater(rest, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Sends an item if there is room now. Throws `closed`, `broken` or `not-sendable`; never waits. */
  trySend(item: Out): boolean {
    const rest = this.#begin(item, this.#sendsWaiting > 0);
    if (rest === undefined) return true;
    rest.giveUp();
    return false;
  }

  /** Sends an item; blocks the thread while the lane is full. Throws as {@link send} rejects, and `cannot-block`. */
  sendSync(item: Out, options?: WaitOptions): void {
    throwIfStopped();
    const rest = this.#begin(item, this.#sendsWaiting > 0);
    if (rest === undefined) return;
    try {
      if (this.#sendsWaiting === 0) this.#sendPatience.until(() => this.#out.isRoomy);
      block(() => this.#publish(rest), SEND, options);
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
      const item = this.#receivesWaiting > 0 ? undefined : this.#takeSoon();
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
    return this.#receivesWaiting > 0 ? undefined : this.#take();
  }

  /** Receives the next item; blocks the thread while there is none. Throws as {@link receive} rejects, and `cannot-block`. */
  receiveSync(options?: WaitOptions): In {
    throwIfStopped();
    let item = this.#receivesWaiting > 0 ? undefined : this.#takeSoon();
    if (item !== undefined) return item.value;
    block(() => (item = this.#announcedTake()) !== undefined, RECEIVE, options);
    return (item as unknown as { value: In }).value;
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
    this.#closed = true;
    const failed = error !== undefined;
    const parcelId = failed ? publishParcel(toParcel(error)) : 0;
    this.#out.close(failed ? EndState.failed : EndState.clean, parcelId);
    this.#in.close();
    return true;
  }

  /** Makes this handle useless without a word to the other side, which the reaper tells how the task ended. */
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
  #begin(item: Out, mustWait: boolean): Unsent | undefined {
    this.#assertOpen();
    return encode(item, (bytes, length, carries) => {
      const isPlain = carries.length === 0 && length <= this.#out.inlineBytes;
      if (isPlain && !mustWait && this.#publishWords(this.#wordsOf(bytes), length, Form.inline)) {
        return undefined;
      }
      const rest = prepare({ bytes: bytes.subarray(0, length), carries }, this.#out.inlineBytes);
      return !mustWait && !isPlain && this.#publish(rest) ? undefined : rest;
    });
  }

  async #sendLater(rest: Unsent, options: WaitOptions | undefined): Promise<void> {
    this.#sendsWaiting += 1;
    try {
      await park(() => this.#publish(rest), SEND, options);
    } catch (error) {
      rest.giveUp();
      throw error;
    } finally {
      this.#sendsWaiting -= 1;
    }
  }

  /** The encoder's buffer stays the same from item to item, and so does this view of it. */
  #wordsOf(bytes: Uint8Array): Int32Array {
    if (this.#encoded.buffer !== bytes.buffer) this.#encoded = new Int32Array(bytes.buffer);
    return this.#encoded;
  }

  #publish({ payload, length, form }: Unsent): boolean {
    if (this.#publishWords(payload, length, form)) return true;
    this.#out.announce(thisThread().task.slot);
    return this.#publishWords(payload, length, form);
  }

  #publishWords(payload: Int32Array, length: number, form: number): boolean {
    this.#assertOpen();
    if (!this.#out.receiverIsThere) throw brokenError();
    return this.#out.publish(payload, length, form);
  }

  async #receiveLater(options: WaitOptions | undefined): Promise<In> {
    let item: { readonly value: In } | undefined;
    this.#receivesWaiting += 1;
    try {
      await park(() => (item = this.#announcedTake()) !== undefined, RECEIVE, options);
    } finally {
      this.#receivesWaiting -= 1;
    }
    return (item as unknown as { value: In }).value;
  }

  /** An item that is there, or comes within a few microseconds. */
  #takeSoon(): { readonly value: In } | undefined {
    const item = this.#take();
    if (item !== undefined) return item;
    return this.#receivePatience.until(() => this.#in.hasItem) ? this.#take() : undefined;
  }

  #announcedTake(): { readonly value: In } | undefined {
    const item = this.#take();
    if (item !== undefined) return item;
    this.#in.announce(thisThread().task.slot);
    return this.#take();
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
    this.#cause ??= { error: this.#causeOfEnd() };
    throw terminalError(state, this.#cause.error);
  }

  #causeOfEnd(): unknown {
    const id = this.#in.closeParcelId;
    if (id === 0) return this.#explain?.();
    const cause = fromParcel({ bytes: new Uint8Array(fetchBuffer(id)) });
    reportUnused(id);
    return cause;
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
    if (form === Form.inline) return decode(bytes, start, length);
    // The words before the end say how long the value is without what it carries.
    if (form === Form.carrying) return decode(bytes, start, this.#wordAt(start + length - 8));
    return fromParcel({ bytes: new Uint8Array(fetchBuffer(this.#wordAt(start))) });
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

function statisticsOf(lane: Lane): LaneStatistics {
  const { sent, taken } = countItems(lane);
  return { sent, taken, buffered: (sent - taken) >>> 0, capacity: lane.capacity };
}

function brokenError(): QuipeError {
  return new QuipeError(
    "broken",
    "Nobody is left at the other end to receive this. The item is still yours.",
  );
}

function terminalError(state: EndStateValue, cause: unknown): QuipeError {
  if (state === EndState.clean) {
    return new QuipeError(
      "ended",
      "The other end was closed, and everything it sent has been received.",
    );
  }
  const options = cause === undefined ? {} : { cause };
  const why = cause instanceof Error ? `: ${cause.message}` : ".";
  return state === EndState.failed
    ? new QuipeError("peer-failed", `The task at the other end failed${why}`, options)
    : new QuipeError("peer-killed", `The task at the other end was killed${why}`, options);
}
