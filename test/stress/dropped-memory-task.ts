/** A task that reads frozen data and keeps none of it. */
import type { SharedNumbers } from "../../src/memory/shared-bytes.ts";
import { current } from "../../src/task/current.ts";
import { task } from "../../src/task/entry.ts";

/** Sends back the last number of whatever comes. */
export const lastOfEach: () => Promise<void> = task(
  import.meta.url,
  async function lastOfEach(): Promise<void> {
    const end = current<number | undefined, { readonly numbers: SharedNumbers }>().quipe;
    for await (const { numbers } of end) await end.send(numbers.at(-1));
  },
);
