/**
 * Errors between threads: which class, and which fields. An error arrives as an error of the same class where
 * that is built in or registered, with message, stack, cause, code and own properties; one of an unknown class
 * becomes its nearest ancestor that is known and keeps its name. What cannot be copied becomes a text that
 * describes it: failing to carry a detail never hides the failure.
 *
 * Nothing here trusts the error: its getters may throw, it may be a Proxy, its fields may be of any kind, and it
 * may come from another realm, so a built-in class is told by the names in its prototype chain.
 */
import { QuipeBug, QuipeError } from "../errors.ts";
import { ancestorNameOf, classNamed } from "../memory/classes.ts";
import { described } from "./refusals.ts";
import { classNameOf } from "./sendable.ts";
import { stackText } from "./stacks.ts";

/** An error as plain data. */
export interface ErrorDescription {
  /** The nearest built-in class. */
  readonly builtIn: string;
  /** The nearest registered class below that, or nothing. */
  readonly registered: string;
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
  QuipeBug: (message) => Object.assign(new QuipeBug(""), { message }),
  QuipeError: (message) => new QuipeError("unsupported", message),
  RangeError: (message) => new RangeError(message),
  ReferenceError: (message) => new ReferenceError(message),
  SuppressedError: (message) => newSuppressedError(message),
  SyntaxError: (message) => new SyntaxError(message),
  TypeError: (message) => new TypeError(message),
  URIError: (message) => new URIError(message),
};

/** Own properties of errors that enumerating them does not show. */
const HIDDEN = ["cause", "errors", "error", "suppressed"];
/** What classes of the program often have as getters, so that it is no property of its own of the error. */
const OFTEN_INHERITED = ["cause", "code"];

/** What describes `error` completely enough to make it again; without `complete` only what it is and says. */
export function describeError(error: Error, complete: boolean): ErrorDescription {
  const builtIn = orElse("Error", () => builtInNameOf(error));
  const registered = orElse("", () => ancestorNameOf(error) ?? "");
  const message = textOf(readOrText(error, "message"));
  const name = textOf(readOrText(error, "name"));
  const className = orElse(name, () => classNameOf(Object.getPrototypeOf(error)));
  const stack = stackText(readOrText(error, "stack"), { className, name, message });
  const fields: ErrorFields = { stack };
  const own = orElse([], () => Object.keys(error).filter((key) => key !== "stack"));
  const hidden = HIDDEN.filter((key) => !own.includes(key) && hasOwn(error, key));
  if (registered === "" && builtIn !== "DOMException" && builtIn !== "QuipeError") {
    hidden.push(...inheritedOf(error, [...own, ...hidden]));
  }
  if (complete && hidden.length > 0) fields.hidden = read(error, hidden);
  if (complete && own.length > 0) fields.own = read(error, own);
  if (!complete && hidden.length + own.length > 0) fields.hidden = { cause: CUT };
  if (name !== builtIn && builtIn !== "DOMException" && !own.includes("name")) {
    fields.hidden = { ...fields.hidden, name };
  }
  return { builtIn, registered, message, name, fields };
}

/** The value of a property, or a text that says why it has none. */
export function readOrText(holder: object, key: string): unknown {
  try {
    return (holder as Record<string, unknown>)[key];
  } catch (thrown) {
    return `[reading this threw ${described(thrown)}]`;
  }
}

/** Which classes an error is of. */
export type ErrorClasses = Pick<ErrorDescription, "builtIn" | "registered">;

/** An error of the class, still without its fields, so that they can refer to it. No constructor of the program runs. */
export function beginError(
  { builtIn, registered }: ErrorClasses,
  message: string,
  name: string,
): Error {
  const make = CLASSES[builtIn] ?? plainError;
  const error = make(message, name);
  const prototype: unknown = classNamed(registered)?.prototype;
  return prototype instanceof Error ? (Object.setPrototypeOf(error, prototype) as Error) : error;
}

/** Gives the error its fields. */
export function finishError(error: Error, { stack, hidden, own }: ErrorFields): Error {
  hide(error, "stack", stack);
  for (const [key, value] of Object.entries(hidden ?? {})) {
    const isInherited = key === "name" && error.name === value;
    if (!isInherited) hide(error, key, value);
  }
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

function newSuppressedError(message: string): Error {
  const { SuppressedError: Known } = globalThis as { SuppressedError?: SuppressedErrorConstructor };
  return Known === undefined ? new Error(message) : new Known(undefined, undefined, message);
}

function hide(error: Error, key: string, value: unknown): void {
  Object.defineProperty(error, key, {
    value,
    configurable: true,
    writable: true,
    enumerable: false,
  });
}

function builtInNameOf(error: Error): string {
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

function inheritedOf(error: Error, known: readonly string[]): string[] {
  return OFTEN_INHERITED.filter(
    (key) => !known.includes(key) && readOrText(error, key) !== undefined,
  );
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : described(value);
}

function orElse<T>(otherwise: T, ask: () => T): T {
  try {
    return ask();
  } catch {
    return otherwise; // a Proxy
  }
}

function hasOwn(error: Error, key: string): boolean {
  return orElse(false, () => Object.hasOwn(error, key));
}

/** Whatever prints an error takes these for texts. */
const TEXTS: readonly string[] = ["message", "name"];

/** Without a prototype, so that any key is a property like others. */
function read(error: Error, keys: readonly string[]): Record<string, unknown> {
  const fields = Object.create(null) as Record<string, unknown>;
  for (const key of keys) {
    const value = readOrText(error, key);
    fields[key] = TEXTS.includes(key) ? textOf(value) : value;
  }
  return fields;
}

const CUT = "[a longer chain of errors was cut off here]";
