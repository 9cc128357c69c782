/**
 * Classes whose instances may live in shared memory, by the names under which the memory knows them.
 *
 * Memory holds names, never code: each thread finds the class that it registered itself. Errors that are
 * built in are known everywhere.
 */

/** A class as its prototype and what `new` makes. */
export type AnyClass = abstract new (...parameters: never[]) => object;

const classByName = new Map<string, AnyClass>();
const nameByClass = new Map<AnyClass, string>();

const builtInErrors: readonly ErrorConstructor[] = [
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
];

/**
 * Makes instances of a class shareable and sendable: their own enumerable properties are kept, and come back with
 * the class's methods; no constructor runs. Errors of the class arrive as errors of it. Every task that receives or
 * reads them has to register the class under the same name, which a module that defines the class does best itself;
 * else it gets `unsupported`, and for an error one of the nearest class that it knows. `#private` fields stay behind:
 * no code outside the class can read them, so methods that need them throw. Throws `TypeError` if another class has
 * the name. Never waits.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { freeze, registerClass } from "quipe";
 *
 * class Point {
 *   x = 3;
 *   y = 4;
 *   get length(): number {
 *     return Math.hypot(this.x, this.y);
 *   }
 * }
 * registerClass(Point);
 * const point = freeze(new Point());
 * assert.ok(point instanceof Point);
 * assert.equal(point.length, 5);
 * ```
 */
export function registerClass(constructor: AnyClass, name: string = constructor.name): void {
  const known = classByName.get(name);
  if (name === "") throw new TypeError("Expected the class to have a name, or one to be given.");
  if (known !== undefined && known !== constructor) {
    throw new TypeError(
      `Expected one class with the name ${name}, got another one; give it another name.`,
    );
  }
  classByName.set(name, constructor);
  nameByClass.set(constructor, name);
}

/** The name under which the class of `value` is registered. */
export function classNameOf(value: object): string | undefined {
  const constructor: unknown = value.constructor;
  if (typeof constructor !== "function") return undefined;
  if (Object.getPrototypeOf(value) !== constructor.prototype) return undefined;
  return nameByClass.get(constructor as unknown as AnyClass);
}

/** The name of the nearest class that is registered, of those that `value` is an instance of. */
export function ancestorNameOf(value: object): string | undefined {
  let prototype: unknown = Object.getPrototypeOf(value);
  while (typeof prototype === "object" && prototype !== null) {
    const constructor: unknown = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value;
    const name = nameByClass.get(constructor as AnyClass);
    if (name !== undefined) return name;
    prototype = Object.getPrototypeOf(prototype);
  }
  return undefined;
}

/** Whether a class is registered. */
export function isRegistered(constructor: AnyClass): boolean {
  return nameByClass.has(constructor);
}

/** The class that this thread registered under `name`. */
export function classNamed(name: string): AnyClass | undefined {
  return classByName.get(name);
}

/** The name of the class of an error, if it is built in or registered. */
export function errorClassNameOf(error: Error): string | undefined {
  const prototype: unknown = Object.getPrototypeOf(error);
  const builtIn = [...builtInErrors, AggregateError].find((known) => known.prototype === prototype);
  return builtIn?.name ?? classNameOf(error);
}

/** Makes an error of the class with this name; of `Error` where the class is not known. */
export function makeErrorOf(name: string): Error {
  if (name === "AggregateError") return new AggregateError([]);
  const builtIn = builtInErrors.find((known) => known.name === name);
  const error = new (builtIn ?? Error)();
  const registered = classByName.get(name);
  if (builtIn === undefined && registered !== undefined) {
    Object.setPrototypeOf(error, registered.prototype as object);
  }
  return error;
}
