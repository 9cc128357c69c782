/**
 * One run of a map: records in from a source, through N mapper tasks, outcomes out.
 *
 *    source ─► WorkWindow ─► MapperSlot 1 … N ─► WorkWindow ─► batches of outcomes
 *
 * The run is a generator, so the consumer paces everything: while it does not ask, outcomes stay in
 * the window, the window fills, mappers get nothing more and the source is not read.
 *
 * Invariants
 *   - Every record of the source has exactly one outcome, unless the run itself fails or is given up.
 *   - A mapper that dies costs the record it was working on and no other: all that it had not answered
 *     goes to the next free mapper, and a new one takes its place.
 *   - Deaths that strike no record do not go on for ever: after a few in a row the run fails.
 *   - However the generator is left, every mapper is dead when it returns.
 */
import { QuipeError } from "../errors.ts";
import { MapperSlot } from "./mapper-slot.ts";
import type { MapperOutcome, SlotOwner, StartedMapper } from "./mapper-slot.ts";
import { WorkWindow } from "./work-window.ts";
import type { Job, MapOutcome, SourceItem } from "./work-window.ts";

/** Everything that a run is made of. */
export interface MapPlan<Item extends SourceItem> {
  /** Starts one mapper. */
  readonly start: () => StartedMapper;
  /** How many mappers work at once. */
  readonly tasks: number;
  /** Whether outcomes come in the order of the input. */
  readonly ordered: boolean;
  /** How long the function may take for one record before its task is killed. */
  readonly timeoutMs?: number | undefined;
  /** Gives the run up: outcomes that are ready still come, then its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
  /** The records, in batches of any size. Read only when there is room. */
  readonly source: AsyncIterator<readonly Item[]>;
}

const openRecords = 16_384;
const openBytes = 32 * 1024 * 1024;
/** A batch for a mapper weighs about this much at most, unless one record alone weighs more. */
const batchBytes = 64 * 1024;
/** So many deaths in a row that struck no record mean that mappers cannot live here. */
const barrenDeathsAllowed = 3;

/** Runs a map. Yields outcomes in batches, as many as are ready; never an empty one. */
export async function* runMap<Item extends SourceItem>(
  plan: MapPlan<Item>,
): AsyncGenerator<readonly MapOutcome<Item>[], void, undefined> {
  plan.signal?.throwIfAborted();
  const run = new MapRun(plan);
  try {
    run.open();
    for (;;) {
      const outcomes = await run.next();
      if (outcomes === undefined) break;
      yield outcomes;
    }
  } finally {
    await run.close();
  }
}

class MapRun<Item extends SourceItem> implements SlotOwner<Item> {
  readonly #plan: MapPlan<Item>;
  readonly #window: WorkWindow<Item>;
  readonly #slots = new Set<MapperSlot<Item>>();
  #failure: { readonly error: unknown } | undefined;
  #source: "idle" | "pulling" | "ended" = "idle";
  #sourceFailure: { readonly error: unknown } | undefined;
  #anyReady = false;
  #barrenDeaths = 0;
  #closing = false;
  #changed = false;
  #wake: (() => void) | undefined;
  #watchdog: ReturnType<typeof setInterval> | undefined;

  constructor(plan: MapPlan<Item>) {
    this.#plan = plan;
    this.#window = new WorkWindow({ ordered: plan.ordered, openRecords, openBytes });
  }

  open(): void {
    const { signal, tasks, timeoutMs } = this.#plan;
    signal?.addEventListener("abort", this.#onAbort);
    for (let i = 0; i < tasks; i++) this.#startMapper();
    if (timeoutMs === undefined) return;
    this.#watchdog = setInterval(() => this.#killOverdue(timeoutMs), Math.max(timeoutMs / 8, 2));
  }

  /** The next outcomes, as soon as there are any; nothing when all is done. */
  async next(): Promise<readonly MapOutcome<Item>[] | undefined> {
    for (;;) {
      this.#advance();
      const outcomes = this.#window.drain();
      if (outcomes.length > 0) {
        this.#advance(); // There is room again: mappers work while the consumer does.
        return outcomes;
      }
      if (this.#failure !== undefined) throw this.#failure.error;
      if (this.#source === "ended" && this.#window.empty && this.#anyReady) {
        if (this.#sourceFailure !== undefined) throw this.#sourceFailure.error;
        return undefined;
      }
      await this.#change();
    }
  }

  /** Lets idle mappers finish, kills the others, and leaves the source. */
  async close(): Promise<void> {
    this.#closing = true;
    clearInterval(this.#watchdog);
    this.#plan.signal?.removeEventListener("abort", this.#onAbort);
    const ends = [...this.#slots].map(async (slot) => {
      if (slot.isReady && slot.load === 0) slot.task.quipe.close();
      else await slot.task.kill("The map that this task worked for is over.");
      await slot.task.outcome;
    });
    await Promise.all(ends);
    // A source that is being read may never answer; it is told, and not waited for.
    const left = this.#plan.source.return?.();
    if (this.#source === "pulling") left?.catch(() => undefined);
    else await left;
  }

  ready(): void {
    this.#anyReady = true;
  }

  succeeded(job: Job<Item>, value: unknown): void {
    this.#barrenDeaths = 0;
    this.#window.settle({ number: job.number, item: job.item, ok: true, value });
  }

  failed(job: Job<Item>, error: unknown): void {
    this.#barrenDeaths = 0;
    this.#window.settle({ number: job.number, item: job.item, ok: false, error });
  }

  drained(): void {
    this.#advance();
    this.#announce();
  }

  ended(slot: MapperSlot<Item>): void {
    void this.#bury(slot);
  }

  #advance(): void {
    this.#dispatch();
    this.#pull();
  }

  #startMapper(): void {
    this.#slots.add(new MapperSlot(this.#plan.start(), this));
  }

  /** Gives records to mappers, always to the one with the fewest, until either side has no more. */
  #dispatch(): void {
    if (this.#closing || this.#failure !== undefined) return;
    for (;;) {
      const slot = this.#freest();
      if (slot === undefined) return;
      const jobs = this.#takeRun(slot.appetite);
      if (jobs.length === 0) return;
      this.#give(slot, jobs);
    }
  }

  /** Up to `most` records whose numbers follow each other; those that cannot be read are settled on the way. */
  #takeRun(most: number): Job<Item>[] {
    const jobs: Job<Item>[] = [];
    let bytes = 0;
    while (jobs.length < most && bytes < batchBytes) {
      const job = this.#window.take();
      if (job === undefined) break;
      const last = jobs.at(-1);
      if (job.item.error !== undefined) {
        this.failed(job, job.item.error);
        if (last !== undefined) break;
      } else if (last !== undefined && last.number + 1 !== job.number) {
        this.#window.giveBack([job]);
        break;
      } else {
        jobs.push(job);
        bytes += job.item.bytes ?? 0;
      }
    }
    return jobs;
  }

  /** A value that cannot be sent is its record's error; to find it, its batch goes one by one. */
  #give(slot: MapperSlot<Item>, jobs: readonly Job<Item>[]): void {
    try {
      if (!slot.offer(jobs)) this.#window.giveBack(jobs);
    } catch (error) {
      const [only] = jobs;
      if (only !== undefined && jobs.length === 1) this.failed(only, error);
      else for (const job of jobs) this.#give(slot, [job]);
    }
  }

