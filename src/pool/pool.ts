/**
 * `pool`: workers kept warm for many short calls.
 *
 * The thin part: it checks what the caller says, encodes each call and gives it to the crew (crew.ts), which does
 * everything else. The crew does not know its pool, so a pool that is dropped without a word can be noticed.
 */
import { QuipeError, asSentence } from "../errors.ts";
import type { Shareable } from "../memory/shareable.ts";
import { keepHere } from "../quipe/sendable.ts";
import { parallelism } from "../runtime/host.ts";
import { BlockedOn, isSameTask } from "../sync/board.ts";
import { onAbort } from "../sync/abort-listeners.ts";
import { type Frame, currentFrame } from "../sync/frames.ts";
import { thisThread } from "../sync/thread.ts";
import { throwIfStopped, watch, whyStopped } from "../sync/wait.ts";
import type { ModuleFunction, TaskFunction } from "../task/entry.ts";
import { ensureReaper } from "../task/root.ts";
import { type SpawnOptions, checkThread } from "../task/spawn.ts";
import { type CallLimits, type PooledFunction, RunCall } from "./call.ts";
import { CallSites } from "./call-sites.ts";
import { checkHeap, checkLimits, checkedCount } from "./checks.ts";
import { Crew, type CrewStatistics } from "./crew.ts";
import { type MapOptions, mapOn } from "./map.ts";
import { type Callable, describeFunction, startWorker } from "./starting-workers.ts";

const STAYS_HERE =
  "it is a pool, which belongs to the task that made it. Make one in the other task.";

/** How a {@link pool} is made. */
export interface PoolOptions {
  /** How many workers there are at most; as many as the machine runs threads unless said otherwise. */
  readonly size?: number | undefined;
  /** What the pool and its threads are called in errors and debuggers; `pool` unless said otherwise. */
  readonly name?: string | undefined;
  /** When a worker is replaced by a new one on a new thread: after the call that reaches one of these. */
  readonly recycleAfter?:
    | {
        /** So many calls. */
        readonly calls?: number | undefined;
        /** So many millions of bytes on its heap, counting what has not been collected yet. */
        readonly heapMb?: number | undefined;
      }
    | undefined;
  /** Limits of each worker's heap, as of `new Worker`. Ignored by Bun. */
  readonly resourceLimits?: SpawnOptions["resourceLimits"];
}

/** How long a call of a {@link Pool} may take, and what gives it up. */
export interface RunOptions extends CallLimits {
  /** Gives the call up when aborted; it then rejects with the signal's reason, once it is over. */
  readonly signal?: AbortSignal | undefined;
}

/** What a {@link Pool} does at the moment, and has done. */
export interface PoolStatistics extends CrewStatistics {
  /** How many workers there may be. */
  readonly size: number;
}

/**
 * Workers that are kept warm and answer calls; made by {@link pool}. A worker does one call at a time. What a call
 * changes on its thread (globals, modules, connections) is there for the next one; `recycleAfter: { calls: 1 }`
 * gives every call a thread of its own.
 *
 * A pool belongs to the task that made it and cannot be sent. It keeps the program alive only while calls are under
 * way. One that is dropped without `close` finishes its calls, and then its threads end.
 *
 * @example
 * ```ts
 * import { type Pool, pool } from "quipe";
 *
 * const workers: Pool = pool({ size: 1 });
 * await workers.run(() => "warm");
 * console.log(workers.statistics().completed, workers.statistics().workers); // 1 1
 * await workers.close();
 * ```
 */
export class Pool {
  readonly name: string;
  readonly #crew: Crew;
  readonly #home = thisThread().task;
  // Named, never called: a trace begins with whoever called it.
  // oxlint-disable-next-line typescript/unbound-method
  readonly #sites = new CallSites(Pool.prototype.run);
  readonly #functions = new WeakMap<object, PooledFunction>();

  /** Pools come from `pool`; there is nothing to construct. */
  constructor(crew: Crew, name: string) {
    if (!(crew instanceof Crew)) throw new TypeError("Pools come from pool({ size }).");
    this.#crew = crew;
    this.name = name;
    registry().register(this, crew);
    keepHere(this, STAYS_HERE);
  }

