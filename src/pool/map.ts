/**
 * `map`: one function over many records on several tasks, as an async iterable of results.
 *
 * The thin part: it checks what the caller says, turns any iterable into batches, and results into values
 * or errors. What keeps the memory flat and no record lost is in map-run.ts and work-window.ts.
 */
import { inWords } from "../errors.ts";
import { parallelism } from "../runtime/host.ts";
import type { ModuleFunction, TaskFunction } from "../task/entry.ts";
import type { CallLimits } from "./call.ts";
import { checkLimits, checkedCount } from "./checks.ts";
import { Crew } from "./crew.ts";
import { type MapPlan, runMap } from "./map-run.ts";
import { recordFunction } from "./record-function.ts";
import { type Callable, startWorker } from "./starting-workers.ts";
import type { MapOutcome, SourceItem } from "./work-window.ts";

/** How {@link map} runs. */
export interface MapOptions<Shared = unknown, Result = unknown> extends CallLimits {
  /** How many tasks work at once; as many as the machine runs threads, or the pool has, unless said otherwise. */
  readonly concurrency?: number | undefined;
  /** Whether results come in the order of the records; true unless said otherwise. */
  readonly ordered?: boolean | undefined;
  /** The function's second argument, in every call: frozen objects in it are shared, the rest is copied once. */
  readonly shared?: Shared | undefined;
  /** Stops the map when aborted; the signal's reason is thrown. */
  readonly signal?: AbortSignal | undefined;
  /**
   * What to do with a record that fails: `throw` its error and stop (unless said otherwise), `skip` it, or a
   * function whose value takes the place of the result.
   */
  readonly onError?: "throw" | "skip" | ((error: unknown, number: number) => Result) | undefined;
}

const batchItems = 64;

/**
 * Calls a function for each record on several tasks and yields the results. The function gets the record,
 * `shared` and the record's number, counted from 1; it may be async. It is what `spawn` takes: made by
 * `task`, closing over nothing, or `{ module, export }`; each task loads it once.
 *
 * Memory stays flat whatever the number of records: they are read as results are taken. A record that ends
 * its task (a crash, `process.exit`, a time-out) fails alone; another task takes the place and no other record
 * is lost. Leaving the loop early stops all tasks.
 *
 * Nothing is started before the first result is asked for. Then it throws `TypeError` or `RangeError` for options that
 * cannot be meant, what reading the records throws, the signal's reason, and, unless `onError` says otherwise, what
 * the function throws for a record, or `crashed`, `killed` or `timed-out` if the record ended its task.
 *
 * @example
 * ```ts
 * import { freeze, map } from "quipe";
 *
 * const prices = freeze({ apple: 3, pear: 4 });
 * type Line = { fruit: "apple" | "pear"; count: number };
 * const cost = (line: Line, shared: typeof prices) => shared[line.fruit] * line.count;
 *
 * const lines: Line[] = [{ fruit: "apple", count: 2 }, { fruit: "pear", count: 1 }];
 * for await (const sum of map(cost, lines, { shared: prices, concurrency: 2 })) {
 *   console.log(sum);
 * }
 * // prints: 6
 * // prints: 4
 * ```
 */
export async function* map<Value, Result, Shared = undefined>(
  what: TaskFunction<[value: Value, shared: Shared, number: number], Result> | ModuleFunction,
  records: Iterable<Value> | AsyncIterable<Value>,
  options: MapOptions<Shared, Awaited<Result>> = {},
): AsyncGenerator<Awaited<Result>, void, undefined> {
  const concurrency = checkedCount("concurrency", options.concurrency ?? parallelism());
  const crew = new Crew({ size: concurrency, start: () => startWorker({ name: "map" }) });
  yield* mapOn({ crew, ownsCrew: true }, what, records, { ...options, concurrency });
}

/** Runs a map on the workers of a crew. */
export async function* mapOn<Value, Result, Shared>(
  place: Pick<MapPlan<SourceItem>, "crew" | "ownsCrew">,
  what: Callable,
  records: Iterable<Value> | AsyncIterable<Value>,
  options: MapOptions<Shared, Awaited<Result>>,
): AsyncGenerator<Awaited<Result>, void, undefined> {
  const { ordered = true, shared, timeoutMs, graceMs, signal, onError = "throw" } = options;
  checkLimits(options);
  const { crew } = place;
  if (crew.ending !== undefined) throw crew.ending;
  const concurrency = checkedCount("concurrency", options.concurrency ?? crew.size);
  const fn = crew.makeFunction(recordFunction(what, shared));
  if (!isIterable(records))
    throw new TypeError(`Expected the records as an iterable, got ${inWords(records)}.`);
  const source = batchesOf(records);
  const plan = { ...place, fn, concurrency, ordered, timeoutMs, graceMs, signal, source };
  for await (const outcomes of runMap(plan)) {
    for (const outcome of outcomes) {
      if (outcome.ok) yield outcome.value as Awaited<Result>;
      else if (onError !== "skip") yield substitute(outcome, onError);
    }
  }
}

function substitute<Result>(
  { error, number }: Extract<MapOutcome, { ok: false }>,
  onError: "throw" | ((error: unknown, number: number) => Result),
): Result {
  if (onError === "throw") throw error;
  return onError(error, number);
}

async function* batchesOf<Value>(
  records: Iterable<Value> | AsyncIterable<Value>,
): AsyncGenerator<readonly SourceItem[], void, undefined> {
  if (isAsync(records)) {
    for await (const value of records) yield [{ value }];
    return;
  }
  let batch: SourceItem[] = [];
  for (const value of records) {
    batch.push({ value });
    if (batch.length < batchItems) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function isAsync<Value>(
  records: Iterable<Value> | AsyncIterable<Value>,
): records is AsyncIterable<Value> {
  return typeof records === "object" && Symbol.asyncIterator in records;
}

/** A text is one, too, of its characters. */
function isIterable(records: unknown): boolean {
  const { [Symbol.iterator]: sync, [Symbol.asyncIterator]: async } = Object(records) as {
    readonly [Symbol.iterator]?: unknown;
    readonly [Symbol.asyncIterator]?: unknown;
  };
  return typeof sync === "function" || typeof async === "function";
}
