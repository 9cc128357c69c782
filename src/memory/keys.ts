/**
 * Property keys: which of them are indices, and the order in which JavaScript lists them.
 */

/** The key of the method by which an object says how consoles show it; Node, Bun and Deno agree on it. */
export const inspectCustom: unique symbol = Symbol.for("nodejs.util.inspect.custom") as never;

/** Array indices end here: larger numbers are keys like any other. */
const INDEX_END = 2 ** 32 - 1;

/** The index that a property key means, or -1. */
export function indexOf(key: string): number {
  const code = key.charCodeAt(0);
  if (!(code >= 48 && code <= 57)) return -1;
  const index = Number(key);
  return String(index) === key && Number.isInteger(index) && index < INDEX_END ? index : -1;
}

/** Keys as JavaScript orders them: integers by size, then the others as they came. */
export function integersFirst(keys: string[]): string[] {
  const integers = keys.filter((key) => indexOf(key) >= 0);
  if (integers.length === 0) return keys;
  integers.sort((one, other) => Number(one) - Number(other));
  return [...integers, ...keys.filter((key) => indexOf(key) < 0)];
}
