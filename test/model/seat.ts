/**
 * One thread's place in the explorer: what happens around each of its atomic operations.
 *
 *     production code ── operation ──▶ stop: who is next? ──▶ (sleep until chosen) ──▶ take the step ──▶ go on
 *
 * Between two operations a thread runs alone and without interruption, so its plain reads and writes
 * are part of the step before them. A thread to be killed stops for ever where it stands. Its real
 * thread sleeps on until the execution has been judged, and only then, when its memory concerns nobody
 * any more, is it unwound by an exception, so that its `finally` blocks cannot repair by accident
 * what a real death would have left broken. An asynchronous thread is not unwound but thrown away, since
 * much of its code would not notice an exception.
 */
import { chooseNext, endExecution, wakeWaiters } from "./choice.ts";
import {
  at,
  EXPLORER,
  MOST_RECORDS,
  openGate,
  OUTCOME,
  packLocation,
  passGate,
  PHASE,
  REASON,
  WAIT_ANSWERS,
  WORDS,
} from "./control.ts";
import type { Control, Operation } from "./control.ts";
import { Death } from "./death.ts";
import { PendingWaits } from "./pending-waits.ts";
import type { Timer } from "./pending-waits.ts";
import { SeatWords } from "./seat-words.ts";

/** Looks at unchanged words after which a thread counts as spinning and the turn goes round. */
const SPINNING_LOOKS = 8;

/** Operations a thread may try while it is unwound before it counts as unwilling to end. */
const UNWINDING_OPERATIONS = 1000;

/** Turns of the event loop, and then milliseconds, after which an idle asynchronous thread counts as lost. */
const QUIET_TURNS = 4;
const QUIET_MS = 20;

const { setTimeout: realTimeout } = globalThis;

/** An operation about to be taken; `first` and `second` are its operands. */
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

