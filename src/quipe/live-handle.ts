/**
 * A handle as the task that has it knows it: open, closed, sent away, or left over from a task that has ended.
 *
 *   open ── close ─▶ closed        open ── sent in a message ─▶ moved ── not sent after all ─▶ open
 */
import { load } from "../runtime/atomics.ts";
import { BlockedOn } from "../sync/board.ts";
import { ringMyself, thisThread } from "../sync/thread.ts";
import { watch, whyStopped } from "../sync/wait.ts";
import { abortFor, closeFor, closeLeaked } from "./closing.ts";
import { closedError } from "./end-errors.ts";
import { ENDS, HANDLE } from "./ends-layout.ts";
import { BOTH, type Handle, handleState, isShared, makeShared, takeHandle } from "./handles.ts";
import { type PeerState, peerStateOf, receiverStateOf } from "./peer-state.ts";

/** How the other side of a quipe has ended. */
export type PeerEnd = Exclude<PeerState, "alive">;

type Status = "open" | "closed" | "moved" | "left";

const WATCH_ABORT = { code: BlockedOn.lane, text: "an abort" };
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
  /** What it may still be used for, as bits of an entry. */
  #bits: number;
  #closed: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;
  #peerGone: Promise<PeerEnd> | undefined;
  #unreceived: Promise<PeerEnd> | undefined;

  constructor(handle: Handle) {
    this.handle = handle;
    this.#bits = handleState(handle) & BOTH;
  }

  /** What it may still be used for, as bits of an entry. */
  get bits(): number {
    return this.#bits;
  }

  /** Whether it may be used at all. */
  get isOpen(): boolean {
    return this.#status === "open" && this.#tenancy === tenancy;
  }

  /** Throws `closed` or `moved` unless it may be used at all. */
  assertHere(): void {
    if (!this.isOpen) this.#refuse("closed");
  }

  /** Throws `closed` or `moved` unless it may be used for that. */
  assertOpen(direction: "send" | "receive"): void {
    const bit = direction === "send" ? HANDLE.SENDS : HANDLE.RECEIVES;
    if (!this.isOpen || (this.#bits & bit) === 0) this.#refuse(direction);
  }

  /** Closes it for what `bits` say. False if that was so already. */
  close(bits: number, error: unknown): boolean {
    const closing = this.#bits & bits;
    if (!this.isOpen || closing === 0 || isKilled()) return false;
    closeFor(this.handle, closing, error);
    this.#bits &= ~closing;
    if (this.#bits === 0) this.leave("closed");
    ringMyself(); // what waits on this handle
    return true;
  }

  /** Aborts the quipe. False if that was so already, or this handle is of no use. */
  abort(reason: unknown): boolean {
    if (!this.isOpen || isKilled()) return false;
    const isFirst = abortFor(this.handle, reason);
    ringMyself();
    return isFirst;
  }

  /** One more handle for the same; and whether this one was alone on its side. Throws `too-many-handles`. */
  clone(): { readonly handle: Handle; readonly wasAlone: boolean } {
    this.assertHere();
    const { memory, side } = this.handle;
    const handle = takeHandle(memory, side, thisThread().task.slot, this.#bits);
    const wasAlone = !isShared(memory, side);
    if (wasAlone) makeShared(memory, side);
    return { handle, wasAlone };
  }

  /** How the other side is. */
  get peerState(): PeerState {
    return peerStateOf(this.handle);
  }

  /** It is of no use here from now on. */
  leave(status: Exclude<Status, "open">): void {
    if (this.#status === "open" || this.#status === "moved") this.#status = status;
    this.#closed?.resolve();
  }

  /** It is being sent: of no use until it is known whether it was. */
  takeOff(): { comeBack(): void; depart(): void } {
    this.assertHere();
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
    if (!this.isOpen || isKilled()) return;
    closeLeaked(this.handle);
    this.leave("closed");
  }

  /** Resolves once it can no longer be used, or its quipe was aborted. */
  get closed(): Promise<void> {
    if (this.#closed === undefined) {
      let resolve = (): void => {};
      const promise = new Promise<void>((resolved) => void (resolve = resolved));
      this.#closed = { promise, resolve };
      if (!this.isOpen) resolve();
      else watch(() => this.#isOver(resolve), WATCH_ABORT).release();
    }
    return this.#closed.promise;
  }

  /** Resolves once the other side has ended. */
  get peerGone(): Promise<PeerEnd> {
    this.#peerGone ??= onceGone(() => peerStateOf(this.handle));
    return this.#peerGone;
  }

  /** Resolves once nobody is left to receive what is sent here. */
  get unreceived(): Promise<PeerEnd> {
    this.#unreceived ??= onceGone(() => receiverStateOf(this.handle));
    return this.#unreceived;
  }

  /** Whether nothing more will become of `closed`; resolves it on an abort, which may come after the other side's end. */
  #isOver(resolve: () => void): boolean {
    const isAborted = load(this.handle.memory.words, ENDS.ABORT) !== 0;
    if (isAborted) resolve();
    return isAborted || !this.isOpen;
  }

  #refuse(use: "send" | "receive" | "closed"): never {
    if (this.#tenancy !== tenancy) throw closedError("left");
    if (this.#status !== "open") throw closedError(this.#status);
    throw closedError(use === "send" ? "finished" : "deaf");
  }
}

/**
 * A killed task says nothing more: where it cannot be stopped at once, what its last code does must not look to the
 * other side like an end of its own. The reaper tells.
 */
function isKilled(): boolean {
  return whyStopped(undefined)?.code === "killed";
}

function onceGone(look: () => PeerState): Promise<PeerEnd> {
  return new Promise((resolve) => {
    const isGone = (): boolean => {
      const state = look();
      if (state === "alive") return false;
      resolve(state);
      return true;
    };
    watch(isGone, WATCH_PEER).release();
  });
}
