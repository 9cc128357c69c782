/**
 * Whether the built-in objects of this thread are still what they were: a task that replaced one of their
 * methods would change what the next task on the thread does.
 *
 * Looked at are the functions that the language itself defines, by identity. New properties, such as a
 * polyfill adds, change nothing that is there, and are let pass.
 */

interface Original {
  readonly holder: object;
  readonly key: PropertyKey;
  /** The method, or the getter of an accessor. */
  readonly fn: unknown;
}

const NAMES: readonly string[] = [
  "Object Function Array String Number Boolean Symbol BigInt Date Promise RegExp Map Set WeakMap WeakSet",
  "WeakRef FinalizationRegistry Proxy Reflect JSON Math Atomics ArrayBuffer SharedArrayBuffer DataView",
  "Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array Float32Array",
  "Float64Array BigInt64Array BigUint64Array Error AggregateError EvalError RangeError ReferenceError",
  "SyntaxError TypeError URIError parseInt parseFloat isNaN isFinite",
].flatMap((line) => line.split(" "));

/** Taken now, since it may itself be replaced. */
const describe: typeof Reflect.getOwnPropertyDescriptor = Reflect["getOwnPropertyDescriptor"];

let originals: readonly Original[] = [];

/** Notes what the built-in objects are now; later calls of {@link builtInsAreIntact} compare with that. */
export function noteBuiltIns(): void {
  const ofHolders = [...holders()].flatMap((holder) =>
    Reflect.ownKeys(holder).map((key) => originalOf(holder, key)),
  );
  const globals = NAMES.map((name) => originalOf(globalThis, name));
  originals = [...globals, ...ofHolders].filter(({ fn }) => fn !== undefined);
}

/** Whether all that {@link noteBuiltIns} has seen is still in its place. Takes some twenty microseconds. */
export function builtInsAreIntact(): boolean {
  // By index: the iterator of arrays may be among what was replaced.
  for (let i = 0; i < originals.length; i++) {
    const { holder, key, fn } = originals[i] as Original;
    if (functionOf(describe(holder, key)) !== fn) return false;
  }
  return true;
}

function originalOf(holder: object, key: PropertyKey): Original {
  return { holder, key, fn: functionOf(describe(holder, key)) };
}

function functionOf(descriptor: PropertyDescriptor | undefined): unknown {
  const value: unknown = descriptor?.value;
  return typeof value === "function" ? value : descriptor?.["get"];
}

/** The built-in objects of these names, their prototypes, and those that have no name. */
function* holders(): Iterable<object> {
  for (const name of NAMES) {
    const value: unknown = Reflect.get(globalThis, name);
    if (!isObject(value)) continue;
    yield value;
    const prototype: unknown = Reflect.get(value, "prototype");
    if (isObject(prototype)) yield prototype;
  }
  yield Object.getPrototypeOf(Int8Array) as object;
  yield Object.getPrototypeOf(Int8Array.prototype) as object;
  for (const iterable of [[], new Map(), new Set(), ""]) {
    yield Object.getPrototypeOf(iterable[Symbol.iterator]()) as object;
  }
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}
