/**
 * Where the project is, and which files it has. Compiled scripts live in dist/scripts, two folders
 * below the root.
 */
import { existsSync, readdirSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of package.json, without a slash at its end. */
export const projectRoot: string = fileURLToPath(new URL("../..", import.meta.url)).replace(
  /[/\\]$/,
  "",
);

/** Every file below `folder` whose name ends with `ending`, sorted, as absolute paths. */
export function filesUnder(folder: string, ending: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** A path as the project names it: from its root, with forward slashes. */
export function projectPath(file: string): string {
  return relative(projectRoot, file).split(sep).join("/");
}
