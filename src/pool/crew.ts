/**
 * The workers of a pool and the calls among them: what `pool.run` and `map` are thin over.
 *
 *    run ──► CallQueue ─┐
 *                       ├─► dispatch ─► the freest of N workers ─► outcome of the call
 *    map ──► CallSource ┘      ▲   │
 *                              │   └─ a worker dies: its call at work fails, the others go back to the queue
 *                              └───── a call is slow: what was given to its worker behind it comes back
 *
 * Invariants
 *   - Every call is settled once: by its worker's reply, its worker's death, its caller, or the crew's end.
 *   - A call that has begun is never given to another worker; one that has not is never lost with its worker,
 *     unless it moved something there.
 *   - Workers are started when there is work for them, up to `size`; a dead one is replaced in the same way.
 *   - Deaths that strike no call do not go on for ever: after a few in a row, what waits fails with their cause.
 *   - While nothing is under way, nothing here keeps the program alive.
 */
import type { QuipeError } from "../errors.ts";
import { holdLoop, releaseLoop } from "../runtime/host.ts";
import { LONGEST_TIMER_MS } from "../sync/deadline.ts";
import { CallQueue } from "./call-queue.ts";
import { type Call, LoadCall, type PooledFunction, type Tally, tooSlow } from "./call.ts";
import { causeOf, deathOf } from "./call-deaths.ts";
import {
  PoolWorker,
  type StartedWorker,
  type WorkerOutcome,
  type WorkerOwner,
} from "./pool-worker.ts";

/** Where calls come from. */
export interface CallSource {
  /** The next call; undefined if there is none now. */
  next(): Call | undefined;
}

/** A source that makes its calls only when a worker has room for them. */
export interface Feeder extends CallSource {
  /** How many workers it can use. */
  readonly concurrency: number;
  /** Its calls cannot be done. */
  abandon(error: unknown): void;
}

/** What a crew is made of. */
export interface CrewPlan {
  readonly size: number;
  readonly start: () => StartedWorker;
  /** A worker is replaced when it was given so many calls. */
  readonly recycleAfterCalls?: number | undefined;
}

/** What a crew does at the moment, and has done. */
export interface CrewStatistics {
  /** How many workers there are; they are started when there is work for them. */
  readonly workers: number;
  /** How many of them have nothing to do. */
  readonly idle: number;
  /** Calls that have not begun. */
  readonly waiting: number;
  /** Calls that gave a value. */
  readonly completed: number;
  /** Calls that failed, for whatever reason. */
  readonly failed: number;
  /** Workers that ended while the pool was open: recycled, killed or crashed. */
  readonly replaced: number;
}

/** So many deaths in a row that struck no call mean that workers cannot live here. */
const barrenDeathsAllowed = 3;
/** How often slow calls are looked for, while there may be any that matter. */
const lookMs = 10;

/** The workers of one pool. */
export class Crew implements WorkerOwner, Tally {
  readonly #plan: CrewPlan;
  readonly #workers = new Set<PoolWorker>();
  readonly #queue = new CallQueue();
  readonly #feeders = new Set<Feeder>();
  #functions = 0;
  #underWay = 0;
  #completed = 0;
  #failed = 0;
  #replaced = 0;
  #barrenDeaths = 0;
  #ending: { readonly error: QuipeError; readonly isKill: boolean } | undefined;
  #isHolding = false;
  #isDispatchDue = false;
  #isEndingWorkers = false;
  #watchdog: ReturnType<typeof setInterval> | undefined;
  #whenIdle: (() => void)[] = [];

  constructor(plan: CrewPlan) {
    this.#plan = plan;
  }

  /** How many workers there are at most. */
  get size(): number {
    return this.#plan.size;
  }

  /** Why nothing more can be done here; undefined while it can. */
  get ending(): QuipeError | undefined {
    return this.#ending?.error;
  }

