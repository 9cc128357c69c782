/** One thread's own words in the explorer's shared memory, by name. */
import { seatOf, slotOf } from "./choice.ts";
import {
  at,
  COMMAND,
  OPERATIONS,
  SEAT,
  SLOT,
  SLOTS,
  TRACE,
  TRACE_WORDS,
  WORDS,
} from "./control.ts";
import type { Control, Operation } from "./control.ts";

/** What a thread did in one step. */
export interface Deed {
  readonly first?: number;
  readonly second?: number;
  readonly result: number;
}

/** See the top of the file. */
export class SeatWords {
  readonly control: Control;
  readonly thread: number;
  readonly #base: number;

  constructor(control: Control, thread: number) {
    this.control = control;
    this.thread = thread;
    this.#base = seatOf(thread);
  }

  /** A word about the whole execution. */
  word(index: number): number {
    return at(this.control.words, index);
  }

  setWord(index: number, value: number): void {
    this.control.words[index] = value;
  }

  /** Whether the execution has been judged, and the thread is only to end. */
  get isUnwinding(): boolean {
    return this.word(WORDS.command) === COMMAND.unwind;
  }

  get phase(): number {
    return at(this.control.seats, this.#base + SEAT.phase);
  }

  set phase(phase: number) {
    this.control.seats[this.#base + SEAT.phase] = phase;
  }

  /** Steps this thread has taken. */
  get steps(): number {
    return at(this.control.seats, this.#base + SEAT.steps);
  }

  /** The thread can play in no further execution. */
  markSpent(): void {
    this.control.seats[this.#base + SEAT.spent] = 1;
  }

  get isAsynchronous(): boolean {
    return this.control.seats[this.#base + SEAT.asynchronous] === 1;
  }

  /** The thread may be stopped inside of its event loop, where an exception would not end it. */
  markAsynchronous(): void {
    this.control.seats[this.#base + SEAT.asynchronous] = 1;
  }

  /** Says what the thread stands before, or is blocked in. */
  stand(operation: Operation, location: number): void {
    this.control.seats[this.#base + SEAT.operation] = OPERATIONS.indexOf(operation);
    this.control.seats[this.#base + SEAT.location] = location;
  }

  /** Says what the thread did in the step just chosen. */
  tell(deed: Deed): void {
    const { trace, seats } = this.control;
    const entry = (this.word(WORDS.steps) - 1) * TRACE_WORDS;
    trace[entry + TRACE.operation] = at(seats, this.#base + SEAT.operation);
    trace[entry + TRACE.location] = at(seats, this.#base + SEAT.location);
    trace[entry + TRACE.first] = deed.first ?? 0;
    trace[entry + TRACE.second] = deed.second ?? 0;
    trace[entry + TRACE.result] = deed.result;
  }

  slotState(slot: number): number {
    return at(this.control.seats, slotOf(this.thread, slot));
  }

  slotLocation(slot: number): number {
    return at(this.control.seats, slotOf(this.thread, slot) + 1);
  }

  /** Starts a wait. */
  fillSlot(slot: number, location: number, timeoutMs: number): void {
    const isTimed = Number.isFinite(timeoutMs);
    this.control.seats[slotOf(this.thread, slot)] = isTimed ? SLOT.timed : SLOT.waiting;
    this.control.seats[slotOf(this.thread, slot) + 1] = location;
    const now = at(this.control.clock, 0);
    this.control.due[this.thread * SLOTS + slot] = isTimed ? now + timeoutMs : now;
  }

  /** Ends a wait and says how it ended. */
  emptySlot(slot: number): "ok" | "timed-out" {
    const answer = this.slotState(slot) === SLOT.fired ? "timed-out" : "ok";
    this.control.seats[slotOf(this.thread, slot)] = SLOT.free;
    return answer;
  }
}
