/**
 * Everything that quipe throws on purpose.
 *
 *   a caller's mistake        TypeError, RangeError    at once, nothing has changed
 *   what a program expects    QuipeError               with a stable `code`, and a `cause` where there is one
 *   a broken invariant        QuipeBug                 please report it
 *
 * Messages say what happened, to which object, who owns, holds or killed it, and what to do.
 */

/** The stable codes of {@link QuipeError}. A program branches on these, never on a message. */
export type QuipeErrorCode =
  | "aborted"
  | "broken"
  | "cancelled"
  | "cannot-block"
  | "closed"
  | "crashed"
  | "damaged-image"
  | "deadlock"
  | "dropped"
  | "ended"
  | "foreign-image"
  | "frozen"
  | "killed"
  | "module-not-loaded"
  | "moved"
  | "name-locked"
  | "not-creator"
  | "not-isolated"
  | "not-owner"
  | "not-sendable"
  | "not-shareable"
  | "out-of-memory"
  | "peer-failed"
  | "peer-killed"
  | "readers-present"
  | "released"
  | "stale"
  | "timed-out"
  | "too-many-handles"
  | "too-many-tasks"
  | "unbound-name"
  | "unsupported"
  | "unsupported-image";

/**
 * An error that a program using quipe must expect: a closed end, a killed task, a frozen object.
 *
 * @example
 * ```ts
 * import { QuipeError } from "quipe";
 *
 * const error = new QuipeError("closed", "This end was closed here. Make a new quipe to go on.");
 * console.log(error.code); // closed
 * ```
 */
export class QuipeError extends Error {
  readonly code: QuipeErrorCode;

  constructor(code: QuipeErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }

  static {
    Object.defineProperty(this.prototype, "name", {
      value: "QuipeError",
      configurable: true,
      writable: true,
    });
  }
}

/**
 * A broken invariant inside quipe itself. Nothing a program did should ever raise one.
 *
 * @example
 * ```ts
 * import { QuipeBug } from "quipe";
 *
 * console.log(new QuipeBug("a lane counted more items out than in") instanceof Error); // true
 * ```
 */
export class QuipeBug extends Error {
  constructor(message: string) {
    super(`${message}. This is a defect in quipe; please report it.`);
  }

  static {
    Object.defineProperty(this.prototype, "name", {
      value: "QuipeBug",
      configurable: true,
      writable: true,
    });
  }
}

/** Throws {@link QuipeBug} unless `condition` holds. Stays on in production: it is cheap and it tells. */
export function invariant(condition: boolean, message: string): asserts condition {
  if (!condition) throw new QuipeBug(message);
}

/** A few words for a reason of any type: an error's message, a text itself, the rest as it prints. */
export function inWords(reason: unknown): string {
  if (reason instanceof Error) return reason.message;
  if (typeof reason === "object" && reason !== null) return Object.prototype.toString.call(reason);
  return String(reason);
}

/** What was given in place of something else: a text in quotes, and of a function only its name. */
export function given(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "function") return `the function ${value.name}`;
  return inWords(value);
}

/** The same as the end of a sentence, which has one full stop. */
export function asSentence(reason: unknown): string {
  const text = inWords(reason);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