  /** A function for calls of this crew. */
  makeFunction(parts: Omit<PooledFunction, "number">): PooledFunction {
    this.#functions += 1;
    return { ...parts, number: this.#functions };
  }

  /** No call of this function will come any more. */
  forget(fn: PooledFunction): void {
    for (const worker of this.#workers) worker.forget(fn);
  }

  /** Takes a call on. */
  submit(call: Call): void {
    this.#begin(call);
    this.#queue.add(call);
    if (this.#freest()?.load === 0) this.dispatch();
    else this.#dispatchSoon();
  }

  /** Takes calls from `feeder` whenever there is room, until it is removed. */
  addFeeder(feeder: Feeder): void {
    this.#feeders.add(feeder);
    this.#hold();
    this.dispatch();
  }

  removeFeeder(feeder: Feeder): void {
    this.#feeders.delete(feeder);
    this.#rest();
  }

  /** Gives calls to workers, always to the one with the fewest, until either side has no more. */
  dispatch(): void {
    this.#hire();
    while (this.#giveNext());
    for (const worker of this.#workers) worker.wake();
  }

  /**
   * Gives a call up: it never begins if it has not begun; else it is asked to stop, and its worker is killed
   * if it has not after the call's grace. It fails with `error` once it is over.
   */
  stop(call: Call, error: unknown): void {
    if (call.isSettled) return;
    call.stopReason ??= { error };
    const worker = [...this.#workers].find((candidate) => candidate.has(call));
    if (worker === undefined) return call.fail(error); // the queue passes it over
    const withdrawn = worker.withdraw();
    this.#giveBack(withdrawn.filter((other) => other !== call));
    if (withdrawn.includes(call)) call.fail(error);
    else stopAtWork(worker, call, error);
    this.dispatch();
  }

  /** Waits for everything under way, then for the end of every worker. */
  async close(error: QuipeError): Promise<void> {
    this.#ending ??= { error, isKill: false };
    if (this.#isBusy) await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
    await this.#endWorkers((worker) => worker.retire());
  }

  /** Ends every worker at once; all that is under way fails, with `error` or with its worker's death. */
  async kill(error: QuipeError): Promise<void> {
    if (this.#ending?.isKill !== true) this.#ending = { error, isKill: true };
    for (const call of this.#queue.takeAll()) call.fail(error);
    for (const feeder of this.#feeders) feeder.abandon(error);
    await this.#endWorkers((worker) => void worker.task.kill(error.cause));
  }

  statistics(): CrewStatistics {
    const workers = [...this.#workers];
    return {
      workers: workers.length,
      idle: workers.filter((worker) => worker.isReady && worker.load === 0).length,
      waiting: this.#underWay - workers.filter((worker) => worker.load > 0).length,
      completed: this.#completed,
      failed: this.#failed,
      replaced: this.#replaced,
    };
  }

  settled(call: Call, succeeded: boolean): void {
    this.#underWay -= 1;
    if (!(call instanceof LoadCall)) {
      if (succeeded) this.#completed += 1;
      else this.#failed += 1;
    }
    this.#rest();
  }

  heard(_worker: PoolWorker, calls: number): void {
    if (calls > 0) this.#barrenDeaths = 0;
    this.dispatch();
  }

  ended(worker: PoolWorker, outcome: WorkerOutcome): void {
    const { struck, others } = worker.remains();
    this.#workers.delete(worker);
    struck?.fail(deathOf(struck, outcome));
    this.#salvage(others, outcome);
    const isOrderly = worker.isRetiring && outcome.kind === "done";
    this.#barrenDeaths = struck !== undefined || isOrderly ? 0 : this.#barrenDeaths + 1;
    if (this.#ending === undefined) this.#replaced += 1;
    if (this.#barrenDeaths > barrenDeathsAllowed) this.#giveUp(causeOf(outcome));
    this.dispatch();
  }

  get #isBusy(): boolean {
    return this.#underWay > 0 || this.#feeders.size > 0;
  }

  #begin(call: Call): void {
    call.tally = this;
    this.#underWay += 1;
    this.#hold();
  }

  #hold(): void {
    if (this.#isHolding) return;
    this.#isHolding = true;
    holdLoop();
  }

  /** Once nothing is under way, the program may end. */
  #rest(): void {
    if (this.#isBusy) return;
    for (const resolve of this.#whenIdle.splice(0)) resolve();
    if (this.#isEndingWorkers || !this.#isHolding) return;
    this.#isHolding = false;
    releaseLoop();
  }

  /** Together with what else this turn of the program brings: a worker is woken once for all of it. */
  #dispatchSoon(): void {
    if (this.#isDispatchDue) return;
    this.#isDispatchDue = true;
    queueMicrotask(() => {
      this.#isDispatchDue = false;
      this.dispatch();
    });
  }

  /** Starts workers for what is under way, as far as there may be more. */
  #hire(): void {
    if (this.#ending?.isKill === true || !this.#isBusy) return;
    let wanted = this.#underWay;
    for (const feeder of this.#feeders) wanted += feeder.concurrency;
    let there = 0;
    for (const worker of this.#workers) if (!worker.isRetiring) there += 1;
    const limit = Math.min(wanted, this.#plan.size);
    while (there < limit && this.#hireOne()) there += 1;
  }

  /** False if no worker can be started now: what waits is left to the others, and fails if there are none. */
  #hireOne(): boolean {
    try {
      const worker = new PoolWorker(this.#plan.start(), this);
      this.#workers.add(worker);
      worker.listen();
      return true;
    } catch (error) {
      if (this.#workers.size === 0) this.#giveUp(error);
      return false;
    }
  }

  #freest(): PoolWorker | undefined {
    let freest: PoolWorker | undefined;
    for (const worker of this.#workers) {
      if (freest !== undefined && worker.load >= freest.load) continue;
      if (worker.hasRoom) freest = worker;
    }
    return freest;
  }

  #nextCall(): Call | undefined {
    const waiting = this.#queue.next();
    if (waiting !== undefined) return waiting;
    for (const feeder of this.#feeders) {
      const call = feeder.next();
      if (call === undefined) continue;
      this.#feeders.delete(feeder);
      this.#feeders.add(feeder); // the others come first the next time
      this.#begin(call);
      return call;
    }
    return undefined;
  }

  /** False if there is no call, or nobody for it. */
  #giveNext(): boolean {
    const worker = this.#freest();
    const call = worker === undefined ? undefined : this.#nextCall();
    return worker !== undefined && call !== undefined && this.#give(worker, call);
  }

  /** False if the call must wait: no worker can have it now. */
  #give(worker: PoolWorker, call: Call): boolean {
    try {
      if (!worker.offer(call)) {
        this.#giveBack([call]);
        return !call.moves; // that waits for an idle worker, and holds up the others meanwhile
      }
    } catch (error) {
      call.fail(error);
      return true;
    }
    if (worker.load > 1 || call.timeoutMs !== undefined) this.#lookOut();
    if (worker.given >= (this.#plan.recycleAfterCalls ?? Infinity)) worker.retire();
    return true;
  }

  /** What a dead worker had not begun is done by others. */
  #salvage(calls: readonly Call[], outcome: WorkerOutcome): void {
    for (const call of calls) if (call.isSpent) call.fail(deathOf(call, outcome));
    this.#giveBack(calls.filter((call) => !call.isSettled));
  }

  #giveBack(calls: readonly Call[]): void {
    if (this.#ending?.isKill === true) for (const call of calls) call.fail(this.#ending.error);
    else this.#queue.giveBack(calls);
  }

  /** No worker lives long enough to do anything. */
  #giveUp(cause: unknown): void {
    this.#barrenDeaths = 0;
    for (const call of this.#queue.takeAll()) call.fail(cause);
    for (const feeder of this.#feeders) feeder.abandon(cause);
  }

  async #endWorkers(end: (worker: PoolWorker) => void): Promise<void> {
    this.#isEndingWorkers = true;
    this.#hold();
    while (this.#workers.size > 0) {
      const workers = [...this.#workers];
      for (const worker of workers) end(worker);
      await Promise.all(workers.map((worker) => worker.ended));
    }
    this.#isEndingWorkers = false;
    this.#rest();
  }

  #lookOut(): void {
    this.#watchdog ??= setInterval(() => this.#look(), lookMs);
  }

  /** Takes what waits behind a slow call to where it need not wait, and stops what takes too long. */
  #look(): void {
    const nowMs = performance.now();
    let isNeeded = false;
    for (const worker of this.#workers) {
      worker.hear();
      if (worker.load === 0) continue;
      isNeeded = true;
      const stuck = worker.stuckCall(nowMs);
      if (stuck === undefined) continue;
      if (stuck.forMs > 0) this.#giveBack(worker.withdraw());
      const { call } = stuck;
      if (call.timeoutMs !== undefined && stuck.forMs >= call.timeoutMs)
        this.stop(call, tooSlow(call));
    }
    if (!isNeeded) {
      clearInterval(this.#watchdog);
      this.#watchdog = undefined;
    }
    this.dispatch();
  }
}

function stopAtWork(worker: PoolWorker, call: Call, error: unknown): void {
  worker.askToStop(call);
  if (call.graceMs > LONGEST_TIMER_MS || call.graceTimer !== undefined) return;
  call.graceTimer = setTimeout(() => {
    if (!call.isSettled) void worker.task.kill(error);
  }, call.graceMs);
}
