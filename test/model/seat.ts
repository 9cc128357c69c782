/**
 * One thread's place in the explorer: what happens around each of its atomic operations.
 *
 *     production code ── operation ──▶ stop: who is next? ──▶ (sleep until chosen) ──▶ take the step ──▶ go on
 *
 * Between two operations a thread runs alone and without interruption, so its plain reads and writes
 * are part of the step before them. A thread to be killed stops for ever where it stands. Its real thread sleeps on until the execution has been judged, and
 * only then, when its memory concerns nobody any more, is it unwound by an exception, so that its
 * `finally` blocks cannot repair by accident what a real death would have left broken.
 */
import { chooseNext, endExecution, seatOf, slotOf, wakeWaiters } from "./choice.ts";
import {
  at,
  COMMAND,
  EXPLORER,
  MOST_RECORDS,
  openGate,
  OPERATIONS,
  OUTCOME,
  packLocation,
  passGate,
  PHASE,
  REASON,
  SEAT,
  SLOT,
  SLOTS,
  TRACE,
  TRACE_WORDS,
  WAIT_ANSWERS,
  WORDS,
} from "./control.ts";
import type { Control, Operation } from "./control.ts";
import { isLost } from "./schedule.ts";

/** Looks at unchanged words after which a thread counts as spinning and the turn goes round. */
const SPINNING_LOOKS = 8;

/** Operations a thread may try while it is unwound before it counts as unwilling to end. */
const UNWINDING_OPERATIONS = 1000;

/** Event loop turns without any explored wait after which an asynchronous thread counts as lost. */
const QUIET_TICKS = 4;

/** An operation about to be taken; `first` and `second` are its operands, shown when a failure is told. */
export interface Request {
  readonly operation: Operation;
  readonly words: Int32Array;
  readonly index: number;
  readonly first: number;
  readonly second: number;
}

/** Thrown through the code of a thread whose execution is over. */
export class Unwound extends Error {
  override readonly name: string = "Unwound";
}

/** Answer of a blocking wait. */
export type WaitAnswer = "ok" | "not-equal" | "timed-out";

/** What a seat needs to know about its program. */
export interface SeatOptions {
  readonly control: Control;
  readonly thread: number;
  /** In the order of the program. */
  readonly buffers: readonly SharedArrayBuffer[];
  readonly always: (() => void) | undefined;
}

let occupied: Seat | undefined;

/** The seat of this thread, if it is being explored just now. */
export function currentSeat(): Seat | undefined {
  return occupied;
}

/** See the top of the file. */
export class Seat {
  readonly #control: Control;
  readonly #thread: number;
  readonly #base: number;
  readonly #buffers: ReadonlyMap<ArrayBufferLike, number>;
  readonly #memory: readonly Int32Array[];
  readonly #always: (() => void) | undefined;
  readonly #looks: Map<number, number> = new Map();
  readonly #resolvers: Map<number, (answer: "ok" | "timed-out") => void> = new Map();
  #spins = 0;
  #unwound = 0;
  #backup: readonly Int32Array[] | undefined;

  constructor(options: SeatOptions) {
    this.#control = options.control;
    this.#thread = options.thread;
    this.#base = seatOf(options.thread);
    this.#buffers = new Map(options.buffers.map((buffer, index) => [buffer, index]));
    this.#memory = options.buffers.map((buffer) => new Int32Array(buffer));
    this.#always = options.always;
  }

