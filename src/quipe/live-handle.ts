/**
 * A handle as the task that has it knows it: open, closed, sent away, or left over from a task that has ended.
 *
 *   open ── close ─▶ closed        open ── sent in a message ─▶ moved ── not sent after all ─▶ open
 */
import { BlockedOn } from "../sync/board.ts";
import { ringMyself } from "../sync/thread.ts";
import { watch } from "../sync/wait.ts";
import { abortFor, closeFor, closeLeaked } from "./closing.ts";
import { closedError } from "./end-errors.ts";
import { HANDLE } from "./ends-layout.ts";
import { BOTH, type Handle } from "./handles.ts";
import { type PeerState, peerStateOf } from "./peer-state.ts";

/** How the other side of a quipe has ended. */
export type PeerEnd = Exclude<PeerState, "alive">;

type Status = "open" | "closed" | "moved" | "left";

const WATCH_PEER = { code: BlockedOn.lane, text: "the end of the other side" };

/** How many tasks this thread has had: a handle serves one of them. */
let tenancy = 0;

/** Ends what handles do for the task of this thread. */
export function leaveEnds(): void {
  tenancy += 1;
}

/** One handle of this thread's task. */
export class LiveHandle {
  readonly handle: Handle;
  readonly #tenancy: number = tenancy;
  #status: Status = "open";
  #isFinished: boolean;
  #closed: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;
  #peerGone: Promise<PeerEnd> | undefined;

  constructor(handle: Handle, isFinished: boolean) {
    this.handle = handle;
    this.#isFinished = isFinished;
  }

  /** Whether it sends no more. */
  get isFinished(): boolean {
    return this.#isFinished;
  }

  /** Whether it may be used at all. */
  get isOpen(): boolean {
    return this.#status === "open" && this.#tenancy === tenancy;
  }

  /** Throws `closed` or `moved` unless it may be used for that. */
  assertOpen(direction: "send" | "receive"): void {
    if (!this.isOpen || (direction === "send" && this.#isFinished)) this.#refuse();
  }

  /** Closes it for what `bits` say. False if that was so already. */
  close(bits: number, error: unknown): boolean {
    const isWhole = bits === BOTH;
    if (!this.isOpen || (!isWhole && this.#isFinished)) return false;
    closeFor(this.handle, this.#isFinished ? HANDLE.RECEIVES : bits, error);
    if (isWhole) this.leave("closed");
    else this.#isFinished = true;
    ringMyself(); // what waits on this handle
    return true;
  }

  /** Aborts the quipe. False if that was so already, or this handle is of no use. */
  abort(reason: unknown): boolean {
    if (!this.isOpen) return false;
    const isFirst = abortFor(this.handle, reason);
    ringMyself();
    return isFirst;
  }

  /** It is of no use here from now on. */
  leave(status: Exclude<Status, "open">): void {
    if (this.#status === "open" || this.#status === "moved") this.#status = status;
    this.#closed?.resolve();
  }

  /** It is being sent: of no use until it is known whether it was. */
  takeOff(): { comeBack(): void; depart(): void } {
    this.assertOpen("receive");
    this.#status = "moved";
    return {
      comeBack: () => void (this.#status = "open"),
      depart: () => {
        this.leave("moved");
        ringMyself(); // what waits on this handle
      },
    };
  }

  /** Closes it unless its task has done so, or the reaper for that. */
  closeLeaked(): void {
    if (this.isOpen) closeLeaked(this.handle);
  }

  /** Resolves once it can no longer be used, or its quipe was aborted. */
  get closed(): Promise<void> {
    if (this.#closed === undefined) {
      let resolve = (): void => {};
      const promise = new Promise<void>((resolved) => void (resolve = resolved));
      this.#closed = { promise, resolve };
      if (!this.isOpen) resolve();
      void this.peerGone.then((how) => how === "aborted" && resolve());
    }
    return this.#closed.promise;
  }

  /** Resolves once the other side has ended. */
  get peerGone(): Promise<PeerEnd> {
    this.#peerGone ??= new Promise((resolve) => {
      const isGone = (): boolean => {
        const state = peerStateOf(this.handle);
        if (state === "alive") return false;
        resolve(state);
        return true;
      };
      if (!isGone()) watch(isGone, WATCH_PEER).release();
    });
    return this.#peerGone;
  }

  #refuse(): never {
    if (this.#tenancy !== tenancy) throw closedError("left");
    throw closedError(this.#status === "open" ? "finished" : this.#status);
  }
}
