/**
 * One run of a map: records in from a source, through the workers of a crew, outcomes out.
 *
 *    source ─► WorkWindow ─► the crew's workers ─► WorkWindow ─► batches of outcomes
 *
 * The run is a generator, so the consumer paces everything: while it does not ask, outcomes stay in
 * the window, the window fills, workers get nothing more and the source is not read.
 *
 * Invariants
 *   - Every record of the source has exactly one outcome, unless the run itself fails or is given up.
 *   - A record is turned into a call when a worker has room for it, and not before.
 *   - No record is called before the function has been loaded once; if it cannot be, the run fails.
 *   - However the generator is left, none of its calls is at work when it returns.
 */
import { QuipeError } from "../errors.ts";
import { onAbort } from "../sync/abort-listeners.ts";
import { type Contexts, contextsHere } from "../task/context.ts";
import { Call, type CallLimits, LoadCall, type PooledFunction } from "./call.ts";
import type { Crew, Feeder } from "./crew.ts";
import { WorkWindow } from "./work-window.ts";
import type { Job, MapOutcome, SourceItem } from "./work-window.ts";

/** Everything that a run is made of. */
export interface MapPlan<Item extends SourceItem> extends CallLimits {
  readonly crew: Crew;
  /** Whether the crew works for this run alone and ends with it. */
  readonly ownsCrew: boolean;
  /** What is called with each record and its number. */
  readonly fn: PooledFunction;
  /** How many workers it uses at once. */
  readonly concurrency: number;
  /** Whether outcomes come in the order of the input. */
  readonly ordered: boolean;
  /** Gives the run up: outcomes that are ready still come, then its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
  /** The records, in batches of any size. Read only when there is room. */
  readonly source: AsyncIterator<readonly Item[]>;
}

const openRecords = 16_384;
const openBytes = 32 * 1024 * 1024;

/** Runs a map. Yields outcomes in batches, as many as are ready; never an empty one. */
export async function* runMap<Item extends SourceItem>(
  plan: MapPlan<Item>,
): AsyncGenerator<readonly MapOutcome<Item>[], void, undefined> {
  plan.signal?.throwIfAborted();
  const run = new MapRun(plan);
  try {
    run.open();
    for (;;) {
      const outcomes = await run.outcomes();
      if (outcomes === undefined) break;
      yield outcomes;
    }
  } finally {
    await run.close();
  }
}

/** The call of one record. */
class RecordCall<Item extends SourceItem> extends Call {
  readonly job: Job<Item>;
  readonly #run: MapRun<Item>;

  constructor(run: MapRun<Item>, job: Job<Item>, { fn, ...limits }: MapPlan<Item>) {
    super(fn, limits, run.contexts);
    this.#run = run;
    this.job = job;
  }

  get label(): string {
    return `Record ${this.job.number}`;
  }

  protected arguments(): readonly unknown[] {
    return [this.job.item.value, this.job.number];
  }

  protected succeeded(value: unknown): void {
    const { number, item } = this.job;
    this.#run.settle(this, { number, item, ok: true, value });
  }

  protected failed(error: unknown): void {
    const { number, item } = this.job;
    this.#run.settle(this, { number, item, ok: false, error });
  }
}

class MapRun<Item extends SourceItem> implements Feeder {
  /** The async context in which the first outcomes were asked for; all records are worked on in it. */
  readonly contexts: Contexts = contextsHere();
  readonly #plan: MapPlan<Item>;
  readonly #window: WorkWindow<Item>;
  readonly #atWork = new Set<Call>();
  /** Records that may be with workers at once. */
  readonly #most: number;
  #failure: { readonly error: unknown } | undefined;
  #source: "idle" | "pulling" | "ended" = "idle";
  #sourceFailure: { readonly error: unknown } | undefined;
  #isLoaded = false;
  #isClosing = false;
  #isChanged = false;
  #wake: (() => void) | undefined;
  #stopListening: () => void = () => {};

