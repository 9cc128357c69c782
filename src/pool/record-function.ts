/** How `map` calls a function: with the record, what all calls share, and the record's number. */
import type { Entry } from "../sync/messages.ts";
import { entryOf, task } from "../task/entry.ts";
import { loadEntry } from "../task/loading.ts";
import type { PooledFunction } from "./call.ts";
import { type Callable, describeFunction } from "./starting-workers.ts";

type Shared = readonly unknown[];
type Call = (value: never, shared: never, number: never) => unknown;

/** Made once in each worker, which so keeps `shared` and does not get it with each record. */
export const makeRecordFunction: (
  entry: Entry,
  shared: unknown,
) => Promise<(value: unknown, number: unknown) => unknown> = task(
  import.meta.url,
  async function makeRecordFunction(entry: Entry, shared: unknown) {
    const call: Call = await loadEntry(entry);
    return (value: unknown, number: unknown) =>
      call(value as never, shared as never, number as never);
  },
  "quipe:makeRecordFunction",
);

/** The function that a map calls for each record. Throws what `spawn` throws for it. */
export function recordFunction(what: Callable, shared: unknown): Omit<PooledFunction, "number"> {
  const { entry, name } = describeFunction(what);
  const making: Shared = [entry, shared];
  return { entry: entryOf(makeRecordFunction), name, making };
}
