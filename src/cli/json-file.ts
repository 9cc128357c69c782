/** JSON files, read whole, with errors that say where. */
import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { CommandError, describeSystemError } from "./command-error.ts";
import { decodeUtf8, notUtf8, withoutByteOrderMark } from "./utf8-text.ts";

/** The value in a JSON file, or on standard input without one. Throws a `CommandError`. */
export async function readJsonFile(path: string | undefined): Promise<unknown> {
  const name = path ?? "standard input";
  let bytes: Buffer;
  try {
    bytes = path === undefined ? await buffer(process.stdin) : await readFile(path);
  } catch (error) {
    throw new CommandError(`cannot read ${name}: ${describeSystemError(error)}.`);
  }
  const text = decodeUtf8(withoutByteOrderMark(bytes));
  if (text === undefined) throw new CommandError(`${name} is ${notUtf8}.`);
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandError(`${name} is not JSON: ${withLine(why, text).replaceAll(/\s+/g, " ")}.`);
  }
}

/** Newer versions of V8 give line and column themselves, older ones only the position. */
function withLine(message: string, text: string): string {
  const position = /at position (\d+)$/.exec(message)?.[1];
  if (position === undefined) return message;
  const before = text.slice(0, Number(position)).split("\n");
  const column = (before.at(-1)?.length ?? 0) + 1;
  return `${message.replace(/ in JSON at position \d+$/, "")} (line ${before.length} column ${column})`;
}
