/**
 * An end of a quipe: what a task holds to talk to whoever has the other end.
 *
 *   my end                                     the other end
 *     send ──▶ Outlet ═══ out lane ═══ Inlet ──▶ receive
 *     receive ◀── Inlet ═══ in lane ═══ Outlet ◀── send
 *
 * The thin part: one handle (live-handle.ts), and how to wait. All handles of a side share its Outlet and Inlet.
 */
import { QuipeError } from "../errors.ts";
import type { Sent } from "../memory/shareable.ts";
import { nextTurn } from "../runtime/host.ts";
import { onceHere } from "../sync/supplied.ts";
import { ringMyself } from "../sync/thread.ts";
import { type WaitOptions, throwIfEnded } from "../sync/wait.ts";
import type { Case, Chooser, Selectable } from "./case.ts";
import { ReceiveCase } from "./end-case.ts";
import { isEndOfItems } from "./end-errors.ts";
import { HANDLE } from "./ends-layout.ts";
import { BOTH } from "./handles.ts";
import type { Inlet } from "./inlet.ts";
import { type LaneStatistics, statisticsAt } from "./lane-statistics.ts";
import { LiveHandle, type PeerEnd } from "./live-handle.ts";
import type { Outlet } from "./outlet.ts";
import type { PeerState } from "./peer-state.ts";
import { ITEMS_PER_TURN, ReceiveLoop } from "./receive-loop.ts";
import { type AskedBy, type ReplyTo, ask } from "./request.ts";
import type { EndParts, Inside } from "./sides.ts";
import type { Item as EncodedItem } from "./unsent.ts";
import { readableBytesOf, readableOf, writableOf } from "./web-streams.ts";

const DONE: Promise<void> = Promise.resolve();

