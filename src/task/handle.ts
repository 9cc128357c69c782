/**
 * A task, as those see it who have its handle: the task that spawned it, and every other to which a handle was sent.
 *
 *   in the spawner   the outcome comes into the inbox; until it is there the handle holds the event loop open
 *   elsewhere        the outcome is left beside the task's shared words (sent-handle.ts), for whoever looks
 *
 * An outcome other than `done` that nobody has asked for by then is raised in the spawner as an unhandled rejection,
 * as a promise of it would be. Once a handle was sent, others may ask; then the reaper raises a failure when nobody
 * is left who could (unheard.ts), and needs to be told that somebody has.
 */
import type { Case, Selectable } from "../quipe/case.ts";
import type { End } from "../quipe/end.ts";
import type { Explain } from "../quipe/inlet.ts";
import { failureParcel } from "../quipe/failures.ts";
import { BlockedOn, Phase, type TaskId, blockedOn, phaseOfTask } from "../sync/board.ts";
import { checkMilliseconds } from "../sync/deadline.ts";
import { drainInbox, isMyself, tellReaper, thisThread } from "../sync/thread.ts";
import {
  type WaitOptions,
  type WaitTarget,
  type Watch,
  attemptNow,
  block,
  park,
  watch,
} from "../sync/wait.ts";
import { fromParcel } from "../quipe/decode.ts";
import { type CallSite, framesAt } from "./call-site.ts";
import { type TaskEvent, eventsOf } from "./events.ts";
import { handleIsLeftOver, quipeStays, waitsForItself } from "./handle-errors.ts";
import { type Life, outcomeLeft } from "./life.ts";
import { expectOutcome, forgetOutcomes, throwIfPostponed } from "./outcome-inbox.ts";
import {
  type Outcome,
  errorOf,
  isFailure,
  leftOutcome,
  leftParcelOf,
  outcomeIn,
} from "./outcome.ts";
import { type Report, reportIn } from "./progress.ts";
import { type About, type SentHandle, parcelWith, sendFirst } from "./sent-handle.ts";
import { type Blocked, type TaskStatistics, blockedText, statisticsOf } from "./statistics.ts";

/** Where a {@link Task} is in its life. `dying`: its end is decided, its thread is being stopped and tidied up after. */
export type TaskState = "starting" | "running" | "cancelling" | "dying" | "dead";

/** How many tasks this thread has had: a handle serves one of them. */
let tenancy = 0;

/** Everything that a handle is made of. */
export interface TaskParts {
  readonly id: TaskId;
  readonly name: string;
  readonly life: Life;
  readonly spawnedAt: CallSite;
  /** The spawner's end of the quipe. Nobody else has one. */
  readonly openEnd?: (explain: Explain) => End;
  /** Called with the outcome as soon as this thread knows it, also in the middle of a wait that blocks. */
  readonly onOutcome?: (outcome: Outcome) => void;
  /** Of a handle that came in a message. */
  readonly sent?: SentHandle;
}

/**
 * A task: its result, its outcome, what happens to it, its quipe, and the means to stop it. `spawn` makes one.
 *
 * A handle can be sent to other tasks in any message, and works there, except for the quipe, which stays with the
 * task that spawned. Any number of tasks may wait for one, each with a copy of the value. One that comes back is the
 * same object. It serves the task that got it: a later one on this thread that waits with it is told `not-owner`.
 *
 * @example
 * ```ts
 * import { type Task, spawn } from "quipe";
 *
 * const sum = spawn((a: number, b: number) => a + b, [2, 3]);
 * const twice = spawn(async (other: Task<number>) => (await other.result) * 2, [sum]);
 * console.log(await sum.result, await twice.result); // 5 10
 * ```
 */
