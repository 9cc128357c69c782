/** A module with one function among other exports. */

/** How many. */
export const limit = 3;

/** The length of a line. */
export function lengthOf(line: string): number {
  return line.length;
}