  constructor(plan: MapPlan<Item>) {
    this.#plan = plan;
    this.#window = new WorkWindow({ ordered: plan.ordered, openRecords, openBytes });
    // Where it may not use every worker it gets one call for each that it may use; else their queues are the limit.
    this.#most = plan.concurrency < plan.crew.size ? plan.concurrency : Infinity;
  }

  get concurrency(): number {
    return this.#failure === undefined ? this.#plan.concurrency : 0;
  }

  open(): void {
    const { signal, crew, fn } = this.#plan;
    if (signal !== undefined)
      this.#stopListening = onAbort(signal, () => this.abandon(signal.reason));
    const load = new LoadCall(fn, (failure) => {
      this.#isLoaded = failure === undefined;
      if (failure !== undefined) this.abandon(failure.error);
      this.#announce();
    });
    crew.submit(load);
    crew.addFeeder(this);
  }

  /** The next outcomes, as soon as there are any; nothing when all is done. */
  async outcomes(): Promise<readonly MapOutcome<Item>[] | undefined> {
    for (;;) {
      this.#pull();
      const outcomes = this.#window.drain();
      if (outcomes.length > 0) {
        this.#plan.crew.dispatch(); // There is room again: workers go on while the consumer does.
        return outcomes;
      }
      if (this.#failure !== undefined) throw this.#failure.error;
      if (this.#source === "ended" && this.#window.empty && this.#isLoaded) {
        if (this.#sourceFailure !== undefined) throw this.#sourceFailure.error;
        return undefined;
      }
      await this.#change();
    }
  }

  /** Stops what is at work, and leaves the source. */
  async close(): Promise<void> {
    const { source } = this.#plan;
    this.#isClosing = true;
    this.#stopListening();
    await this.#stopCalls();
    // A source that is being read may never answer; it is told, and not waited for.
    const left = source.return?.();
    if (this.#source === "pulling") left?.catch(() => undefined);
    else await left;
  }

  async #stopCalls(): Promise<void> {
    const { crew, fn, ownsCrew } = this.#plan;
    const over = new QuipeError("killed", "The map that this call belongs to is over.");
    const isBusy = this.#atWork.size > 0 || !this.#isLoaded;
    if (!ownsCrew) {
      for (const call of this.#atWork) crew.stop(call, over);
      while (this.#atWork.size > 0) await this.#change();
    }
    crew.removeFeeder(this);
    crew.forget(fn);
    if (ownsCrew) await (isBusy ? crew.kill(over) : crew.close(over));
  }

  /** The next record as a call. One that cannot be read is settled on the way. */
  next(): Call | undefined {
    if (this.#isClosing || this.#failure !== undefined || !this.#isLoaded) return undefined;
    while (this.#atWork.size < this.#most) {
      const job = this.#window.take();
      this.#pull();
      if (job === undefined) return undefined;
      const { error } = job.item;
      if (error === undefined) {
        const call = new RecordCall(this, job, this.#plan);
        this.#atWork.add(call);
        return call;
      }
      this.#window.settle({ ...job, ok: false, error });
      this.#announce();
    }
    return undefined;
  }

  /** A record has its outcome. */
  settle(call: Call, outcome: MapOutcome<Item>): void {
    this.#atWork.delete(call);
    this.#window.settle(outcome);
    this.#announce();
  }

  abandon(error: unknown): void {
    this.#failure ??= { error };
    this.#announce();
  }

  #pull(): void {
    if (this.#source !== "idle" || !this.#window.hungry) return;
    if (this.#isClosing || this.#failure !== undefined) return;
    this.#source = "pulling";
    void this.#refill();
  }

  async #refill(): Promise<void> {
    try {
      const batch = await this.#plan.source.next();
      this.#source = batch.done === true ? "ended" : "idle";
      if (batch.done !== true) this.#window.refill(batch.value);
    } catch (error) {
      this.#source = "ended";
      this.#sourceFailure = { error };
    }
    this.#plan.crew.dispatch();
    this.#announce();
  }

  #announce(): void {
    this.#isChanged = true;
    this.#wake?.();
  }

  async #change(): Promise<void> {
    if (!this.#isChanged) await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#isChanged = false;
    this.#wake = undefined;
  }
}
