/** How a task ended, as the task that spawned it sees it, and what of that is thrown. */
import { QuipeError, inWords } from "../errors.ts";
import { fromParcel } from "../quipe/decode.ts";
import { failureIn } from "../quipe/failures.ts";
import { joinStacks } from "../quipe/stacks.ts";
import type { ToThread } from "../sync/messages.ts";

/** How a {@link Task} ended: decided once, never changed. */
export type Outcome<Result = unknown> =
  | { readonly kind: "done"; readonly value: Result }
  | { readonly kind: "failed"; readonly error: unknown }
  | { readonly kind: "cancelled"; readonly reason: unknown }
  | {
      readonly kind: "killed";
      readonly reason: unknown;
      /** Who killed it, in words: `the main thread`, `the task "x"`, `itself`. */
      readonly by: string;
      /** False where the runtime could not stop its thread, which may go on running. */
      readonly stopped: boolean;
    }
  | { readonly kind: "crashed"; readonly error: unknown };

type OutcomeMessage = Extract<ToThread, { kind: "outcome" }>;

/** The outcome in a message of the reaper; `spawnedAt` is the stack of the call that started the task. */
export function outcomeIn(message: OutcomeMessage, name: string, spawnedAt: string): Outcome {
  if (message.how === "done") return done(message);
  const value = failureIn(message.parcel);
  switch (message.how) {
    case "failed":
      return { kind: "failed", error: joined(value, name, spawnedAt) };
    case "crashed":
      return { kind: "crashed", error: joined(ofReaper(value), name, spawnedAt) };
    case "cancelled":
      return { kind: "cancelled", reason: value };
    case "killed":
      return { kind: "killed", reason: value, by: message.by, stopped: message.stopped };
  }
}

/** A value that cannot be had here, such as an instance of a class that is not registered here, is a failure. */
function done({ parcel }: OutcomeMessage): Outcome {
  try {
    return { kind: "done", value: fromParcel(parcel) };
  } catch (error) {
    return { kind: "failed", error };
  }
}

/** What `task.result` throws for an outcome other than `done`. */
export function errorOf(outcome: Exclude<Outcome, { kind: "done" }>, name: string): unknown {
  switch (outcome.kind) {
    case "failed":
    case "crashed":
      return outcome.error;
    case "cancelled":
      return new QuipeError(
        "cancelled",
        `The task "${name}" was cancelled${because(outcome.reason)}`,
        {
          cause: outcome.reason,
        },
      );
    case "killed":
      return new QuipeError("killed", killedText(outcome, name), { cause: outcome.reason });
  }
}

function killedText(
  { reason, by, stopped }: Extract<Outcome, { kind: "killed" }>,
  name: string,
): string {
  const text = `The task "${name}" was killed by ${by}${because(reason)}`;
  return stopped
    ? text
    : `${text} Its thread could not be stopped yet: this runtime does not stop a thread that computes.`;
}

function because(reason: unknown): string {
  if (reason === undefined) return ".";
  return `: ${inWords(reason)}.`;
}

/** The error with one trace: what happened in the task, then who started it. A frozen one keeps what it has. */
function joined(error: unknown, name: string, spawnedAt: string): unknown {
  if (!(error instanceof Error)) return error;
  const stack = joinStacks(error.stack ?? String(error), name, spawnedAt);
  const property = { value: stack, configurable: true, writable: true };
  Reflect.defineProperty(error, "stack", property);
  return error;
}

/** What the reaper found out has no stack but its own, which tells nobody anything. */
function ofReaper(error: unknown): unknown {
  if (error instanceof QuipeError && error.code === "crashed") error.stack = String(error);
  return error;
}
