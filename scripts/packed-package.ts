/**
 * The package as a user would get it: packed by npm without building again, so that what is looked at
 * is what the last build made.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runLimited } from "./limited-process.ts";
import { projectRoot } from "./project-files.ts";

/** A packed package in a folder of its own. */
export interface PackedPackage {
  readonly folder: string;
  readonly tarball: string;
  /** The paths inside the package. */
  readonly files: readonly string[];
  /** Removes the folder. */
  readonly remove: () => void;
}

const packLimitMs = 60_000;

/** Packs the project. */
export async function packPackage(): Promise<PackedPackage> {
  const folder = mkdtempSync(join(tmpdir(), "quipe-package-"));
  const result = await runLimited({
    command: "npm",
    parameters: ["pack", "--ignore-scripts", "--json", "--pack-destination", folder],
    cwd: projectRoot,
    limitMs: packLimitMs,
  });
  if (result.code !== 0)
    throw new Error(`npm pack ended with code ${result.code}:\n${result.output}`);
  const [packed] = JSON.parse(result.stdout) as { filename: string; files: { path: string }[] }[];
  if (packed === undefined) throw new Error("npm pack packed nothing");
  return {
    folder,
    tarball: join(folder, packed.filename),
    files: packed.files.map((file) => file.path),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
