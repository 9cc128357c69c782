/**
 * Scopes: tasks that belong together, none of which outlives the block that started it.
 *
 *   await scope(async (s) => {            body ───────────────┐ leaves: waits until every child is dead and
 *     s.spawn(a); s.spawn(b);              ├── child a ───────┤ repaired, then returns or throws
 *   });                                    └── child b ──┘    │
 *
 * Here, in the task that opened it, a scope is a frame (sync/frames.ts), so that what stops it stops the waits of its
 * body, and a list of handles. The reaper knows of it only which tasks belong to it, for the case that the opener
 * is cancelled while it computes, or dies (kin.ts). The outcome of a child is acted upon the moment this thread
 * hears of it, also while it blocks.
 *
 *   open ──leave──▶ joining ──every child is dead──▶ closed
 */
import { QuipeError } from "../errors.ts";
import { failureParcel } from "../quipe/failures.ts";
import { keepHere } from "../quipe/sendable.ts";
import type { Shareable } from "../memory/shareable.ts";
import { onAbort } from "../sync/abort-listeners.ts";
import { checkMilliseconds, deadlineOf } from "../sync/deadline.ts";
import { Frame, currentFrame, isShielded, runInFrame } from "../sync/frames.ts";
import { LiveSignal } from "../sync/live-signal.ts";
import { drainInbox } from "../sync/thread.ts";
import { whyStopped } from "../sync/wait.ts";
import { deadlineHere, onCancel } from "./current.ts";
import type { ModuleFunction, TaskFunction } from "./entry.ts";
import type { WorkerFunction } from "./own-worker.ts";
import type { Task } from "./handle.ts";
import { DEFAULT_GRACE_MS } from "./limits.ts";
import type { Outcome } from "./outcome.ts";
import { type OpenScope, noteOpen } from "./open-scopes.ts";
import { type ScopeOptions, checkedOptions } from "./scope-options.ts";
import { type Child, type Halt, isInterruption, isToBlame, verdictOn } from "./scope-verdict.ts";
import { type SpawnOptions, startTask } from "./spawn.ts";

interface Member {
  readonly child: Child;
  readonly task: Task;
}

const STAYS_HERE =
  "it is a scope, which belongs to the task that opened it. Open one in the other task, or send that task what it is to start.";

/** Scopes of this thread's tasks, counted as they are opened: an inner one has a higher number than its outer one. */
let opened = 0;
const scopeOf = new WeakMap<Frame, Scope>();

/**
 * Tasks that belong together; {@link scope} opens one. It belongs to the task that opened it and cannot be sent.
 *
 * @example
 * ```ts
 * import { scope } from "quipe";
 *
 * const s = scope({ name: "pair", policy: "settle" });
 * s.spawn((n: number) => n * 2, [21]);
 * s.spawn(() => JSON.parse("{"));
 * for (const outcome of await s.join()) console.log(outcome.kind);
 * // prints: done
 * // prints: failed
 * ```
 */
export class Scope {
  readonly name: string;
  readonly #title: string;
  readonly #policy: "all" | "settle" | "race";
  readonly #graceMs: number;
  readonly #number: number = ++opened;
  readonly #frame: Frame;
  readonly #outer: Scope | undefined;
  readonly #inner = new Set<Scope>();
  readonly #members: Member[] = [];
  readonly #signal: LiveSignal;
  readonly #deaf: (() => void)[] = [];
  #state: "open" | "joining" | "closed" = "open";
  #halt: Halt | undefined;
  #bodyError: { readonly error: unknown } | undefined;
  #interruption: { readonly error: unknown } | undefined;
  #joined: Promise<readonly Outcome[]> | undefined;
  #body: Promise<unknown> | undefined;

