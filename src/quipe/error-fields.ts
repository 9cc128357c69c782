/**
 * Errors between threads: which class, and which fields. An error arrives as an error of the same class
 * where the class is built in, with message, stack, cause, code and own properties; one of an unknown
 * class becomes its nearest built-in ancestor and keeps its name. What cannot be copied becomes a text
 * that describes it: failing to carry a detail never hides the failure.
 *
 * Nothing here trusts the error: its getters may throw, its fields may be of any kind, and it may come
 * from another realm, so its class is told by the names in its prototype chain.
 */
import { QuipeBug, QuipeError } from "../errors.ts";
import { isError } from "./brands.ts";
import { classNameOf, findUnsendable } from "./sendable.ts";

/** An error as plain data. */
export interface ErrorDescription {
  readonly className: string;
  readonly message: string;
  readonly name: string;
  readonly fields: ErrorFields;
}

interface ErrorFields {
  stack?: unknown;
  /** Properties that are not enumerable on an error of this class, such as `cause`. */
  hidden?: Record<string, unknown>;
  /** The enumerable properties, among them any that the program gave it. */
  own?: Record<string, unknown>;
}

type MakeError = (message: string, name: string) => Error;

const CLASSES: Readonly<Record<string, MakeError>> = {
  AggregateError: (message) => new AggregateError([], message),
  DOMException: (message, name) => new DOMException(message, name),
  Error: (message) => new Error(message),
  EvalError: (message) => new EvalError(message),
  RangeError: (message) => new RangeError(message),
  ReferenceError: (message) => new ReferenceError(message),
  SyntaxError: (message) => new SyntaxError(message),
  TypeError: (message) => new TypeError(message),
  URIError: (message) => new URIError(message),
};

/** Own properties of errors that enumerating them does not show. */
const HIDDEN = ["cause", "errors", "error", "suppressed"];

/** What describes `error` completely enough to make it again; without `complete` only what it is and says. */
export function describeError(error: Error, complete: boolean): ErrorDescription {
  const className = classOf(error);
  const message = text(read(error, "message"));
  const name = text(read(error, "name"));
  const stack = read(error, "stack");
  const fields: ErrorFields = { stack: typeof stack === "string" ? stack : undefined };
  const enumerable = Object.keys(error).filter((key) => key !== "stack");
  const hidden = HIDDEN.filter((key) => Object.hasOwn(error, key) && !enumerable.includes(key));
  if (complete && hidden.length > 0) fields.hidden = carried(error, hidden);
  if (complete && enumerable.length > 0) fields.own = carried(error, enumerable);
  if (!complete && hidden.length + enumerable.length > 0) fields.hidden = { cause: CUT };
  if (name !== className && className !== "DOMException" && !enumerable.includes("name")) {
    fields.hidden = { ...fields.hidden, name };
  }
  return { className, message, name, fields };
}

/** An error of the class, still without its fields, so that they can refer to it. */
export function beginError(className: string, message: string, name: string): Error {
  if (className === "QuipeError") return new QuipeError("unsupported", message);
  if (className === "QuipeBug") return Object.assign(new QuipeBug(""), { message });
  return (CLASSES[className] ?? plainError)(message, name);
}

/** Gives the error its fields. */
export function finishError(error: Error, { stack, hidden, own }: ErrorFields): Error {
  hide(error, "stack", stack);
  for (const [key, value] of Object.entries(hidden ?? {})) hide(error, key, value);
  for (const [key, value] of Object.entries(own ?? {})) {
    Object.defineProperty(error, key, {
      value,
      configurable: true,
      enumerable: true,
      writable: true,
    });
  }
  return error;
}

function plainError(message: string): Error {
  return new Error(message);
}

function hide(error: Error, key: string, value: unknown): void {
  Object.defineProperty(error, key, {
    value,
    configurable: true,
    writable: true,
    enumerable: false,
  });
}

function classOf(error: Error): string {
  if (error instanceof QuipeError) return "QuipeError";
  if (error instanceof QuipeBug) return "QuipeBug";
  let prototype: unknown = Object.getPrototypeOf(error);
  while (typeof prototype === "object" && prototype !== null) {
    const name = classNameOf(prototype);
    if (Object.hasOwn(CLASSES, name)) return name;
    prototype = Object.getPrototypeOf(prototype);
  }
  return "Error";
}

function text(value: unknown): string {
  return typeof value === "string" ? value : described(value);
}

function described(value: unknown): string {
  try {
    return String(value);
  } catch {
    return "[what cannot be put into words]";
  }
}

function read(error: Error, key: string): unknown {
  try {
    return (error as unknown as Record<string, unknown>)[key];
  } catch (thrown) {
    return `[reading this threw ${described(thrown)}]`;
  }
}

/** Without a prototype, so that any key is a property like others. */
function carried(error: Error, keys: readonly string[]): Record<string, unknown> {
  const fields = Object.create(null) as Record<string, unknown>;
  for (const key of keys) {
    const value = read(error, key);
    fields[key] =
      key === "errors" && Array.isArray(value) ? value.map(carriable) : carriable(value);
  }
  return fields;
}

/** The value itself if it can be sent whole, else a text that says what was there. */
function carriable(value: unknown): unknown {
  if (typeof value === "object" && value !== null && isError(value)) return value;
  try {
    const { why } = findUnsendable(value);
    return why === undefined ? value : placeholder(value);
  } catch (thrown) {
    return `[reading this threw ${described(thrown)}]`;
  }
}

const CUT = "[a longer chain of errors was cut off here]";

function placeholder(value: unknown): string {
  if (typeof value === "function") return `[function ${value.name || "without a name"}]`;
  if (typeof value === "symbol") return `[${String(value)}]`;
  if (Array.isArray(value)) return "[an array that cannot be sent]";
  return `[an instance of ${classNameOf(Object.getPrototypeOf(value))} that cannot be sent]`;
}
