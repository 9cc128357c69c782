/**
 * `--share name=FILE`: JSON files, each read once and frozen once into shared memory.
 *
 * What the tasks get is references: the memory that the data needs does not grow with their number.
 */
import { readFile } from "node:fs/promises";
import { freeze } from "../memory/freeze.ts";
import { CommandError, describeSystemError } from "./command-error.ts";
import { decodeUtf8, notUtf8, withoutByteOrderMark } from "./utf8-text.ts";

/** One `--share` as it was typed, taken apart. */
export interface SharedFile {
  readonly name: string;
  readonly file: string;
}

/** Takes `name=FILE` apart. Throws a `CommandError` if it is anything else. */
export function parseSharedFile(typed: string): SharedFile {
  const equals = typed.indexOf("=");
  const name = typed.slice(0, Math.max(equals, 0));
  const file = typed.slice(equals + 1);
  if (equals > 0 && file !== "" && /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name)) {
    return { name, file };
  }
  throw new CommandError(`--share expects name=FILE, got "${typed}".`);
}

/** Loads and freezes all files, by their names. Throws a `CommandError` that says what is wrong where. */
export async function loadSharedFiles(
  files: readonly SharedFile[],
): Promise<Readonly<Record<string, unknown>>> {
  const entries: [string, unknown][] = [];
  for (const { name, file } of files) {
    if (entries.some(([other]) => other === name)) {
      throw new CommandError(`--share gives the name "${name}" twice.`);
    }
    entries.push([name, freeze(parseJsonFile(file, await readText(file)))]);
  }
  return Object.fromEntries(entries);
}

async function readText(file: string): Promise<string> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (error) {
    throw new CommandError(`cannot read ${file}: ${describeSystemError(error)}.`);
  }
  const text = decodeUtf8(withoutByteOrderMark(bytes));
  if (text === undefined) throw new CommandError(`${file} is ${notUtf8}.`);
  return text;
}

function parseJsonFile(file: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandError(`${file} is not JSON: ${withLine(why, text)}.`);
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
