/**
 * A lock that lets one task through at a time, first come, first served: what stands before a side of a lane that
 * several tasks use.
 *
 *   LOCK    0, or the slot of who is inside plus one     +CONTENDED ─ look at the queue when you leave
 *   queue   who waits (seats.ts)
 *
 * | who      | writes first     | then looks at | so that one of both sees the other
 * | a waiter | its seat, CONTENDED | the lock   | one that leaves clears the lock, then looks at the queue
 *
 * Nobody is handed the lock, so each step can be repeated by the reaper for a task that died: it stands up, and lets go.
 * A task that cannot be stopped (runtimes that do not end a computing thread) keeps the lock, marked STUCK.
 */
import { QuipeError } from "../errors.ts";
import { and, compareExchange, load, or } from "../runtime/atomics.ts";
import { type Board, ring } from "./board.ts";
import { type Seats, isFirst, isSeated, seatedSlots, sitDown, standUp } from "./seats.ts";

/** Where the words of a turnstile lie. */
export interface TurnstilePlace extends Seats {
  readonly LOCK: number;
}

const HOLDER_MASK = 0x7ff;
const CONTENDED = 0x800;
const STUCK = 0x1000;
const MODE = 1;

/** The lock, as one thread sees it. */
export class Turnstile {
  readonly #words: Int32Array;
  readonly #at: TurnstilePlace;

  constructor(words: Int32Array, at: TurnstilePlace) {
    this.#words = words;
    this.#at = at;
  }

  /** Goes in if nobody is inside and nobody waits. Never sits down. */
  tryEnter(me: number): boolean {
    const lock = compareExchange(this.#words, this.#at.LOCK, 0, me + 1);
    if (lock === 0) return true;
    refuseStuck(lock);
    return false;
  }

  /** Goes in past those who wait, if nobody is inside; for an act that is soon over. Never sits down. */
  tryEnterPast(me: number): boolean {
    const words = this.#words;
    const { LOCK } = this.#at;
    const lock = load(words, LOCK);
    refuseStuck(lock);
    if ((lock & HOLDER_MASK) !== 0) return false;
    return compareExchange(words, LOCK, lock, lock | (me + 1)) === lock;
  }

  /** Goes in, in turn; sits down if that is not now. To be called again after each ring until it says true, or {@link giveUp}. */
  enterInTurn(me: number): boolean {
    const words = this.#words;
    const at = this.#at;
    if (!isSeated(words, at, me)) {
      const lock = load(words, at.LOCK);
      if ((lock & HOLDER_MASK) === me + 1) return true;
      if (lock === 0 && this.tryEnter(me)) return true;
      sitDown(words, at, me, MODE);
    }
    if (!this.#enterAsFirst(me)) return false;
    standUp(words, at, me);
    return true;
  }

  /**
   * The same, and keeps its place in the queue: it may {@link leave}, so that others can go past, and come back before
   * all that wait, until it gives up.
   */
  enterSeated(me: number): boolean {
    if (!isSeated(this.#words, this.#at, me)) sitDown(this.#words, this.#at, me, MODE);
    return this.#enterAsFirst(me);
  }

  /** Whether this task is inside, or sits in the queue. */
  isPresent(me: number): boolean {
    return isSeated(this.#words, this.#at, me) || this.holder === me;
  }

  /** Whether somebody waits, or will as soon as the one that is inside leaves. */
  get isContended(): boolean {
    return (load(this.#words, this.#at.LOCK) & CONTENDED) !== 0;
  }

  /** Leaves, and wakes who is next, unless that is this task itself, which kept its seat. */
  leave(me: number, board: Board): void {
    const { LOCK } = this.#at;
    if (compareExchange(this.#words, LOCK, me + 1, 0) === me + 1) return;
    and(this.#words, LOCK, ~HOLDER_MASK);
    this.#wakeNext(me, board);
  }

  /** Stops waiting, however far this task has got with that. For a dead task too; can be repeated. */
  giveUp(me: number, board: Board): void {
    standUp(this.#words, this.#at, me);
    if (this.holder === me) this.leave(me, board);
    else this.#wakeNext(me, board);
  }

  /** The slot of the task that is inside; -1 if there is none. */
  get holder(): number {
    return (load(this.#words, this.#at.LOCK) & HOLDER_MASK) - 1;
  }

  /** The slots of the tasks that wait, without the one that is inside. */
  get waiting(): number[] {
    return seatedSlots(this.#words, this.#at);
  }

  /** A killed task could not be stopped. If it is inside, nobody else can go in any more. */
  markStuck(slot: number): void {
    if (this.holder === slot) or(this.#words, this.#at.LOCK, STUCK);
  }

  #enterAsFirst(me: number): boolean {
    const words = this.#words;
    const at = this.#at;
    for (;;) {
      const lock = or(words, at.LOCK, CONTENDED);
      refuseStuck(lock);
      if ((lock & HOLDER_MASK) !== 0 || !isFirst(words, at, me, 0)) return false;
      const free = lock | CONTENDED;
      if (compareExchange(words, at.LOCK, free, free | (me + 1)) === free) return true;
    }
  }

  #wakeNext(me: number, board: Board): void {
    const { waiting } = this;
    if (waiting.length === 0) {
      // Whoever sits down from here on tries by itself: it finds that nobody is inside.
      const lock = load(this.#words, this.#at.LOCK);
      if (lock === CONTENDED) compareExchange(this.#words, this.#at.LOCK, CONTENDED, 0);
      return;
    }
    for (const slot of waiting) {
      if (slot !== me && isFirst(this.#words, this.#at, slot, 0)) ring(board, slot);
    }
  }
}

function refuseStuck(lock: number): void {
  if ((lock & STUCK) === 0) return;
  throw new QuipeError(
    "killed",
    "A task was killed while it used this lane, and this runtime could not stop its thread. Abort the quipe, and make a new one.",
  );
}