  /**
   * Calls a function on a worker. `what` and `args` are as for `spawn`: arguments are copied at once, frozen objects
   * go by reference, `move(x)` moves. A call waits while all workers are busy; calls begin in the order in which
   * they were made.
   *
   * Rejects with what the function throws, as an error of the same class with both stacks; with `killed` or
   * `crashed` if the worker dies during the call (other calls are not affected, and no call is made twice); with
   * `timed-out`, the signal's reason, `module-not-loaded`, `closed`, or `not-sendable`, in which case nothing was
   * called. A call that is given up and has begun is asked to stop (`current().signal`); its worker is
   * killed if it goes on for `graceMs` (100 unless said otherwise). `timeoutMs` counts from when the call begins,
   * and is kept to within some 20 ms.
   *
   * @example
   * ```ts
   * import { pool } from "quipe";
   *
   * await using workers = pool({ size: 2 });
   * const square = (x: number) => x * x;
   * console.log(await Promise.all([workers.run(square, [3]), workers.run(square, [4])])); // [ 9, 16 ]
   * ```
   */
  run<Args extends readonly unknown[], Result>(
    what: TaskFunction<Args, Result>,
    ...rest: Args extends readonly []
      ? [args?: Shareable<Args>, options?: RunOptions]
      : [args: Shareable<Args>, options?: RunOptions]
  ): Promise<Awaited<Result>>;
  run<Result = unknown>(
    what: ModuleFunction,
    args?: readonly unknown[],
    options?: RunOptions,
  ): Promise<Result>;
  run(what: Callable, args: readonly unknown[] = [], options: RunOptions = {}): Promise<unknown> {
    try {
      return this.#begin(what, args, options).result;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * As the free function `map`, on the workers of this pool. `concurrency` is how many of them it uses at once; all
   * unless said otherwise. The calls of `run` come first. Leaving the loop early asks the calls under
   * way to stop, and waits for them.
   */
  map<Value, Result, Shared = undefined>(
    what: TaskFunction<[value: Value, shared: Shared, number: number], Result> | ModuleFunction,
    records: Iterable<Value> | AsyncIterable<Value>,
    options: MapOptions<Shared, Awaited<Result>> = {},
  ): AsyncGenerator<Awaited<Result>, void, undefined> {
    this.#assertOpen();
    return mapOn({ crew: this.#crew, ownsCrew: false }, what, records, options);
  }

  /** What the pool does at the moment, and has done. Never waits. */
  statistics(): PoolStatistics {
    return { size: this.#crew.size, ...this.#crew.statistics() };
  }

  /** Takes no more calls, waits for those under way, and ends the workers. Resolves when all have ended. */
  close(): Promise<void> {
    return this.#crew.close(this.#closed());
  }

  /** Ends all workers at once. Every call that is under way rejects with `killed`. Resolves when all have ended. */
  kill(reason?: unknown): Promise<void> {
    const why = reason === undefined ? "." : `: ${asSentence(reason)}`;
    const text = `The pool "${this.name}" was killed${why}`;
    return this.#crew.kill(new QuipeError("killed", text, { cause: reason }));
  }

  /** Closes the pool; for `await using`. Calls under way are finished, also if the block was left by an error. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #begin(what: Callable, args: readonly unknown[], options: RunOptions): RunCall {
    this.#assertOpen();
    checkLimits(options);
    const { signal } = options;
    signal?.throwIfAborted();
    if (!Array.isArray(args)) {
      throw new TypeError("Expected the arguments of the call as an array: pool.run(fn, [a, b]).");
    }
    ensureReaper(); // what the arguments name may have to be published there
    const fn = this.#functionOf(what);
    const call = new RunCall(fn, args, { limits: options, site: this.#sites.of(fn) });
    this.#crew.submit(call); // first of all: what follows may stop it at once
    if (signal !== undefined) this.#heed(signal, call);
    const frame = currentFrame();
    if (frame !== undefined) this.#heedFrame(frame, call);
    return call;
  }

  #heed(signal: AbortSignal, call: RunCall): void {
    if (signal.aborted) return this.#crew.stop(call, signal.reason); // while the arguments were read
    const leave = onAbort(signal, () => this.#crew.stop(call, signal.reason));
    call.result.then(leave, leave);
  }

  /** A scope that is stopped, or a shield that has run out, gives up the calls that were made in it. */
  #heedFrame(frame: Frame, call: RunCall): void {
    const look = (): boolean => {
      const why = call.isSettled ? undefined : whyStopped(frame);
      if (why !== undefined) this.#crew.stop(call, why);
      return call.isSettled || why !== undefined;
    };
    watch(look, { code: BlockedOn.other, text: call.label }).release();
  }

  #functionOf(what: Callable): PooledFunction {
    const known = this.#functions.get(what);
    if (known !== undefined) return known;
    const made = this.#crew.makeFunction(describeFunction(what));
    this.#functions.set(what, made);
    return made;
  }

  #assertOpen(): void {
    throwIfStopped();
    if (this.#crew.ending !== undefined) throw this.#crew.ending;
    if (isSameTask(this.#home, thisThread().task)) return;
    throw new QuipeError(
      "closed",
      `The pool "${this.name}" was made by a task that has ended. Make it inside the task that uses it.`,
    );
  }

  #closed(): QuipeError {
    return new QuipeError(
      "closed",
      `The pool "${this.name}" is closed and takes no more calls. Close it after the last one.`,
    );
  }
}

/**
 * Makes a pool: workers that are kept warm for calls which are too short, or too many, for a task each. Threads are
 * started when there is work for them. Throws `TypeError` or `RangeError` for options that cannot be meant. Never waits.
 *
 * @example
 * ```ts
 * import { pool } from "quipe";
 *
 * const workers = pool({ name: "squares", size: 2, recycleAfter: { calls: 10_000 } });
 * console.log(await workers.run((x: number) => x * x, [12])); // 144
 * await workers.close();
 * ```
 */
export function pool(options: PoolOptions = {}): Pool {
  const { name = "pool", recycleAfter = {}, resourceLimits } = options;
  const size = checkedCount("size", options.size ?? parallelism());
  const { calls, heapMb } = recycleAfter;
  if (calls !== undefined) checkedCount("recycleAfter.calls", calls);
  checkHeap(heapMb);
  checkThread({ name, resourceLimits });
  const heapBytes = heapMb === undefined ? undefined : heapMb * 1e6;
  const ownThreads = calls !== undefined || heapMb !== undefined;
  const start = () => startWorker({ name, heapBytes, resourceLimits, ownThreads });
  return new Pool(new Crew({ size, start, recycleAfterCalls: calls }), name);
}

let dropped: FinalizationRegistry<Crew> | undefined;

/** Notices pools that nobody can close any more. */
function registry(): FinalizationRegistry<Crew> {
  dropped ??= new FinalizationRegistry((crew) => {
    const text = "The pool that this map ran on was dropped.";
    void crew.close(new QuipeError("closed", text));
  });
  return dropped;
}