export class Task<Result = unknown, Out = unknown, In = unknown> implements Selectable<Result> {
  readonly name: string;
  readonly #id: TaskId;
  readonly #life: Life;
  readonly #about: () => About;
  readonly #end: End | undefined;
  readonly #waitFor: WaitTarget;
  readonly #tenancy: number = tenancy;
  #watch: Watch | undefined;
  #sent: SentHandle | undefined;
  #known: Outcome<Result> | undefined;
  #lastWords: Report | undefined;
  #over: Promise<Outcome<Result>> | undefined;
  #observed = false;
  #acknowledged = false;
  #cancelled = false;
  readonly #onOutcome: ((outcome: Outcome) => void) | undefined;

  /** Tasks come from `spawn` and from messages; there is nothing to construct. */
  constructor({ id, name, life, spawnedAt, openEnd, onOutcome, sent }: TaskParts) {
    this.name = name;
    this.#id = id;
    this.#life = life;
    this.#about = () => ({ name, spawnedAt: framesAt(spawnedAt) });
    this.#waitFor = { code: BlockedOn.task, text: `the task "${name}"` };
    this.#sent = sent;
    this.#onOutcome = onOutcome;
    this.#end = openEnd?.(() => this.#explain());
    if (sent !== undefined) handles.set(sent, this);
    if (openEnd !== undefined) this.#expect();
  }

  /** Lets this program end although the task goes on, which then dies with it; as `unref` of a `Worker`. */
  unref(): void {
    this.#watch?.release();
  }

  /** Takes back {@link unref}: the program stays for as long as the task lives. */
  ref(): void {
    this.#watch?.hold();
  }

