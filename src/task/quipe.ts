/** `quipe()`: the two ends of a new quipe, for a thread that can reach the reaper as soon as one of them is sent. */
import type { End } from "../quipe/end.ts";
import { type QuipeOptions, makeQuipe } from "../quipe/quipe.ts";
import { startReaperBy } from "../sync/thread.ts";
import { ensureReaper } from "./root.ts";

/**
 * Makes a quipe, and returns its two ends. Both belong to this task; send one to another task, as an argument, in a
 * message or in a result, and it belongs to that. `Out` is what the first end sends, `In` what it receives. Throws
 * `TypeError` and `RangeError` for options that are none. Never waits.
 *
 * @example
 * ```ts
 * import { type End, quipe, spawn } from "quipe";
 *
 * const [mine, theirs] = quipe<string, number>({ capacity: 8 });
 * const counter = spawn(async (end: End<number, string>) => {
 *   for await (const text of end) await end.send(text.length);
 * }, [theirs]);
 * await mine.send("to the other task");
 * console.log(await mine.receive()); // 17
 * mine.close();
 * await counter.result;
 * ```
 */
export function quipe<Out = unknown, In = unknown>(
  options: QuipeOptions = {},
): [End<Out, In>, End<In, Out>] {
  startReaperBy(ensureReaper);
  return makeQuipe<Out, In>(options);
}