  #freest(): MapperSlot<Item> | undefined {
    let freest: MapperSlot<Item> | undefined;
    for (const slot of this.#slots) {
      if (slot.appetite > 0 && (freest === undefined || slot.load < freest.load)) freest = slot;
    }
    return freest;
  }

  #pull(): void {
    if (this.#source !== "idle" || !this.#window.hungry) return;
    if (this.#closing || this.#failure !== undefined) return;
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
    this.drained();
  }

  /** Settles what a dead mapper leaves behind and puts a new one in its place. */
  async #bury(slot: MapperSlot<Item>): Promise<void> {
    const outcome = await slot.task.outcome;
    this.#slots.delete(slot);
    if (this.#closing) return;
    const { struck, others } = slot.remains();
    this.#window.giveBack(others);
    if (struck !== undefined) {
      const error = deathOfRecord(struck.number, outcome, this.#timeoutOf(slot));
      this.#window.settle({ ...struck, ok: false, error });
    }
    this.#barrenDeaths = struck === undefined ? this.#barrenDeaths + 1 : 0;
    const neverLoaded = !slot.isReady && outcome.kind === "failed";
    if (neverLoaded || this.#barrenDeaths > barrenDeathsAllowed) this.#fail(causeOf(outcome));
    else this.#startMapper();
    this.drained();
  }

  #timeoutOf(slot: MapperSlot<Item>): number | undefined {
    return slot.overdueRecord === undefined ? undefined : this.#plan.timeoutMs;
  }

  #killOverdue(timeoutMs: number): void {
    const nowMs = performance.now();
    for (const slot of this.#slots) {
      if (slot.overdueRecord !== undefined || !slot.isOverdue(nowMs, timeoutMs)) continue;
      void slot.task.kill(`Record ${slot.overdueRecord} took longer than ${timeoutMs} ms.`);
    }
  }

  readonly #onAbort = (): void => {
    this.#fail(this.#plan.signal?.reason);
  };

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#announce();
  }

  #announce(): void {
    this.#changed = true;
    this.#wake?.();
  }

  async #change(): Promise<void> {
    if (!this.#changed) await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#changed = false;
    this.#wake = undefined;
  }
}

function deathOfRecord(
  number: number,
  outcome: MapperOutcome,
  timeoutMs: number | undefined,
): QuipeError {
  if (timeoutMs !== undefined) {
    const text = `Record ${number} took longer than ${timeoutMs} ms; its task was killed.`;
    return new QuipeError("timed-out", text);
  }
  const cause = causeOf(outcome);
  if (outcome.kind === "killed" || outcome.kind === "cancelled") {
    const text = `Record ${number} was lost: its task was ${outcome.kind}.`;
    return new QuipeError(outcome.kind, text, { cause });
  }
  const why = cause instanceof Error ? cause.message : "it ended without an answer";
  return new QuipeError("crashed", `Record ${number} killed its task: ${why}`, { cause });
}

/** What a mapper died of, as one value to show or to throw. */
function causeOf(outcome: MapperOutcome): unknown {
  switch (outcome.kind) {
    case "failed":
    case "crashed":
      return outcome.error;
    case "cancelled":
    case "killed":
      return new QuipeError(outcome.kind, `A mapper task was ${outcome.kind}.`, {
        cause: outcome.reason,
      });
    case "done":
      return new QuipeError("crashed", "A mapper task ended on its own.");
  }
}