  /** Scopes come from `scope`. */
  constructor(options: ScopeOptions) {
    const { name, policy = "all", graceMs = DEFAULT_GRACE_MS, signal } = checkedOptions(options);
    this.name = name ?? "";
    this.#title = name === undefined ? "This scope" : `Scope "${name}"`;
    this.#policy = policy;
    this.#graceMs = graceMs;
    const parent = currentFrame();
    const onDeadline = (): void => this.#expire();
    this.#frame = new Frame({ parent, deadline: deadlineOf(options), onDeadline });
    scopeOf.set(this.#frame, this);
    this.#outer = scopeAround(parent);
    if (this.#outer === undefined) this.#deaf.push(noteOpen(this.#asOutermost()));
    else this.#outer.#inner.add(this);
    this.#signal = new LiveSignal(() => this.#whyAborted());
    this.#deaf.push(onCancel(() => this.#signal.look()));
    this.#obey(signal);
    keepHere(this, STAYS_HERE);
  }

  /**
   * Aborted when the body has to stop: a task of it failed, its time is over, or it or the task around it was
   * cancelled. Asking it reads shared memory, so a loop without `await` sees that too.
   */
  get signal(): AbortSignal {
    return this.#signal.signal;
  }

  /**
   * Starts a task as `spawn` does, which has ended before the scope is left. In a scope that was cancelled, or whose
   * time is over, the task is born cancelled. Throws `closed` once the scope is being left.
   */
  spawn<Args extends readonly unknown[], Result>(
    what: TaskFunction<Args, Result>,
    ...rest: Args extends readonly []
      ? [args?: Shareable<Args>, options?: SpawnOptions]
      : [args: Shareable<Args>, options?: SpawnOptions]
  ): Task<Awaited<Result>>;
  spawn<Result = unknown>(
    what: ModuleFunction | WorkerFunction,
    args?: readonly unknown[],
    options?: SpawnOptions,
  ): Task<Result>;
  spawn(
    what: TaskFunction<never[], unknown> | ModuleFunction | WorkerFunction,
    args: readonly unknown[] = [],
    options: SpawnOptions = {},
  ): Task {
    this.#assertOpen();
    drainInbox(); // whoever has failed meanwhile cancels this one too
    const deadline = deadlineHere(this.#frame);
    const hasOwnDeadline = deadlineOf(options) < deadline;
    const child: Child = { name: "", hasOwnDeadline, outcome: undefined, hasFailed: false };
    const task = startTask({
      what,
      args,
      options: { graceMs: this.#graceMs, ...options },
      caller: startTask,
      membership: {
        scope: this.#number,
        isShielded: isShielded(this.#frame.parent),
        deadline,
        stillborn: this.#whyStillborn(),
        onOutcome: (outcome) => this.#ended(child, outcome),
      },
    });
    child.name = task.name;
    this.#members.push({ child, task });
    void task.outcome; // the scope hears of it, so nobody else has to
    return task;
  }

  /**
   * Cancels the tasks of the scope, and its body in the callback form; false if that was done already. What has not
   * ended after the grace is killed. Leaving the scope throws nothing for it, unless it ended the body. Never waits.
   */
  cancel(reason?: unknown, { graceMs }: { readonly graceMs?: number } = {}): boolean {
    checkMilliseconds("graceMs", graceMs);
    if (this.#state === "closed") return false;
    const isFirst = this.#halt === undefined;
    this.#stop({ by: "cancel", reason }, graceMs);
    return isFirst;
  }

  /**
   * Leaves the scope: waits until every task of it is dead and repaired, also in a task that was cancelled. Resolves
   * with the outcomes, in the order of `spawn`; rejects with the error, or an `AggregateError` of all of them, if the
   * policy has it so. Nothing can be spawned in it from now on.
   */
  join(): Promise<readonly Outcome[]> {
    this.#joined ??= this.#leave();
    return this.#joined;
  }

  /** Leaves the scope; for `await using`. Throws as {@link join} rejects, unless that has been called. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#joined === undefined) await this.join();
    else await this.#joined.catch(() => {});
  }

  /** Runs the body of the callback form, and leaves the scope. @internal */
  run<R>(body: (scope: Scope) => R): Promise<Awaited<R>> {
    const running = this.#run(body);
    this.#body = running;
    return running;
  }

  async #run<R>(body: (scope: Scope) => R): Promise<Awaited<R>> {
    let result: Awaited<R> | undefined;
    try {
      result = await runInFrame(this.#frame, () => body(this));
    } catch (error) {
      this.#bodyThrew(error);
    }
    const wasJoined = this.#joined !== undefined;
    await this.join();
    if (wasJoined && this.#bodyError !== undefined) throw this.#bodyError.error;
    return result as Awaited<R>;
  }

  async #leave(): Promise<readonly Outcome[]> {
    this.#state = "joining";
    const innerErrors = await this.#leaveInner();
    const outcomes = await Promise.all(this.#members.map(({ task }) => task.outcome));
    const outside = whyStopped(this.#frame.parent);
    this.#close();
    const verdict = verdictOn({
      title: this.#title,
      policy: this.#policy,
      children: this.#members.map(({ child }) => child),
      halt: this.#halt,
      bodyError: this.#bodyError,
      innerErrors,
      interruption: this.#interruption,
      outside,
    });
    if (verdict !== undefined) throw verdict.error;
    return outcomes;
  }

  /** How the end of its task sees it. */
  #asOutermost(): OpenScope {
    return {
      isForgotten: () => this.#body === undefined && this.#joined === undefined,
      leave: (thrown) => {
        if (thrown !== undefined) this.#bodyThrew(thrown.error);
        return this.join();
      },
      left: () => new Promise((resolve) => void this.#deaf.push(resolve)),
    };
  }

  /** Whatever was opened inside and not left is left first: a body of its own ends, any other scope is joined. */
  async #leaveInner(): Promise<unknown[]> {
    const errors: unknown[] = [];
    for (const inner of this.#inner) {
      // Told here too, since with this wait for it nobody else need have heard of it.
      await (inner.#body ?? inner.join()).catch((error: unknown) => errors.push(error));
    }
    return errors.filter((error) => !this.#isInterruption(error));
  }

  #isInterruption(error: unknown): boolean {
    const stopped = this.#frame.stopped;
    if (stopped !== undefined && isInterruption(error, stopped.reason)) return true;
    const outside = whyStopped(this.#frame.parent);
    return outside !== undefined && isInterruption(error, outside.cause);
  }

  #close(): void {
    this.#state = "closed";
    this.#frame.close();
    if (this.#outer !== undefined) this.#outer.#inner.delete(this);
    for (const stopListening of this.#deaf) stopListening();
  }

  #bodyThrew(error: unknown): void {
    if (this.#isInterruption(error)) this.#interruption = { error };
    else this.#bodyError = { error };
    const outside = whyStopped(this.#frame.parent);
    this.#stop({ by: outside === undefined ? "failure" : "opener", reason: error });
  }

  #ended(child: Child, outcome: Outcome): void {
    void this.#frame.stopped; // its time may be over, and that child the first to be told
    const isStopped = this.#halt !== undefined || whyStopped(this.#frame.parent) !== undefined;
    child.outcome = outcome;
    child.hasFailed = isToBlame(child, outcome, isStopped);
    if (this.#policy === "all" && child.hasFailed) {
      const reason = new QuipeError("cancelled", `The task "${child.name}" has failed`, {
        cause: "error" in outcome ? outcome.error : outcome,
      });
      this.#stop({ by: "failure", reason });
    }
    if (this.#policy === "race" && outcome.kind === "done" && this.#halt === undefined) {
      const reason = new QuipeError("cancelled", `The task "${child.name}" was done first`);
      this.#stop({ by: "winner", reason });
    }
  }

  #expire(): void {
    if (this.#state === "closed") return;
    const reason = new QuipeError("timed-out", `${this.#title} is over: its deadline has passed.`);
    this.#stop({ by: "deadline", reason });
  }

  /** Cancels everything in it; the first reason stays, and a later call may bring a shorter grace. */
  #stop(halt: Halt, graceMs: number = this.#graceMs): void {
    this.#halt ??= halt;
    const { by, reason } = this.#halt;
    for (const { task, child } of this.#members) {
      if (child.outcome === undefined) task.cancel(reason, { graceMs });
    }
    if (by === "winner") return;
    this.#frame.stop({ what: this.#title, reason });
    this.#signal.look();
    for (const inner of this.#inner) inner.#heed();
  }

  /** Something around it was stopped; a shield in between may hold that off. */
  #heed(): void {
    const outside = whyStopped(this.#frame.parent);
    if (outside !== undefined) this.#stop({ by: "opener", reason: outside.cause });
  }

  #obey(signal: AbortSignal | undefined): void {
    if (signal === undefined) return;
    const obey = (): void => this.#stop({ by: "signal", reason: signal.reason });
    if (signal.aborted) return obey();
    this.#deaf.push(onAbort(signal, obey));
  }

  #whyAborted(): { readonly reason: unknown } | undefined {
    if (this.#state === "closed") return undefined;
    drainInbox();
    const stopped = whyStopped(this.#frame);
    return stopped === undefined ? undefined : { reason: stopped.cause };
  }

  #whyStillborn(): ReturnType<typeof failureParcel> | undefined {
    const stopped = whyStopped(this.#frame);
    if (stopped !== undefined) return failureParcel(stopped.cause);
    return this.#halt === undefined ? undefined : failureParcel(this.#halt.reason);
  }

  #assertOpen(): void {
    if (this.#state === "open") return;
    throw new QuipeError(
      "closed",
      `${this.#title} is being left, or has been: its tasks have to end. Spawn in its body, or open another one.`,
    );
  }
}

/**
 * Opens a scope: tasks that are spawned in it have ended, and what they held is released, before it is left.
 *
 * With a function, calls it with the scope, leaves when what it returned has settled, and resolves with that. A task
 * that fails cancels the others and the function, whose waits then throw `cancelled`; so does a function that
 * throws. When all are dead, the error is thrown, or an `AggregateError` of all of them in the order in which their
 * tasks were spawned. Without a function, gives the scope for `await using`: then the body can be told only by
 * `scope.signal`, and when it throws the scope cannot know, so it waits for its tasks all the same.
 *
 * When the task that opened it is cancelled, so are its tasks; if that task is killed or crashes, they are killed before
 * it is published; if it returns without leaving, the scope is left first. A deadline holds for everything inside. Rejects `timed-out` if that cut something short, `cancelled` if
 * the opener was, and the reason of its signal.
 *
 * @example
 * ```ts
 * import { scope } from "quipe";
 *
 * const total = await scope(async (s) => {
 *   const one = s.spawn(() => 20);
 *   const other = s.spawn(() => 22);
 *   return (await one.result) + (await other.result);
 * });
 * console.log(total); // 42
 * ```
 */
export function scope<R>(body: (scope: Scope) => R, options?: ScopeOptions): Promise<Awaited<R>>;
export function scope(options?: ScopeOptions): Scope;
export function scope<R>(
  bodyOrOptions: ((scope: Scope) => R) | ScopeOptions = {},
  options: ScopeOptions = {},
): Promise<Awaited<R>> | Scope {
  if (typeof bodyOrOptions !== "function") return new Scope(bodyOrOptions);
  return new Scope(options).run(bodyOrOptions);
}

function scopeAround(frame: Frame | undefined): Scope | undefined {
  for (let at = frame; at !== undefined; at = at.parent) {
    const found = scopeOf.get(at);
    if (found !== undefined) return found;
  }
  return undefined;
}