  /** Where the task is in its life. Never waits. */
  get state(): TaskState {
    if (this.#isOver()) return "dead";
    const phase = phaseOfTask(thisThread().board, this.#id);
    if (phase === Phase.starting) return "starting";
    if (phase === Phase.running) return "running";
    return phase === Phase.cancelling ? "cancelling" : "dying";
  }

  /**
   * The end that leads to the task: `send` reaches its `current().quipe`, `receive` takes what it sent. Throws
   * `not-owner` on a handle that was sent: an end belongs to one task, the one that spawned.
   */
  get quipe(): End<Out, In> {
    if (this.#end !== undefined) return this.#end as End<Out, In>;
    throw quipeStays(this.name);
  }

  /**
   * The value the task returned; rejects with what it threw, or `cancelled`, `killed`, `crashed`. It is a wait
   * like any other: in a task that was cancelled itself it rejects with `cancelled` at once. In the task itself
   * it rejects with `deadlock`; in a task that did not spawn it, with `moved` if the value was moved to the spawner.
   */
  get result(): Promise<Result> {
    this.#observe();
    return this.#resultLater();
  }

  /**
   * How the task ended, once it has and everything it held is released. Never rejects, also in a cancelled task;
   * only in the task itself, with `deadlock`.
   */
  get outcome(): Promise<Outcome<Result>> {
    this.#observe();
    return isMyself(this.#id) ? Promise.reject(waitsForItself(this.name)) : this.#outcomeLater();
  }

  /** Blocks the thread until the task has ended; returns its value or throws as {@link result} rejects, and `timed-out`. */
  resultSync(options?: WaitOptions): Result {
    return this.#valueOf(this.outcomeSync(options));
  }

  /** Blocks the thread until the task has ended. Throws `timed-out`, `cancelled`, `cannot-block`, or `deadlock` in the task itself. */
  outcomeSync(options?: WaitOptions): Outcome<Result> {
    this.#observe();
    if (isMyself(this.#id)) throw waitsForItself(this.name);
    block(() => this.#look(), this.#waitFor, options);
    return this.#known as Outcome<Result>;
  }

  /**
   * What happens to the task: that it started, what it reports of its progress, that it ended and how; then it is
   * over. Each loop over it is told from the beginning, also after the end. Of reports that come faster than the
   * loop takes them it gets the last one, which always comes before the end. In a cancelled task it throws `cancelled`.
   *
   * @example
   * ```ts
   * import { spawn } from "quipe";
   *
   * const copying = spawn(async () => {
   *   const { current } = await import("quipe");
   *   for (const percent of [50, 100]) current().progress(percent);
   * });
   * for await (const event of copying.events) {
   *   if (event.kind === "progress" && event.value === 100) console.log("all copied");
   *   if (event.kind === "ended") console.log(event.outcome.kind);
   * }
   * // prints: all copied
   * // prints: done
   * ```
   */
  get events(): AsyncIterable<TaskEvent<Result>> {
    this.#observe();
    const watched = {
      life: this.#life,
      waitFor: this.#waitFor,
      outcome: () => (this.#look() ? this.#known : undefined),
      lastWords: () => this.#lastWords,
    };
    return { [Symbol.asyncIterator]: () => eventsOf<Result>(watched) };
  }

  /** What the task waits for now, be it blocked or not. Never waits itself. */
  get blockedOn(): Blocked {
    const { board } = thisThread();
    const phase = phaseOfTask(board, this.#id);
    const isAlive = phase === Phase.running || phase === Phase.cancelling;
    return blockedText(isAlive ? blockedOn(board, this.#id.slot) : BlockedOn.nothing);
  }

  /** When it was spawned, began and ended, on which thread, and how much went through its quipe. Never waits. */
  statistics(): TaskStatistics {
    return statisticsOf(this.#life, { isDead: this.#isOver(), blockedOn: this.blockedOn });
  }

  /**
   * Asks the task to stop: its signal is aborted, and every wait in it throws `cancelled`. With `graceMs` it is
   * killed if it has not ended by then. False if it has ended already. Never waits.
   */
  cancel(reason?: unknown, { graceMs }: { readonly graceMs?: number } = {}): boolean {
    if (this.#isOver()) return false;
    checkMilliseconds("graceMs", graceMs);
    const isFirst = !this.#cancelled && this.state !== "dying";
    this.#cancelled = true;
    tellReaper({ kind: "cancel", task: this.#id, reason: failureParcel(reason), graceMs });
    return isFirst;
  }

  /**
   * Stops the task at once, whatever it is doing. Resolves when its thread has stopped and everything it held
   * is released: true if this ended it, false if it had ended in another way. A task that kills itself hears no more.
   */
  async kill(reason?: unknown): Promise<boolean> {
    if (this.#isOver()) return false;
    this.#assertMine();
    tellReaper({ kind: "kill", task: this.#id, reason: failureParcel(reason) });
    this.#observe();
    const outcome = await this.#outcomeLater();
    return outcome.kind === "killed";
  }

  /** Kills the task unless it has ended; for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill("its handle was disposed of");
  }

  /** Receives what the task sends, until it has ended. Throws if it failed or was killed, and `not-owner` as {@link quipe} does. */
  [Symbol.asyncIterator](): AsyncGenerator<In, void, undefined> {
    const { quipe } = this;
    this.#observe(); // it throws if the task fails
    return quipe[Symbol.asyncIterator]();
  }

  /** Its end, as a case of {@link select}, which gives what {@link result} does. Counts as asking for the result. */
  asCase(): Case<Result> {
    this.#observe();
    if (isMyself(this.#id)) throw waitsForItself(this.name);
    return {
      attempt: () =>
        this.#look() ? { value: this.#valueOf(this.#known as Outcome<Result>) } : undefined,
      leave: () => {},
    };
  }

  /** The number under which other tasks know a handle; makes it known if it was not. @internal */
  static numberOf(handle: Task): number {
    if (handle.#tenancy !== tenancy) throw handleIsLeftOver(handle.name, "not-sendable");
    handle.#sent ??= handle.#sendFirst();
    return handle.#sent.id;
  }

  #sendFirst(): SentHandle {
    const sent = sendFirst(this.#life, this.#about(), () => {
      drainInbox(); // the reaper told of the end before it sealed the words
      return leftParcelOf(this.#known as Outcome);
    });
    handles.set(sent, this);
    return sent;
  }

  /** The outcome is on its way to this thread, which stays until it is there. */
  #expect(): void {
    expectOutcome(this.#id, (message) => {
      if (message.report !== undefined) this.#lastWords = reportIn(fromParcel(message.report));
      this.#learn(outcomeIn(message, this.#about()) as Outcome<Result>);
    });
    void this.#outcomeLater();
  }

  /** Whether the task is over, as far as can be known here now. */
  #isOver(): boolean {
    return this.#known !== undefined || this.#outcomeLeft() !== 0;
  }

  /** The same, and then the outcome is known, for which this thread may have to ask the reaper once. */
  #look(): boolean {
    if (this.#known !== undefined) return true;
    this.#assertMine();
    const left = this.#outcomeLeft();
    if (left === 0) return throwIfPostponed(this.#id);
    this.#learn(leftOutcome(parcelWith(left), this.#about()) as Outcome<Result>);
    return true;
  }

  /** The outcome went to the task that had the handle: a later one on this thread would wait for it for ever. */
  #assertMine(): void {
    if (this.#tenancy !== tenancy) throw handleIsLeftOver(this.name, "not-owner");
  }

  /** The spawner is told by message; looks of others are at the words. */
  #outcomeLeft(): number {
    return this.#end === undefined ? outcomeLeft(this.#life) : 0;
  }

  #learn(outcome: Outcome<Result>): void {
    this.#known = outcome;
    this.#onOutcome?.(outcome);
    this.#acknowledge();
    const isExpected =
      this.#cancelled && (outcome.kind === "cancelled" || outcome.kind === "killed");
    if (this.#end === undefined || this.#observed || outcome.kind === "done" || isExpected) return;
    setTimeout(() => this.#raiseUnlessObserved(outcome));
  }

  #raiseUnlessObserved(outcome: Exclude<Outcome, { kind: "done" }>): void {
    if (this.#observed || this.#sent !== undefined || this.#tenancy !== tenancy) return;
    this.#observe();
    void Promise.reject(errorOf(outcome, this.name));
  }

  #observe(): void {
    this.#observed = true;
    this.#acknowledge();
  }

  /** Tells the reaper, once, that somebody has heard of a failure. */
  #acknowledge(): void {
    const outcome = this.#known;
    if (this.#acknowledged || !this.#observed || outcome === undefined) return;
    this.#acknowledged = true;
    if (isFailure(outcome.kind)) tellReaper({ kind: "heard", task: this.#id });
  }

  async #resultLater(): Promise<Result> {
    if (isMyself(this.#id)) throw waitsForItself(this.name);
    await park(() => this.#look(), this.#waitFor);
    return this.#valueOf(this.#known as Outcome<Result>);
  }

  #outcomeLater(): Promise<Outcome<Result>> {
    if (this.#known === undefined && this.#tenancy !== tenancy)
      return Promise.reject(handleIsLeftOver(this.name, "not-owner"));
    this.#over ??= new Promise((resolve) => {
      const isTold = (): boolean => {
        if (!this.#look()) return false;
        resolve(this.#known as Outcome<Result>);
        return true;
      };
      // Now, since nothing rings any more for an outcome that was left before.
      if (!attemptNow(isTold)) this.#watch = watch(isTold, this.#waitFor);
    });
    return this.#over;
  }

  #valueOf(outcome: Outcome<Result>): Result {
    if (outcome.kind === "done") return outcome.value;
    throw errorOf(outcome, this.name);
  }

  /** Why the task's end of the quipe was closed. Whoever asks throws it, so it is observed. */
  #explain(): { readonly error: unknown } | undefined {
    const outcome = this.#known;
    if (outcome === undefined) return undefined;
    this.#observe();
    return { error: outcome.kind === "done" ? undefined : errorOf(outcome, this.name) };
  }
}

/** The one handle in this thread of each memory that travels. */
const handles = new WeakMap<SentHandle, Task>();

/** The handle in this thread of what travels, if there is one already. */
export function handleOf(sent: SentHandle): Task | undefined {
  return handles.get(sent);
}

/** Ends what handles do for the task of this thread. */
export function leaveHandles(): void {
  tenancy += 1;
  forgetOutcomes();
}
