/**
 * Errors between threads: which class, and which fields. An error arrives as an error of the same class
 * where the class is built in, with message, stack, cause, code and own properties; one of an unknown
 * class becomes its nearest built-in ancestor and keeps its name. What cannot be copied becomes a text
 * that describes it: failing to carry a detail never hides the failure.
 */
import { QuipeBug, QuipeError } from "../errors.ts";
import { findUnsendable, whyUnsendable } from "./sendable.ts";

/** An error as plain data. */
export interface ErrorDescription {
  readonly className: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

const CLASSES: Readonly<Record<string, new () => Error>> = {
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};

/** What describes `error` completely enough to make it again. */
export function describeError(error: Error): ErrorDescription {
  const className = classOf(error);
  const fields: Record<string, unknown> = {
    message: text(error.message),
    stack: text(error.stack),
  };
  const inherited = prototypeNameOf(className);
  if (error.name !== inherited) fields["name"] = text(error.name);
  if (Object.hasOwn(error, "cause")) fields["cause"] = carriable(error.cause);
  if (error instanceof AggregateError) fields["errors"] = error.errors.map(carriable);
  for (const key of Object.keys(error)) {
    if (key !== "stack") fields[key] = carriable(read(error, key));
  }
  // Not an own property, and yet what a DOMException is told apart by.
  if (className === "DOMException") fields["name"] = error.name;
  return { className, fields };
}

/** An error of the class, still without its fields; undefined for a class whose errors take them at birth. */
export function beginError(className: string): Error | undefined {
  if (className === "DOMException") return undefined;
  if (className === "AggregateError") return new AggregateError([]);
  if (className === "QuipeError") return new QuipeError("unsupported", "");
  if (className === "QuipeBug") return new QuipeBug("");
  return new (CLASSES[className] ?? Error)();
}

/** Gives the error its fields, and makes it first if {@link beginError} could not. */
export function finishError(
  begun: Error | undefined,
  fields: Readonly<Record<string, unknown>>,
): Error {
  const { message, stack, name, cause, errors, ...rest } = fields;
  const error = begun ?? new DOMException(String(message), String(name));
  hidden(error, "stack", stack);
  if (begun === undefined) return error;
  hidden(error, "message", message);
  if ("name" in fields) hidden(error, "name", name);
  if ("cause" in fields) hidden(error, "cause", cause);
  if ("errors" in fields) hidden(error, "errors", errors);
  return Object.assign(error, rest);
}

function hidden(error: Error, key: string, value: unknown): void {
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
  if (error instanceof AggregateError) return "AggregateError";
  if (typeof DOMException === "function" && error instanceof DOMException) return "DOMException";
  for (const [name, kind] of Object.entries(CLASSES)) {
    if (name !== "Error" && error instanceof kind) return name;
  }
  return "Error";
}

/** What `name` an error of this class has when nobody gave it another one. */
function prototypeNameOf(className: string): string {
  return className === "DOMException" ? "" : className;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : String(value);
}

function read(error: Error, key: string): unknown {
  try {
    return (error as unknown as Record<string, unknown>)[key];
  } catch (thrown) {
    return `[reading this threw ${String(thrown)}]`;
  }
}

/** The value itself if it can be sent whole, else a text that says what was there. */
function carriable(value: unknown): unknown {
  if (value instanceof Error) return value;
  if (typeof value !== "object" || value === null) {
    return whyUnsendable(value) === undefined ? value : placeholder(value);
  }
  const { why } = findUnsendable(value);
  return why === CHANGED ? value : placeholder(value);
}

const CHANGED = "it changed while it was being sent";

function placeholder(value: unknown): string {
  if (typeof value === "function") return `[function ${value.name || "without a name"}]`;
  if (typeof value === "symbol") return `[${String(value)}]`;
  return `[${Object.prototype.toString.call(value).slice(8, -1)} that cannot be sent]`;
}
