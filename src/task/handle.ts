/**
 * A task, as the task that spawned it sees it.
 *
 * The outcome comes into this thread's inbox; until it is there the handle holds the event loop open. An
 * outcome other than `done` that nobody has asked for by then is raised as an unhandled rejection, as a
 * promise of it would be.
 */
import type { End, Explain } from "../quipe/end.ts";
import { failureParcel } from "../quipe/failures.ts";
import { BlockedOn, Phase, type TaskId, keyOfTask, phaseOfTask } from "../sync/board.ts";
import type { ToThread } from "../sync/messages.ts";
import { checkMilliseconds } from "../sync/deadline.ts";
import { onMessage, tellReaper, thisThread } from "../sync/thread.ts";
import { type WaitOptions, type WaitTarget, type Watch, block, park, watch } from "../sync/wait.ts";
import { type CallSite, framesAt } from "./call-site.ts";
import { type Outcome, errorOf, outcomeIn } from "./outcome.ts";

/** Where a {@link Task} is in its life. `dying`: its end is decided, its thread is being stopped and tidied up after. */
export type TaskState = "starting" | "running" | "cancelling" | "dying" | "dead";

type OutcomeMessage = Extract<ToThread, { kind: "outcome" }>;

const pending = new Map<string, (message: OutcomeMessage) => void>();

/** Everything that a handle is made of. */
export interface TaskParts {
  readonly id: TaskId;
  readonly name: string;
  readonly spawnedAt: CallSite;
  readonly openEnd: (explain: Explain) => End;
  /** Called with the outcome as soon as this thread knows it, also in the middle of a wait that blocks. */
  readonly onOutcome?: (outcome: Outcome) => void;
}

/**
 * A running task: its result, its outcome, its quipe, and the means to stop it.
 *
 * @example
 * ```ts
 * import { spawn } from "quipe";
 *
 * const sum = spawn((a: number, b: number) => a + b, [2, 3]);
 * console.log(await sum.result); // 5
 * ```
 */
export class Task<Result = unknown, Out = unknown, In = unknown> {
  readonly name: string;
  /** The end that leads to the task: `send` reaches its `current().quipe`, `receive` takes what it sent. */
  readonly quipe: End<Out, In>;
  readonly #id: TaskId;
  readonly #waitFor: WaitTarget;
  readonly #watch: Watch;
  #known: Outcome<Result> | undefined;
  #observed = false;
  #cancelled = false;
  #settle: () => void = () => {};
  readonly #outcome: Promise<Outcome<Result>>;

  /** Tasks come from `spawn`; there is nothing to construct. */
  constructor({ id, name, spawnedAt, openEnd, onOutcome }: TaskParts) {
    this.name = name;
    this.#id = id;
    this.#waitFor = { code: BlockedOn.task, text: `the task "${name}"` };
    this.#outcome = new Promise((resolve) => {
      this.#settle = () => resolve(this.#known as Outcome<Result>);
    });
    this.quipe = openEnd(() => this.#explain()) as End<Out, In>;
    onMessage("outcome", deliver);
    pending.set(keyOfTask(id), (message) => {
      this.#known = outcomeIn(message, name, framesAt(spawnedAt)) as Outcome<Result>;
      onOutcome?.(this.#known);
    });
    this.#watch = watch(() => this.#isOver(), this.#waitFor);
  }

  /** Lets this program end although the task goes on, which then dies with it; as `unref` of a `Worker`. */
  unref(): void {
    this.#watch.release();
  }

  /** Takes back {@link unref}: the program stays for as long as the task lives. */
  ref(): void {
    this.#watch.hold();
  }

  /** Where the task is in its life. Never waits. */
  get state(): TaskState {
    if (this.#known !== undefined) return "dead";
    const phase = phaseOfTask(thisThread().board, this.#id);
    if (phase === Phase.starting) return "starting";
    if (phase === Phase.running) return "running";
    return phase === Phase.cancelling ? "cancelling" : "dying";
  }

  /**
   * The value the task returned; rejects with what it threw, or `cancelled`, `killed`, `crashed`. It is a wait
   * like any other: in a task that was cancelled itself it rejects with `cancelled` at once.
   */
  get result(): Promise<Result> {
    this.#observed = true;
    return park(() => this.#known !== undefined, this.#waitFor).then(() =>
      this.#valueOf(this.#known as Outcome<Result>),
    );
  }

  /** How the task ended, once it has and everything it held is released. Never rejects, also in a cancelled task. */
  get outcome(): Promise<Outcome<Result>> {
    this.#observed = true;
    return this.#outcome;
  }

  /** Blocks the thread until the task has ended; returns its value or throws as {@link result} rejects, and `timed-out`. */
  resultSync(options?: WaitOptions): Result {
    return this.#valueOf(this.outcomeSync(options));
  }

  /** Blocks the thread until the task has ended. Throws `timed-out`, `cancelled` or `cannot-block`. */
  outcomeSync(options?: WaitOptions): Outcome<Result> {
    this.#observed = true;
    block(() => this.#known !== undefined, this.#waitFor, options);
    return this.#known as Outcome<Result>;
  }

  /**
   * Asks the task to stop: its signal is aborted, and every wait in it throws `cancelled`. With `graceMs` it is
   * killed if it has not ended by then. False if it has ended already. Never waits.
   */
  cancel(reason?: unknown, { graceMs }: { readonly graceMs?: number } = {}): boolean {
    if (this.#known !== undefined) return false;
    checkMilliseconds("graceMs", graceMs);
    const isFirst = !this.#cancelled && this.state !== "dying";
    this.#cancelled = true;
    tellReaper({ kind: "cancel", task: this.#id, reason: failureParcel(reason), graceMs });
    return isFirst;
  }

  /**
   * Stops the task at once, whatever it is doing. Resolves when its thread has stopped and everything it held
   * is released: true if this ended it, false if it had ended in another way.
   */
  async kill(reason?: unknown): Promise<boolean> {
    if (this.#known !== undefined) return false;
    tellReaper({ kind: "kill", task: this.#id, reason: failureParcel(reason) });
    const outcome = await this.outcome;
    return outcome.kind === "killed";
  }

  /** Kills the task unless it has ended; for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill("its handle was disposed of");
  }

  /** Receives what the task sends, until it has ended. Throws if it failed or was killed. */
  [Symbol.asyncIterator](): AsyncGenerator<In, void, undefined> {
    this.#observed = true; // it throws if the task fails
    return this.quipe[Symbol.asyncIterator]();
  }

  #isOver(): boolean {
    if (this.#known === undefined) return false;
    this.#settle();
    if (!this.#observed && this.#known.kind !== "done")
      setTimeout(() => this.#raiseUnlessObserved());
    return true;
  }

  #raiseUnlessObserved(): void {
    if (!this.#observed) void this.result;
  }

  #valueOf(outcome: Outcome<Result>): Result {
    if (outcome.kind === "done") return outcome.value;
    throw errorOf(outcome, this.name);
  }

  /** Why the task's end of the quipe was closed. Whoever asks throws it, so it is observed. */
  #explain(): { readonly error: unknown } | undefined {
    const outcome = this.#known;
    if (outcome === undefined) return undefined;
    this.#observed = true;
    return { error: outcome.kind === "done" ? undefined : errorOf(outcome, this.name) };
  }
}

function deliver(message: OutcomeMessage): void {
  const key = keyOfTask(message.task);
  pending.get(key)?.(message);
  pending.delete(key);
  if (message.parcel.carries.length > 0) tellReaper({ kind: "received", task: message.task });
}
