/** Why a task has crashed, or was killed by the reaper: what its spawner is given to know. */
import { QuipeError, inWords } from "../errors.ts";
import { toParcel } from "../quipe/parcels.ts";
import type { Parcel, Start } from "../sync/messages.ts";

/** The thread of a task has ended before the task had a result. */
export function crashError(
  { name, resourceLimits }: Start,
  code: number | undefined,
  error: unknown,
): QuipeError {
  if (error === undefined) {
    const how = code === undefined ? "" : ` with exit code ${code}`;
    return new QuipeError(
      "crashed",
      `The task "${name}" ended its thread${how} before it had a result.`,
    );
  }
  const limits = Object.entries(resourceLimits ?? {}).map(([limit, value]) => `${limit}: ${value}`);
  const within = limits.length === 0 ? "" : ` (resourceLimits: ${limits.join(", ")})`;
  return new QuipeError("crashed", `The task "${name}" crashed: ${inWords(error)}${within}`, {
    cause: error,
  });
}

/** The system has no thread for a task. */
export function refusalError({ name }: Start, error: unknown): QuipeError {
  const why = inWords(error);
  return new QuipeError("crashed", `The task "${name}" could not be given a thread: ${why}`, {
    cause: error,
  });
}

/** The worker that was made for a task does not become one of quipe's. */
export function strangerError({ name }: Start, withinMs: number): QuipeError {
  return new QuipeError(
    "module-not-loaded",
    `The worker made for the task "${name}" has not joined quipe within ${withinMs / 1000} s. Its file must import quipe and mark a function with task(import.meta.url, fn).`,
  );
}

/** Why a task in a scope is killed, or never begins, when the task that opened the scope is no more. */
export function openerEnded(opener: string): Parcel {
  const text = `The scope it belongs to is gone: ${opener} opened it and has ended.`;
  return toParcel(new QuipeError("killed", text));
}
