/**
 * What is observed in one cell, as lines that the cell prints while it goes on: one that hangs or dies has
 * told what came before.
 *
 *   begun ── ready ── settled ── (processor) ── again ── closed ── the process ends
 */

/** One observation. */
export type Fact =
  | { readonly step: "begun" }
  | { readonly step: "not-offered"; readonly why: string }
  | { readonly step: "ready"; readonly call: Call }
  | { readonly step: "settled"; readonly call: Call }
  | { readonly step: "processor"; readonly before: number; readonly after: number }
  | { readonly step: "again"; readonly call: Call }
  | { readonly step: "closed"; readonly call: Call };

/** What became of one call. `nothing`: it was still pending when patience ran out. */
export type Call =
  | { readonly how: "value"; readonly value: unknown; readonly afterMs: number }
  | { readonly how: "error"; readonly error: Told; readonly afterMs: number }
  | { readonly how: "nothing"; readonly afterMs: number };

/** A rejection, in words that survive JSON. */
export interface Told {
  /** False for a thrown value that is no Error here. */
  readonly isError: boolean;
  /** True if the caller's own `instanceof TypeError` holds. */
  readonly isTypeError: boolean;
  readonly class: string;
  readonly message: string;
  readonly code: string | undefined;
  /** The `attempts` that the harsh error carries as a field of its own. */
  readonly attempts: unknown;
  readonly cause: Told | undefined;
}

/** Everything that is known of one cell once its process has ended. */
export interface CellFacts {
  readonly facts: readonly Fact[];
  /** `ended`: by itself with code 0. `died`: with another code. `stuck`: it had to be killed. */
  readonly end: "ended" | "died" | "stuck";
  /** The last lines of what it printed, for a reader who asks why. */
  readonly tail: string;
}

const MARK = "\u0001fact ";
const DEEPEST_CAUSE = 4;

/** The line that tells a fact. */
export function lineOf(fact: Fact): string {
  return `\n${MARK}${JSON.stringify(fact)}\n`;
}

/** The facts among everything that a cell printed. */
export function factsIn(output: string): Fact[] {
  return output
    .split("\n")
    .filter((line) => line.startsWith(MARK))
    .map((line) => JSON.parse(line.slice(MARK.length)) as Fact);
}

/** Describes what a call rejected with. */
export function told(error: unknown, depth = 0): Told {
  const fields = (typeof error === "object" && error !== null ? error : {}) as {
    readonly code?: unknown;
    readonly attempts?: unknown;
    readonly cause?: unknown;
  };
  const { code, attempts, cause } = fields;
  return {
    isError: error instanceof Error,
    isTypeError: error instanceof TypeError,
    class: classOf(error),
    message: error instanceof Error ? error.message : String(error),
    code: typeof code === "string" ? code : undefined,
    attempts,
    cause: cause === undefined || depth >= DEEPEST_CAUSE ? undefined : told(cause, depth + 1),
  };
}

/** The messages and codes of an error and its causes, for a search in them. */
export function textOf(error: Told): string {
  const own = `${error.class} ${error.code ?? ""} ${error.message}`;
  return error.cause === undefined ? own : `${own}\n${textOf(error.cause)}`;
}

function classOf(error: unknown): string {
  if (typeof error !== "object" || error === null) return typeof error;
  const made: unknown = error.constructor;
  return typeof made === "function" ? made.name : "Object";
}
