/**
 * How a task ended, as its handles see it, and what of that is thrown.
 *
 *   reaper ── outcome message ──▶ the spawner's handle
 *          └─ left parcel: how, stopped, by, the same bytes ──▶ handles that were sent, each thread decodes for itself
 */
import { QuipeError, asSentence } from "../errors.ts";
import { fromParcel } from "../quipe/decode.ts";
import { failureIn, failureParcel } from "../quipe/failures.ts";
import { toMovingParcel, toParcel } from "../quipe/parcels.ts";
import { joinStacks } from "../quipe/stacks.ts";
import { comeBack } from "../memory/travellers.ts";
import type { EndKind, Parcel, ToThread } from "../sync/messages.ts";
import { isOnItsWay } from "../sync/on-its-way.ts";
import { nameInLine } from "./named-frame.ts";
import type { About } from "./sent-handle.ts";

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

/** What the reaper says of an end. */
export type Ended = Pick<
  Extract<ToThread, { kind: "outcome" }>,
  "how" | "parcel" | "stopped" | "by"
>;

/** Whether an end is a failure that somebody must hear of. */
export function isFailure(how: EndKind): boolean {
  return how === "failed" || how === "crashed";
}

/** The outcome in a message of the reaper. */
export function outcomeIn({ how, parcel, stopped, by }: Ended, about: About): Outcome {
  if (how === "done") return done(parcel);
  const value = failureIn(parcel);
  switch (how) {
    case "failed":
      return { kind: "failed", error: joined(value, about) };
    case "crashed":
      return { kind: "crashed", error: joined(ofReaper(value), about) };
    case "cancelled":
      return { kind: "cancelled", reason: value };
    case "killed":
      return { kind: "killed", reason: value, by, stopped };
  }
}

/** A value that cannot be had here, such as an instance of a class that is not registered here, is a failure. */
function done(parcel: Parcel): Outcome {
  try {
    return { kind: "done", value: fromParcel(parcel) };
  } catch (error) {
    if (isOnItsWay(error)) throw error; // it is not known yet
    return { kind: "failed", error };
  }
}

/** An outcome for any number of threads: what `leftOutcome` reads. */
export function leftParcel({ how, parcel, stopped, by }: Ended): Parcel {
  const { bytes, carries, isMoving = false } = parcel;
  const content = new Uint8Array(isMoving ? new ArrayBuffer(0) : bytes);
  return { ...toParcel([how, stopped, by, isMoving, content]), carries: isMoving ? [] : carries };
}

/** The same from an outcome that this thread knows. */
export function leftParcelOf(outcome: Outcome): Parcel {
  const stopped = outcome.kind === "killed" ? outcome.stopped : true;
  const by = outcome.kind === "killed" ? outcome.by : "";
  return leftParcel({ how: outcome.kind, stopped, by, parcel: parcelOf(outcome) });
}

/** The outcome in a parcel that was left for handles that were sent. */
export function leftOutcome(content: unknown, about: About): Outcome {
  const [how, stopped, by, isMoving, bytes] = content as [
    EndKind,
    boolean,
    string,
    boolean,
    Uint8Array,
  ];
  if (isMoving) return movedAway(about.name);
  return outcomeIn({ how, stopped, by, parcel: { bytes: bytes.buffer, carries: [] } }, about);
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

/** The task is done, but its value went to the spawner: whoever asks for it here is told so. */
function movedAway(name: string): Outcome {
  return {
    kind: "done",
    get value(): never {
      throw new QuipeError(
        "moved",
        `The task "${name}" is done, and its result was moved to the task that spawned it; nobody else can have it.`,
      );
    },
  };
}

/** What this thread knows of an end, encoded once more. What was moved here cannot go further that way. */
function parcelOf(outcome: Outcome): Parcel {
  if (outcome.kind === "failed" || outcome.kind === "crashed") return failureParcel(outcome.error);
  if (outcome.kind !== "done") return failureParcel(outcome.reason);
  try {
    const { parcel, moves } = toMovingParcel(outcome.value);
    comeBack(moves);
    return { ...parcel, isMoving: moves.length > 0 };
  } catch {
    return { bytes: new ArrayBuffer(0), carries: [], isMoving: true };
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
  if (reason === undefined || reason === "") return ".";
  return `: ${asSentence(reason)}`;
}

/** The error with one trace: what happened in the task, then who started it. */
function joined(error: unknown, { name, spawnedAt }: About): unknown {
  if (!(error instanceof Error)) return error;
  if (spawnedAt !== "" && error.stack?.includes(spawnedAt) === true) return error; // it came by way of the spawner
  joinStacks(error, nameInLine(name), spawnedAt);
  return error;
}

/** What the reaper found out has no stack but its own, which tells nobody anything. */
function ofReaper(error: unknown): unknown {
  if (error instanceof QuipeError && error.code === "crashed") error.stack = String(error);
  return error;
}
