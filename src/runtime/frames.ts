/**
 * Which lines of a stack are frames:
 *
 *   "    at name (url:1:2)"   V8, and Bun, below a head that says what was thrown
 *   "name@url:1:2"            Firefox and Safari, without a head
 */

/** Whether a line is a frame. */
export function isFrame(line: string): boolean {
  return line.trimStart().startsWith("at ") || isBareFrame(line);
}

/** Whether a line is a frame of an engine that gives no head. */
export function isBareFrame(line: string): boolean {
  return /@.*:\d+:\d+$/.test(line);
}
