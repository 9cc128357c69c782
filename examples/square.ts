/**
 * The smallest map: one number on each line in, its square out.
 *
 *    printf '1\n2\n3\n' | npx quipe map ./examples/square.ts
 */

/** The square of the number that a line holds. */
export function square(line: string): number {
  const value = Number(line);
  if (line.trim() === "" || Number.isNaN(value)) throw new TypeError(`Not a number: "${line}"`);
  return value * value;
}
