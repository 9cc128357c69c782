/** Image files as the command takes them: errors name the file and stay on one line. */
import { QuipeError } from "../errors.ts";
import { loadRegion } from "../memory/load.ts";
import type { Region } from "../memory/region.ts";
import { CommandError, describeSystemError } from "./command-error.ts";

/** Whether a file's name says that it is an image. */
export function isImageName(path: string): boolean {
  return path.toLowerCase().endsWith(".quipe");
}

/** Opens an image file. Throws a `CommandError` that says what is wrong with it. */
export async function openImage(path: string): Promise<Region> {
  try {
    return await loadRegion(path);
  } catch (error) {
    if (error instanceof QuipeError) throw new CommandError(`${path}: ${error.message}`);
    throw new CommandError(`cannot read ${path}: ${describeSystemError(error)}.`);
  }
}