/**
 * One end of a quipe: `send` puts items into the lane to the other end, `receive` takes what was sent there.
 * Items are copied; frozen objects go by reference. Items of one sender arrive in order. What was sent
 * before an end died can still be received; after that every receive says how the other side ended:
 * `ended`, `peer-failed`, `peer-killed` or `aborted`, for ever and without waiting.
 *
 * An end belongs to the task that has it. In a message, an argument or a result it goes to another task, which has it
 * from then on, and here it throws `moved`; `clone` it first to keep one. When all handles of a side are closed, or
 * their tasks are dead, the other side is told. One that is collected as garbage without having been closed counts as failed.
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
export class End<Out = unknown, In = unknown> implements Selectable<In> {
  readonly #live: LiveHandle;
  readonly #parts: EndParts;
  readonly #outlet: Outlet;
  readonly #inlet: Inlet;
  #receivedInARow = 0;

  /** Ends come from `quipe()`, `task.quipe`, `current().quipe` and messages; there is nothing to construct. */
  constructor(parts: EndParts) {
    this.#parts = parts;
    this.#live = new LiveHandle(parts.handle);
    this.#outlet = parts.outlet;
    this.#inlet = parts.inlet;
  }

  /**
   * Sends an item; waits its turn while the lane is full. Rejects `closed`, `moved`, `broken`, `aborted`,
   * `not-sendable`, `timed-out`, `cancelled` or the signal's reason, and then nothing was sent. With capacity 0 it
   * is over when the item has been taken.
   */
  send<Item>(item: Sent<Out, Item>, options?: WaitOptions): Promise<void> {
    try {
      throwIfEnded(options);
      const rest = this.#outlet.begin(item, this.#live);
      if (rest === undefined) return DONE;
      rest.keeps = this;
      return this.#outlet.wait(rest, options);
    } catch (error) {
      return onceHere(error, () => this.send(item, options)); // why the quipe was aborted
    }
  }

  /**
   * Sends an item if there is room now and nobody waits for it; with capacity 0, if a receiver waits. Throws `closed`,
   * `moved`, `broken`, `aborted` or `not-sendable`; never waits.
   */
  trySend<Item>(item: Sent<Out, Item>): boolean {
    const rest = this.#outlet.begin(item, this.#live);
    if (rest !== undefined) this.#outlet.giveUp(rest);
    return rest === undefined;
  }

  /** Sends an item; blocks the thread while the lane is full. Throws as {@link send} rejects, and `cannot-block`. */
  sendSync<Item>(item: Sent<Out, Item>, options?: WaitOptions): void {
    throwIfEnded(options);
    const rest = this.#outlet.begin(item, this.#live);
    if (rest !== undefined) this.#outlet.waitSync(rest, options);
  }

  /**
   * Receives the next item; waits its turn while there is none. Rejects `closed`, `moved`, `ended`, `peer-failed`,
   * `peer-killed`, `aborted`, `timed-out`, `cancelled` or the signal's reason, and then nothing was taken.
   */
  receive(options?: WaitOptions): Promise<In> {
    try {
      throwIfEnded(options);
      const item = this.#inlet.takeSoon(this.#live);
      if (item === undefined) return this.#inlet.wait(this, this.#live, options) as Promise<In>;
      const value = item.value as In;
      const isInTurn = ++this.#receivedInARow % ITEMS_PER_TURN > 0;
      return isInTurn ? Promise.resolve(value) : nextTurn().then(() => value);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Receives an item if one is there and nobody waits for it. Throws `closed`, `moved`, `ended`, `peer-failed`,
   * `peer-killed` or `aborted`; never waits.
   */
  tryReceive(): { readonly value: In } | undefined {
    return this.#inlet.take(this.#live) as { readonly value: In } | undefined;
  }

  /** Receives the next item; blocks the thread while there is none. Throws as {@link receive} rejects, and `cannot-block`. */
  receiveSync(options?: WaitOptions): In {
    throwIfEnded(options);
    const item = this.#inlet.takeSoon(this.#live);
    return (item === undefined ? this.#inlet.waitSync(this.#live, options) : item.value) as In;
  }

  /**
   * Everything that can be received now, which may be nothing. Throws `closed`, `moved` or `aborted`; how the lane has
   * ended is said by the next receive. Never waits.
   *
   * @example
   * ```ts
   * import { quipe } from "quipe";
   *
   * const [left, right] = quipe<string, never>();
   * left.trySend("a");
   * left.trySend("b");
   * console.log(right.drain().join()); // a,b
   * console.log(right.drain().length); // 0
   * ```
   */
  drain(): In[] {
    const items: In[] = [];
    try {
      for (let item = this.tryReceive(); item !== undefined; item = this.tryReceive()) {
        items.push(item.value);
      }
    } catch (error) {
      if (!this.#live.isOpen || !isEndOfItems(error)) throw error;
    }
    return items;
  }

  /** Receives until the other side has ended cleanly; throws if it failed or was killed. Leaving early closes nothing. */
  [Symbol.asyncIterator](): AsyncIterableIterator<In, void, undefined> {
    return new ReceiveLoop<In>(this, End.insideOf(this), (error) => this.#isOver(error));
  }

  /** The same, and blocks the thread while there is no item. Throws `cannot-block` where that is not allowed. */
  *[Symbol.iterator](): Generator<In, void, undefined> {
    for (;;) {
      let item: In;
      try {
        item = this.receiveSync();
      } catch (error) {
        if (this.#isOver(error)) return;
        throw error;
      }
      yield item;
    }
  }

  /**
   * Makes one more handle of this end, for this task; each is closed for itself. Several tasks may send and receive
   * through one end: each item is received once, by the one whose turn it is. Throws `closed`, `moved` and
   * `too-many-handles`. Never waits.
   *
   * @example
   * ```ts
   * import { quipe } from "quipe";
   *
   * const [left, right] = quipe<number, never>();
   * const again = left.clone();
   * left.close();
   * again.trySend(1);
   * again.close(); // the last one
   * for await (const n of right) console.log(n); // 1
   * ```
   */
  clone(): End<Out, In> {
    const { handle, wasAlone } = this.#live.clone();
    if (wasAlone) {
      this.#outlet.renewHalf();
      this.#inlet.renewHalf();
      ringMyself(); // what waits already stands in the queue of several tasks from now on
    }
    const clone = new End<Out, In>({ ...this.#parts, handle });
    End.watchForLeak(clone);
    return clone;
  }

  /**
   * Closes this handle, and with the last handle of its side the end: the other side receives what was sent, then
   * `ended`, or `peer-failed` with `error` as its cause; its sends are `broken`. Waiting operations of this handle
   * throw `closed`. Never waits; false if it was closed or moved already.
   */
  close(error?: unknown): boolean {
    return this.#live.close(BOTH, error);
  }

  /**
   * Sends no more through this handle, and still receives: the other side receives what was sent, then `ended`, or
   * `peer-failed` with `error` as its cause, as soon as this is true of all handles of this side. Never waits; false if
   * that was so already.
   *
   * @example
   * ```ts
   * import { quipe } from "quipe";
   *
   * const [left, right] = quipe<string, string>();
   * left.trySend("how are you?");
   * left.finish();
   * for await (const question of right) right.trySend(question.toUpperCase());
   * console.log(left.tryReceive()?.value); // HOW ARE YOU?
   * ```
   */
  finish(error?: unknown): boolean {
    return this.#live.close(HANDLE.SENDS, error);
  }

  /**
   * Receives no more through this handle, and still sends; once nobody receives on this side, what the other side
   * sends is `broken`. A handle that is finished and left is closed. Never waits; false if that was so already.
   */
  leave(): boolean {
    return this.#live.close(HANDLE.RECEIVES, undefined);
  }

  /**
   * Ends everything at once, for everybody at both ends: what waits, and whatever is tried later, throws `aborted`
   * with `reason` as its cause; what was sent and not received is dropped. Never waits; false if the quipe was
   * aborted already, or this handle is closed or moved.
   *
   * @example
   * ```ts
   * import assert from "node:assert/strict";
   * import { type QuipeError, quipe } from "quipe";
   *
   * const [left, right] = quipe<string, string>();
   * left.trySend("never read");
   * left.abort("no longer needed");
   * await assert.rejects(right.receive(), (error: QuipeError) => error.code === "aborted");
   * ```
   */
  abort(reason?: unknown): boolean {
    return this.#live.abort(reason);
  }

  /** Resolves once this handle can no longer be used: it was closed or moved, or its quipe was aborted. Never rejects. */
  get closed(): Promise<void> {
    return this.#live.closed;
  }

  /**
   * What is known of the other side: `alive` while it has a handle, whoever has that; then how it ended, the worst
   * of its handles counting. What it sent before may still be there to receive. Never waits.
   */
  get peerState(): PeerState {
    return this.#live.peerState;
  }

  /**
   * Resolves with how the other side ended as soon as it has. Never rejects, and does not keep the program alive.
   *
   * @example
   * ```ts
   * import { spawn } from "quipe";
   *
   * const endless = spawn(() => {
   *   for (;;);
   * });
   * const { peerGone } = endless.quipe;
   * await endless.kill();
   * console.log(await peerGone); // killed
   * ```
   */
  get peerGone(): Promise<PeerEnd> {
    return this.#live.peerGone;
  }

  /**
   * Asks something of whoever receives it, and waits for the answer: the other side gets a {@link QuipeRequest}. Rejects
   * with what that was failed with; `broken` if it was closed without an answer, `peer-failed` or `peer-killed` if the
   * task that had it failed or died, or dropped it; and as `send` rejects. A wait that is given up wants no answer.
   */
  request<Reply = ReplyTo<Out>>(value: AskedBy<Out>, options: WaitOptions = {}): Promise<Reply> {
    return ask(this, value, this.#parts.pairForAnswer, options) as Promise<Reply>;
  }

  /** What it receives, as a stream that takes an item when it is read. Cancelling it is {@link leave}. */
  get readable(): ReadableStream<In> {
    return readableOf(this);
  }

  /** The same as a stream of bytes, for readers with buffers of their own; every item must be a Uint8Array. */
  get readableBytes(): ReadableStream<Uint8Array> {
    return readableBytesOf(this);
  }

  /** A stream into what it sends. Closing it is {@link finish}; aborting it is that with an error. */
  get writable(): WritableStream<Out> {
    return writableOf<Out>(this);
  }

  /** Resolves once nobody is left to receive what is sent here. @internal */
  get unreceived(): Promise<PeerEnd> {
    return this.#live.unreceived;
  }

  /** Closes this handle; for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** What went out and came in, and what waits. Never waits; works on a dead quipe too. */
  statistics(): { readonly out: LaneStatistics; readonly in: LaneStatistics } {
    return statisticsAt(this.#live.handle);
  }

  /** As {@link trySend} of what is encoded already; but the other side may sleep on until it is woken. @internal */
  trySendEncoded(item: EncodedItem): boolean {
    return this.#outlet.tryEncoded(item, this.#live);
  }

  /** Wakes the other side if it waits for what was sent by {@link trySendEncoded}. @internal */
  wakePeer(): void {
    this.#outlet.wakePeer();
  }

  /**
   * As {@link tryReceive}; and if nothing is there, this task's doorbell rings as soon as something is. An item that names
   * memory on its way here stays in the lane and is told apart from none: that is thrown. @internal
   */
  tryReceiveOrListen(): { readonly value: In } | undefined {
    return this.#inlet.takeOrListen(this.#live) as { readonly value: In } | undefined;
  }

  /** Blocks the thread for a while at most; whether there is something to receive now. @internal */
  awaitItemSync(timeoutMs: number): boolean {
    return this.#inlet.napSync(timeoutMs);
  }

  /** To receive an item, as a case of {@link select}. */
  asCase(chooser: Chooser): Case<In> {
    return new ReceiveCase<In>(End.insideOf(this), chooser);
  }

  /** Makes this handle useless without a word to the other side, which the reaper tells how the task ended. @internal */
  detach(): void {
    this.#live.leave("left");
  }

  /** What an end is made of. @internal */
  static insideOf(end: End<never>): Inside {
    return { live: end.#live, outlet: end.#outlet, inlet: end.#inlet };
  }

  /** Closes the handle when its End is collected as garbage. @internal */
  static watchForLeak(end: End): void {
    leaks.register(end, end.#live, end);
  }

  #isOver(error: unknown): boolean {
    return error instanceof QuipeError && error.code === "ended" && this.#live.isOpen;
  }
}

/** Ends that are collected without having been closed. */
const leaks = new FinalizationRegistry<LiveHandle>((live) => live.closeLeaked());