  /** Sleeps until the turn comes and says what for: one of COMMAND. */
  awaitTurn(): number {
    passGate(this.#control, this.#thread, Number.POSITIVE_INFINITY);
    return this.#word(WORDS.command);
  }

  /** Before the thread's code runs. */
  begin(): void {
    this.#forget();
    this.#resolvers.clear();
    this.#unwound = 0;
    this.#backup = undefined;
    occupied = this;
    // Only the repairing thread starts by being chosen, and then its start is a step.
    if (this.#phase() === PHASE.ready) this.#tell({ result: 0 });
    this.#backUpIfDue();
  }

  /** After the thread's code has run, or has been thrown out of. Gives the turn away. */
  end(): void {
    occupied = undefined;
    if (this.#unwinding()) return this.leave();
    if (!this.#holdsAlways()) return openGate(this.#control, EXPLORER);
    if (this.#isDue()) this.#markKilled();
    else this.#setPhase(PHASE.ended);
    openGate(this.#control, chooseNext(this.#control, REASON.goOn));
  }

  /** The thread's code threw. Gives the turn away. */
  fail(error: unknown): void {
    occupied = undefined;
    if (this.#unwinding()) return this.leave();
    this.#setPhase(PHASE.ended);
    this.#report(error);
    openGate(this.#control, EXPLORER);
  }

  /** Ends an execution whose outcome is known already. Gives the turn back. */
  leave(): void {
    this.#setPhase(PHASE.ended);
    openGate(this.#control, EXPLORER);
  }

  /** One step that cannot block: stops, lets the scheduler choose, then operates. */
  take(request: Request, operate: () => number): number {
    const location = this.#locate(request.words, request.index);
    this.#arrive(request.operation, location);
    const before = Atomics.load(request.words, request.index);
    const result = operate();
    this.#tell({ first: request.first, second: request.second, result });
    if (before === Atomics.load(request.words, request.index)) this.#look(location);
    else this.#forget();
    this.#backUpIfDue();
    return result;
  }

  /** `notify`: a step that changes no word but wakes threads. */
  notify(words: Int32Array, index: number): void {
    const location = this.#locate(words, index);
    this.#arrive("notify", location);
    const woken = wakeWaiters(this.#control, location);
    this.#tell({ result: woken });
    if (woken > 0) this.#forget();
    this.#backUpIfDue();
  }

  /** `wait`: one step that looks at the word, and a second one that returns if it blocked. */
  wait(request: Request, timeoutMs: number): WaitAnswer {
    const location = this.#locate(request.words, request.index);
    this.#arrive("wait", location);
    const now = this.#answerNow(request, timeoutMs);
    this.#tell({ first: request.first, result: WAIT_ANSWERS.indexOf(now ?? "waits") });
    this.#backUpIfDue();
    if (now !== undefined) {
      this.#look(location);
      return now;
    }
    this.#setSlot(0, Number.isFinite(timeoutMs) ? SLOT.timed : SLOT.waiting, location);
    this.#setPhase(PHASE.blocked);
    this.#stop(REASON.goOn);
    const answer = this.#emptySlot(0);
    this.#setOperation("resume", location);
    this.#tell({ result: WAIT_ANSWERS.indexOf(answer) });
    this.#forget();
    this.#backUpIfDue();
    return answer;
  }

  /** `waitAsync`: one step that looks at the word; the promise settles in a later step. */
  waitAsync(
    request: Request,
    timeoutMs: number,
  ):
    | { readonly async: false; readonly value: "not-equal" | "timed-out" }
    | { readonly async: true; readonly value: Promise<"ok" | "timed-out"> } {
    const location = this.#locate(request.words, request.index);
    this.#arrive("waitAsync", location);
    const now = this.#answerNow(request, timeoutMs);
    this.#tell({ first: request.first, result: WAIT_ANSWERS.indexOf(now ?? "waits") });
    this.#backUpIfDue();
    if (now !== undefined) return { async: false, value: now };
    const slot = this.#freeSlot();
    this.#setSlot(slot, Number.isFinite(timeoutMs) ? SLOT.timed : SLOT.waiting, location);
    const value = new Promise<"ok" | "timed-out">((resolve) => this.#resolvers.set(slot, resolve));
    return { async: true, value };
  }

  /** Runs an asynchronous thread's event loop until its promise settles, stopping while it only waits. */
  async settle(promise: Promise<void>): Promise<void> {
    let settled = false;
    const marked = promise.finally(() => {
      settled = true;
    });
    marked.catch(() => undefined);
    for (let quiet = 0; ; quiet++) {
      await new Promise((resolve) => setImmediate(resolve));
      if (settled) return marked;
      if (this.#unwinding()) return;
      if (this.#resolvers.size > 0) {
        if (!this.#awaitWake()) return;
        quiet = 0;
      }
      if (quiet >= QUIET_TICKS)
        throw new Error("This thread awaits something that no explored wait settles.");
    }
  }

  /** Remembers a number for the program's `after`. */
  record(value: number): void {
    if (this.#unwinding()) return;
    const records = this.#word(WORDS.records);
    if (records >= MOST_RECORDS) throw new RangeError(`Expected at most ${MOST_RECORDS} records.`);
    this.#control.log[2 * records] = this.#thread;
    this.#control.log[2 * records + 1] = value;
    this.#control.words[WORDS.records] = records + 1;
  }

  /** Stops an asynchronous thread until one of its waits is over; false if it is to be unwound instead. */
  #awaitWake(): boolean {
    this.#setPhase(PHASE.awaiting);
    this.#setOperation("waitAsync", this.#firstWaitedLocation());
    try {
      this.#stop(REASON.goOn);
    } catch {
      return false;
    }
    this.#setOperation("resume", this.#firstWaitedLocation());
    this.#tell({ result: 0 });
    this.#forget();
    this.#backUpIfDue();
    for (const [slot, resolve] of this.#resolvers) {
      const state = this.#slotState(slot);
      if (state !== SLOT.woken && state !== SLOT.fired) continue;
      this.#resolvers.delete(slot);
      const answer = this.#emptySlot(slot);
      this.#tell({ result: WAIT_ANSWERS.indexOf(answer) });
      resolve(answer);
    }
    return true;
  }

  /** Stands before an operation until chosen to take it. */
  #arrive(operation: Operation, location: number): void {
    if (this.#unwinding()) this.#throwUnwound();
    this.#setOperation(operation, location);
    this.#setPhase(PHASE.ready);
    // A broken invariant has ended the execution, so that stopping gives the turn to the explorer.
    this.#holdsAlways();
    this.#stop(this.#reasonToStop(operation, location));
  }

  /** Dies here if that is planned; otherwise gives the turn to whom the scheduler chooses and waits for it. */
  #stop(reason: number): void {
    if (this.#isDue()) this.#markKilled();
    const next = chooseNext(this.#control, reason);
    if (next === this.#thread) return;
    this.#forget();
    openGate(this.#control, next);
    passGate(this.#control, this.#thread, Number.POSITIVE_INFINITY);
    if (this.#unwinding()) this.#throwUnwound();
  }

  #reasonToStop(operation: Operation, location: number): number {
    if (this.#spins >= SPINNING_LOOKS) return REASON.spins;
    const looksAgain = operation === "load" && (this.#looks.get(location) ?? 0) >= 2;
    return looksAgain ? REASON.looksAgain : REASON.goOn;
  }

  /** A step that changed nothing: the same look again, without a step of anybody else, is spinning. */
  #look(location: number): void {
    const looks = this.#looks.get(location) ?? 0;
    this.#looks.set(location, looks + 1);
    if (looks > 0) this.#spins++;
  }

  #forget(): void {
    this.#looks.clear();
    this.#spins = 0;
  }

  #isDue(): boolean {
    if (this.#word(WORDS.victim) !== this.#thread || this.#word(WORDS.killedBefore) >= 0)
      return false;
    return at(this.#control.seats, this.#base + SEAT.steps) === this.#word(WORDS.victimSteps);
  }

  /** The memory as the victim's last step left it, to tell its later plain writes from all others. */
  #backUpIfDue(): void {
    if (this.#isDue()) this.#backup = this.#memory.map((words) => words.slice());
  }

  #markKilled(): void {
    const { words, seats } = this.#control;
    this.#tear();
    this.#setPhase(PHASE.killed);
    words[WORDS.killedBefore] = this.#word(WORDS.steps);
    const repairer = this.#word(WORDS.repairer);
    if (repairer < 0) return;
    seats[seatOf(repairer) + SEAT.phase] = PHASE.ready;
    seats[seatOf(repairer) + SEAT.operation] = OPERATIONS.indexOf("start");
  }

  /** Undoes some of the plain writes since the victim's last step: nothing orders them, so any part may be lost. */
  #tear(): void {
    const changed: { words: Int32Array; index: number; before: number }[] = [];
    this.#memory.forEach((words, buffer) => {
      const backup = this.#backup?.[buffer] ?? words;
      words.forEach((value, index) => {
        const before = at(backup, index);
        if (before !== value) changed.push({ words, index, before });
      });
    });
    this.#control.words[WORDS.tornWords] = changed.length;
    const tear = this.#word(WORDS.tear);
    changed.forEach(({ words, index, before }, number) => {
      if (isLost(tear, number, changed.length)) words[index] = before;
    });
  }

  /** Checks the program's invariant, with atomic operations that are no steps. */
  #holdsAlways(): boolean {
    const seat = occupied;
    occupied = undefined;
    try {
      this.#always?.();
      return true;
    } catch (error) {
      this.#report(error);
      return false;
    } finally {
      occupied = seat;
    }
  }

  /** Ends the execution with an error of this thread. */
  #report(error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const { written } = new TextEncoder().encodeInto(text, this.#control.text);
    this.#control.words[WORDS.textBytes] = written;
    endExecution(this.#control, OUTCOME.threw, this.#thread);
  }

  /** Throws, and again at each further operation; code that catches for ever is put to sleep for ever. */
  #throwUnwound(): never {
    this.#unwound++;
    if (this.#unwound > UNWINDING_OPERATIONS) {
      openGate(this.#control, EXPLORER);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    }
    throw new Unwound("The explorer has finished this execution.");
  }

  #answerNow(request: Request, timeoutMs: number): "not-equal" | "timed-out" | undefined {
    if (Atomics.load(request.words, request.index) !== request.first) return "not-equal";
    return timeoutMs > 0 ? undefined : "timed-out";
  }

  /** What the thread did in the step just chosen, for telling a failure. */
  #tell(what: {
    readonly first?: number;
    readonly second?: number;
    readonly result: number;
  }): void {
    const { trace, seats } = this.#control;
    const entry = (this.#word(WORDS.steps) - 1) * TRACE_WORDS;
    trace[entry + TRACE.operation] = at(seats, this.#base + SEAT.operation);
    trace[entry + TRACE.location] = at(seats, this.#base + SEAT.location);
    trace[entry + TRACE.first] = what.first ?? 0;
    trace[entry + TRACE.second] = what.second ?? 0;
    trace[entry + TRACE.result] = what.result;
  }

  #locate(words: Int32Array, index: number): number {
    const buffer = this.#buffers.get(words.buffer);
    if (buffer === undefined) {
      throw new Error("An atomic operation on memory that is not in the program's `buffers`.");
    }
    if (index < 0 || index >= words.length)
      throw new RangeError(`No word ${index} of ${words.length}.`);
    return packLocation(buffer, words.byteOffset / 4 + index);
  }

  #freeSlot(): number {
    for (let slot = 1; slot < SLOTS; slot++) {
      if (this.#slotState(slot) === SLOT.free) return slot;
    }
    throw new RangeError(`Expected at most ${SLOTS - 1} pending asynchronous waits in one thread.`);
  }

  #firstWaitedLocation(): number {
    const slot = [...this.#resolvers.keys()][0] ?? 0;
    return at(this.#control.seats, slotOf(this.#thread, slot) + 1);
  }

  #slotState(slot: number): number {
    return at(this.#control.seats, slotOf(this.#thread, slot));
  }

  #setSlot(slot: number, state: number, location: number): void {
    this.#control.seats[slotOf(this.#thread, slot)] = state;
    this.#control.seats[slotOf(this.#thread, slot) + 1] = location;
  }

  #emptySlot(slot: number): "ok" | "timed-out" {
    const fired = this.#slotState(slot) === SLOT.fired;
    this.#setSlot(slot, SLOT.free, 0);
    return fired ? "timed-out" : "ok";
  }

  #unwinding(): boolean {
    return this.#word(WORDS.command) === COMMAND.unwind;
  }

  #word(index: number): number {
    return at(this.#control.words, index);
  }

  #phase(): number {
    return at(this.#control.seats, this.#base + SEAT.phase);
  }

  #setPhase(phase: number): void {
    this.#control.seats[this.#base + SEAT.phase] = phase;
  }

  #setOperation(operation: Operation, location: number): void {
    this.#control.seats[this.#base + SEAT.operation] = OPERATIONS.indexOf(operation);
    this.#control.seats[this.#base + SEAT.location] = location;
  }
}
