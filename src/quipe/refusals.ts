/**
 * What becomes of a value that cannot be sent: an error with the path to it, or inside of a failure, which must
 * not be lost on its account, a text that describes it.
 */
import { QuipeError } from "../errors.ts";
import { movedBy } from "../memory/flight.ts";
import { locate } from "../memory/location.ts";
import { classNameOf, findUnsendable } from "./sendable.ts";

/** Values nested deeper are refused, long before a receiver with a small stack could not read them. */
export const MAX_DEPTH = 1000;

/** Marks that some value could not be sent; where it is, is searched only then. */
export class Unsendable extends Error {}

/** Marks a value that is nested too deeply. */
export class TooDeep extends Error {}

/** What `encode(value)` throws after `error` was thrown in the midst of it. */
export function refusalOf(error: unknown, value: unknown): unknown {
  if (error instanceof Unsendable) {
    const { path, why } = findUnsendable(value);
    return new QuipeError(
      "not-sendable",
      `${path} cannot be sent: ${why ?? "it changed while it was being sent."}`,
    );
  }
  if (error instanceof TooDeep) {
    return new QuipeError(
      "not-sendable",
      `This value is nested more than ${MAX_DEPTH} levels deep. Send the parts in a flat list, or freeze it and send it by reference.`,
    );
  }
  if (error instanceof RangeError) {
    return new QuipeError(
      "not-sendable",
      `This value is too big to be copied: ${error.message}. Freeze it and send it by reference.`,
      { cause: error },
    );
  }
  return error;
}

/** The text that takes the place of `value`, which could not be sent because of `error`. */
export function placeholderFor(value: unknown, error?: unknown): string {
  if (typeof value === "function") return `[function ${nameOf(value)}]`;
  if (typeof value === "symbol") return `[${String(value)}]`;
  if (error instanceof TooDeep) return "[what is nested deeper was cut off here]";
  if (error !== undefined && !(error instanceof Unsendable)) {
    return `[reading this threw ${described(error)}]`;
  }
  if (movedBy(value as object) !== undefined) return "[shared data that a failure cannot move]";
  if (locate(value as object) !== undefined) return "[shared data that its owner may still write]";
  return `[an instance of ${classNameOf(Object.getPrototypeOf(value))} that cannot be sent]`;
}

/** A text for anything at all, even for what throws when it is asked for one. */
export function described(value: unknown): string {
  try {
    return typeof value === "function" ? `function ${nameOf(value)}` : String(value);
  } catch {
    return "what cannot be put into words";
  }
}

function nameOf(fn: { readonly name: unknown }): string {
  return typeof fn.name === "string" && fn.name !== "" ? fn.name : "without a name";
}