/** Answer of an asynchronous wait. */
export type AsyncWaitAnswer =
  | { readonly async: false; readonly value: "not-equal" | "timed-out" }
  | { readonly async: true; readonly value: Promise<"ok" | "timed-out"> };

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
  readonly #own: SeatWords;
  readonly #control: Control;
  readonly #buffers: ReadonlyMap<ArrayBufferLike, number>;
  readonly #always: (() => void) | undefined;
  readonly #looks: Map<number, number> = new Map();
  readonly #pending: PendingWaits;
  readonly #death: Death;
  #spins = 0;
  #unwound = 0;

  constructor({ control, thread, buffers, always }: SeatOptions) {
    this.#own = new SeatWords(control, thread);
    this.#control = control;
    this.#buffers = new Map(buffers.map((buffer, index) => [buffer, index]));
    this.#always = always;
    this.#pending = new PendingWaits(this.#own);
    this.#death = new Death(
      this.#own,
      buffers.map((buffer) => new Int32Array(buffer)),
    );
  }

  /** Sleeps until the turn comes and says what for: one of COMMAND. */
  awaitTurn(): number {
    passGate(this.#control, this.#own.thread, Number.POSITIVE_INFINITY);
    return this.#own.word(WORDS.command);
  }

  /** Before the thread's code runs. */
  begin(isAsynchronous: boolean): void {
    if (isAsynchronous) this.#own.markAsynchronous();
    this.#unwound = 0;
    this.#pending.clear();
    occupied = this;
    this.#forget();
    // Only the repairing thread starts by being chosen, and then its start is a step.
    if (this.#own.phase === PHASE.ready) this.#own.tell({ result: 0 });
    this.#death.prepare();
  }

  /** After the thread's code has run to its end. Gives the turn away. */
  end(): void {
    if (this.#pending.count > 0) this.#own.markSpent();
    occupied = undefined;
    if (this.#own.isUnwinding) return this.leave();
    if (!this.#holdsAlways()) return this.leave();
    if (this.#death.isDue) this.#death.strike();
    else this.#own.phase = PHASE.ended;
    openGate(this.#control, chooseNext(this.#control, REASON.goOn));
  }

  /** After the thread's code threw. Gives the turn away. */
  fail(error: unknown): void {
    occupied = undefined;
    if (!this.#own.isUnwinding) this.#report(error);
    this.leave();
  }

  /** Code of the thread failed that it does not wait for: the execution ends at the thread's next stop. */
  failLater(error: unknown): void {
    if (!this.#own.isUnwinding) this.#report(error);
  }

  /** Ends an execution whose outcome is known already. Gives the turn back. */
  leave(): void {
    this.#own.phase = PHASE.ended;
    openGate(this.#control, EXPLORER);
  }

  /** One step that cannot block: stops, lets the scheduler choose, then operates. */
  take(request: Request, operate: () => number): number {
    const location = this.#locate(request.words, request.index);
    this.#arrive(request.operation, location);
    const before = Atomics.load(request.words, request.index);
    const result = operate();
    this.#own.tell({ first: request.first, second: request.second, result });
    if (before === Atomics.load(request.words, request.index)) this.#look(location);
    else this.#forget();
    this.#stepped(location);
    return result;
  }

  /** `notify`: a step that changes no word but wakes threads. */
  notify(words: Int32Array, index: number): void {
    const location = this.#locate(words, index);
    this.#arrive("notify", location);
    const woken = wakeWaiters(this.#control, location);
    this.#own.tell({ result: woken });
    if (woken > 0) this.#forget();
    this.#stepped(location);
  }

  /** `wait`: one step that looks at the word, and a second one that returns if it blocked. */
  wait(request: Request, timeoutMs: number): WaitAnswer {
    const location = this.#locate(request.words, request.index);
    this.#arrive("wait", location);
    const now = this.#answerNow(request, timeoutMs);
    if (now !== undefined) {
      this.#look(location);
      this.#stepped(location);
      return now;
    }
    this.#death.prepare();
    this.#own.fillSlot(0, location, timeoutMs);
    this.#own.phase = PHASE.blocked;
    this.#stop(REASON.goOn);
    const answer = this.#own.emptySlot(0);
    this.#own.stand("resume", location);
    this.#own.tell({ result: WAIT_ANSWERS.indexOf(answer) });
    this.#forget();
    this.#stepped(location);
    return answer;
  }

  /** `waitAsync`: one step that looks at the word; the promise settles in a later step. */
  waitAsync(request: Request, timeoutMs: number): AsyncWaitAnswer {
    const location = this.#locate(request.words, request.index);
    this.#arrive("waitAsync", location);
    const now = this.#answerNow(request, timeoutMs);
    const answer: AsyncWaitAnswer =
      now === undefined
        ? { async: true, value: this.#pending.addWait(location, timeoutMs) }
        : { async: false, value: now };
    this.#stepped(location);
    return answer;
  }

  /** `setTimeout` in an asynchronous thread. Not a step; its firing is one. */
  setTimer(callback: () => void, timeoutMs: number): Timer {
    return this.#pending.addTimer(callback, timeoutMs);
  }

  /** `clearTimeout`. */
  clearTimer(timer: Timer): void {
    this.#pending.cancelTimer(timer);
  }

  /** Runs an asynchronous thread's event loop until its promise settles, stopping while it only waits. */
  async settle(promise: Promise<void>): Promise<void> {
    this.#own.markAsynchronous();
    let settled = false;
    const marked = promise.finally(() => {
      settled = true;
    });
    marked.catch(() => undefined);
    for (let quiet = 0; quiet <= QUIET_TURNS; quiet++) {
      await turnEventLoop(quiet);
      if (settled) return marked;
      if (this.#pending.count === 0) continue;
      this.#awaitWake();
      quiet = 0;
    }
    throw new Error("This thread awaits something that no explored wait settles.");
  }

  /** Remembers a number for the program's `after`. */
  record(value: number): void {
    if (this.#own.isUnwinding) return;
    const records = this.#own.word(WORDS.records);
    if (records >= MOST_RECORDS) throw new RangeError(`Expected at most ${MOST_RECORDS} records.`);
    this.#control.log[2 * records] = this.#own.thread;
    this.#control.log[2 * records + 1] = value;
    this.#own.setWord(WORDS.records, records + 1);
  }

  /** Stops an asynchronous thread until one of its waits is over. */
  #awaitWake(): void {
    const { location } = this.#pending;
    this.#own.phase = PHASE.awaiting;
    this.#own.stand("waitAsync", location);
    this.#stop(REASON.goOn);
    this.#own.stand("resume", location);
    this.#forget();
    this.#death.prepare();
    this.#own.tell({ result: WAIT_ANSWERS.indexOf(this.#pending.resolve()) });
  }

  /** Stands before an operation until chosen to take it. */
  #arrive(operation: Operation, location: number): void {
    if (this.#own.isUnwinding) this.#throwUnwound();
    this.#own.stand(operation, location);
    this.#own.phase = PHASE.ready;
    // A broken invariant has ended the execution, so that stopping gives the turn to the explorer.
    this.#holdsAlways();
    this.#stop(this.#reasonToStop(operation, location));
  }

  /** Dies here if that is planned; otherwise gives the turn to whom the scheduler chooses and waits for it. */
  #stop(reason: number): void {
    if (this.#death.isDue) this.#death.strike();
    const next = chooseNext(this.#control, reason);
    if (next === this.#own.thread) return;
    this.#forget();
    openGate(this.#control, next);
    passGate(this.#control, this.#own.thread, Number.POSITIVE_INFINITY);
    if (this.#own.isUnwinding) this.#throwUnwound();
  }

  /** After each step; a second stop here, if asked for, separates it from the plain code that follows. */
  #stepped(location: number): void {
    this.#death.prepare();
    if (this.#own.word(WORDS.pauses) === 0) return;
    this.#arrive("pause", location);
    this.#own.tell({ result: 0 });
    this.#death.prepare();
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
    this.#own.setWord(WORDS.textBytes, written);
    endExecution(this.#control, OUTCOME.threw, this.#own.thread);
  }

  /** Throws, and again at each further operation; what an exception does not end is put to sleep for ever. */
  #throwUnwound(): never {
    this.#unwound++;
    if (this.#own.isAsynchronous || this.#unwound > UNWINDING_OPERATIONS) {
      openGate(this.#control, EXPLORER);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    }
    throw new Unwound("The explorer has finished this execution.");
  }

  #answerNow(request: Request, timeoutMs: number): "not-equal" | "timed-out" | undefined {
    const isEqual = Atomics.load(request.words, request.index) === request.first;
    const inVain = timeoutMs > 0 ? undefined : "timed-out";
    const answer = isEqual ? inVain : "not-equal";
    this.#own.tell({ first: request.first, result: WAIT_ANSWERS.indexOf(answer ?? "waits") });
    return answer;
  }

  #locate(words: Int32Array, index: number): number {
    const buffer = this.#buffers.get(words.buffer);
    if (buffer === undefined) {
      throw new Error("An atomic operation on memory that is not in the program's `buffers`.");
    }
    at(words, index);
    return packLocation(buffer, words.byteOffset / 4 + index);
  }
}

/** Lets everything that is ready in the event loop run. */
function turnEventLoop(quiet: number): Promise<void> {
  return new Promise((resolve) => {
    if (quiet < QUIET_TURNS) setImmediate(resolve);
    else realTimeout(resolve, QUIET_MS);
  });
}
