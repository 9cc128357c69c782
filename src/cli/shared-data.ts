/**
 * `--share name=FILE`: JSON files, each read once and frozen once into shared memory, and images of
 * `quipe freeze`, which are frozen already.
 *
 * What the tasks get is references: the memory that the data needs does not grow with their number.
 */
import { freeze } from "../memory/freeze.ts";
import { rootOf } from "../memory/views.ts";
import { CommandError } from "./command-error.ts";
import { isImageName, openImage } from "./image-file.ts";
import { readJsonFile } from "./json-file.ts";

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
    entries.push([name, await loadSharedFile(file)]);
  }
  return Object.fromEntries(entries);
}

async function loadSharedFile(file: string): Promise<unknown> {
  return isImageName(file) ? rootOf(await openImage(file)) : freeze(await readJsonFile(file));
}
