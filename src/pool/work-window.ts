/**
 * The window of records under way: what keeps the memory of a map flat whatever the size of its input.
 *
 *    source ──► [ fresh ] ──take──► a mapper ──settle──► [ held ] ──► [ ready ] ──drain──► consumer
 *                   ▲                  │
 *                   └──── giveBack ◄───┘ the mapper died before it took the record
 *
 *    |◄──────────── open: counted from take until drain ─────────────►|
 *
 * Invariants
 *   - A record is open from its first `take` until the consumer drains its outcome. At most
 *     `openRecords` are open, and beyond the first they weigh at most `openBytes` together, so one
 *     slow record at the head of an ordered map stops the intake, never the memory.
 *   - A record given back stays open and is taken again before any fresh one: the window can never
 *     fill up with younger records that wait for it.
 *   - Ordered: outcomes become ready in the order of their numbers, without a gap.
 *   - `open = records at mappers + given back + held + ready`, asserted by `checkWindow`.
 *
 * All of it lives in one thread; nothing here is shared.
 */
import { invariant } from "../errors.ts";

/** What a source delivers: a value for the function, or the reason why there is none. */
export interface SourceItem {
  /** What goes to the function. */
  readonly value?: unknown;
  /** Why this record cannot be read; it becomes the record's outcome without any call. */
  readonly error?: Error;
  /** Roughly how many bytes this record holds in memory. */
  readonly bytes?: number;
}

/** One record under way, numbered from 1 in the order of the input. */
export interface Job<Item extends SourceItem> {
  readonly number: number;
  readonly item: Item;
}

/** What became of one record. */
export type MapOutcome<Item extends SourceItem = SourceItem> =
  | { readonly number: number; readonly item: Item; readonly ok: true; readonly value: unknown }
  | { readonly number: number; readonly item: Item; readonly ok: false; readonly error: unknown };

/** How much may be under way at once, and whether outcomes keep the order of the input. */
export interface WindowLimits {
  readonly ordered: boolean;
  readonly openRecords: number;
  readonly openBytes: number;
}

/** Counts and orders the records of one map between its source and its consumer. */
export class WorkWindow<Item extends SourceItem> {
  readonly #limits: WindowLimits;
  /** Read from the source, not taken yet; the part before `#freshHead` has been taken. */
  #fresh: readonly Item[] = [];
  #freshHead = 0;
  #numbered = 0;
  /** Records of mappers that died before they took them, lowest number first. */
  readonly #givenBack: Job<Item>[] = [];
  /** Ordered only: settled before an earlier record was. */
  readonly #held = new Map<number, MapOutcome<Item>>();
  #nextReady = 1;
  #ready: MapOutcome<Item>[] = [];
  #atMappers = 0;
  #openCount = 0;
  #openBytes = 0;

  constructor(limits: WindowLimits) {
    this.#limits = limits;
  }

  /** Whether the source should be asked for more: nothing fresh is left. */
  get hungry(): boolean {
    return this.#freshHead === this.#fresh.length;
  }

  /** Whether every record read so far has been drained. */
  get empty(): boolean {
    return this.hungry && this.#openCount === 0;
  }

  /** How many records are taken, and not drained yet. */
  get openCount(): number {
    return this.#openCount;
  }

  /** Adds a batch from the source. Only when {@link hungry}. */
  refill(batch: readonly Item[]): void {
    invariant(this.hungry, "a window was refilled before its last batch was taken");
    this.#fresh = batch;
    this.#freshHead = 0;
  }

  /** The next record to work on, or nothing: the window is full, or nothing is left in it. */
  take(): Job<Item> | undefined {
    const again = this.#givenBack.shift();
    if (again !== undefined) {
      this.#atMappers += 1;
      return again;
    }
    const item = this.#fresh[this.#freshHead];
    if (item === undefined || !this.#admits(item)) return undefined;
    this.#freshHead += 1;
    if (this.hungry) {
      this.#fresh = [];
      this.#freshHead = 0;
    }
    this.#numbered += 1;
    this.#openCount += 1;
    this.#openBytes += item.bytes ?? 0;
    this.#atMappers += 1;
    return { number: this.#numbered, item };
  }

  /** Takes records back from a mapper that never started on them; they are next in line. */
  giveBack(jobs: readonly Job<Item>[]): void {
    this.#atMappers -= jobs.length;
    this.#givenBack.push(...jobs);
    this.#givenBack.sort((a, b) => a.number - b.number);
  }

  /** Notes what became of a record that was taken. */
  settle(outcome: MapOutcome<Item>): void {
    this.#atMappers -= 1;
    if (outcome.ok) this.#openBytes += weight(outcome.value);
    if (!this.#limits.ordered) {
      this.#ready.push(outcome);
      return;
    }
    this.#held.set(outcome.number, outcome);
    for (;;) {
      const next = this.#held.get(this.#nextReady);
      if (next === undefined) return;
      this.#held.delete(this.#nextReady);
      this.#nextReady += 1;
      this.#ready.push(next);
    }
  }

  /** Hands over every outcome that is ready, and makes room for as many new records. */
  drain(): readonly MapOutcome<Item>[] {
    const outcomes = this.#ready;
    if (outcomes.length === 0) return outcomes;
    this.#ready = [];
    this.#openCount -= outcomes.length;
    for (const outcome of outcomes) {
      this.#openBytes -= outcome.item.bytes ?? 0;
      if (outcome.ok) this.#openBytes -= weight(outcome.value);
    }
    return outcomes;
  }

  /** Asserts the accounting identity; tests call it after each step. */
  checkWindow(): void {
    const counted = this.#atMappers + this.#givenBack.length + this.#held.size + this.#ready.length;
    invariant(this.#openCount === counted, "a window lost count of its open records");
    invariant(this.#openCount <= this.#limits.openRecords, "a window holds too many records");
    invariant(this.#openCount > 0 || this.#openBytes === 0, "an empty window still weighs");
  }

  /** The first record always fits: a record heavier than the whole window goes alone. */
  #admits(item: Item): boolean {
    if (this.#openCount === 0) return true;
    if (this.#openCount >= this.#limits.openRecords) return false;
    return this.#openBytes + (item.bytes ?? 0) <= this.#limits.openBytes;
  }
}

/** Results are mostly lines of JSON; any other value is small, or the caller's to bound. */
function weight(value: unknown): number {
  return typeof value === "string" ? value.length : 0;
}
