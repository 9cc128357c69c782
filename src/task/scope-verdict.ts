/**
 * What leaving a scope throws, once every child is dead: the errors that it has to tell, in the order in which their
 * tasks were spawned, the body's first; or why it was cut short; or nothing.
 *
 *   failures of body and children ──▶ one: itself   several: AggregateError
 *   none, but cut short           ──▶ by its deadline: `timed-out`   by its signal: that reason   by the opener's own
 *                                     cancel: `cancelled`, rethrown
 *
 * What a scope has stopped itself is no failure of anybody, and an error that the body merely passes on from a child
 * is told once.
 */
import { QuipeError, inWords } from "../errors.ts";
import { type Outcome, errorOf } from "./outcome.ts";

/** Why a scope has stopped what runs in it. */
export interface Halt {
  readonly by: "failure" | "winner" | "cancel" | "deadline" | "signal" | "opener";
  readonly reason: unknown;
}

/** A task of a scope. */
export interface Child {
  name: string;
  /** Whether it was given less time than the scope has. */
  readonly hasOwnDeadline: boolean;
  outcome: Outcome | undefined;
  /** Whether it ended badly of its own accord. */
  hasFailed: boolean;
}

/** What became of a scope. */
export interface Ledger {
  readonly title: string;
  readonly policy: "all" | "settle" | "race";
  readonly children: readonly Child[];
  readonly halt: Halt | undefined;
  /** What the body threw, unless that was only how it heard that it has to stop. */
  readonly bodyError: { readonly error: unknown } | undefined;
  /** What scopes threw that were still open inside. */
  readonly innerErrors: readonly unknown[];
  /** How the body heard that it has to stop, if that ended it. */
  readonly interruption: { readonly error: unknown } | undefined;
  /** Why the task that opened the scope has to stop, if it has to. */
  readonly outside: QuipeError | undefined;
}

/** Whether a child that ended so is to blame for it, `isStopped` telling whether it was asked to stop with all others. */
export function isToBlame(child: Child, outcome: Outcome, isStopped: boolean): boolean {
  switch (outcome.kind) {
    case "failed":
    case "crashed":
      return true;
    case "killed":
      return !isStopped;
    case "cancelled":
      return !isStopped && child.hasOwnDeadline && isTimeout(outcome.reason);
    case "done":
      return false;
  }
}

/** Whether `error` is how code hears that `reason` stops it: an error of quipe, of a signal or of who listens to one. */
export function isInterruption(error: unknown, reason: unknown): boolean {
  if (Object.is(error, reason)) return true;
  if (!(error instanceof Error)) return false;
  return (error instanceof QuipeError && error.code === "cancelled") || error.name === "AbortError";
}

/** What leaving the scope throws; undefined if it throws nothing. */
export function verdictOn(ledger: Ledger): { readonly error: unknown } | undefined {
  const { policy, halt, interruption, outside } = ledger;
  const told = failuresOf(ledger);
  if (told.length === 1) return { error: told[0] };
  if (told.length > 1) return { error: joined(ledger, told, `${told.length} failures`) };
  const isCutShort = interruption !== undefined || ledger.children.some(wasStopped);
  if (isCutShort && outside !== undefined) return { error: outside };
  if (isCutShort && (halt?.by === "deadline" || halt?.by === "signal"))
    return { error: halt.reason };
  if (policy === "race" && halt === undefined && ledger.children.length > 0) {
    return { error: joined(ledger, ledger.children.map(errorOfChild), "no winner") };
  }
  return interruption;
}

/** The errors to tell. In a race, and where all is to settle, a child that fails is an answer like any other. */
function failuresOf({ bodyError, children, innerErrors, policy }: Ledger): unknown[] {
  const failed = policy === "all" ? children.filter((child) => child.hasFailed) : [];
  const errors = [...failed.map(errorOfChild), ...innerErrors];
  if (bodyError === undefined) return errors;
  const isPassedOn = errors.length > 0 && comesFrom(bodyError.error, children.map(errorOfChild));
  return isPassedOn ? errors : [bodyError.error, ...errors];
}

function wasStopped({ outcome }: Child): boolean {
  return outcome?.kind === "cancelled" || outcome?.kind === "killed";
}

/** The error of a child that has not done what it was to do. */
function errorOfChild({ outcome, name }: Child): unknown {
  return outcome === undefined || outcome.kind === "done" ? undefined : errorOf(outcome, name);
}

/** Whether an error is one of those, or joins only such. */
function comesFrom(error: unknown, errors: readonly unknown[]): boolean {
  if (errors.some((known) => isSame(error, known))) return true;
  return (
    error instanceof AggregateError &&
    error.errors.length > 0 &&
    error.errors.every((member) => comesFrom(member, errors))
  );
}

/** The error of a task that was killed or cancelled is made anew for everybody who asks. */
function isSame(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (!(one instanceof QuipeError) || !(other instanceof QuipeError)) return false;
  return one.code === other.code && one.message === other.message;
}

function isTimeout(reason: unknown): boolean {
  return reason instanceof QuipeError && reason.code === "timed-out";
}

function joined({ title }: Ledger, errors: readonly unknown[], what: string): AggregateError {
  return new AggregateError(errors, `${title} has ${what}: ${errors.map(inWords).join(" · ")}`);
}
