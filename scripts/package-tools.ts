/**
 * The tools that know what users of other settings would meet: publint for the manifest and the files,
 * are-the-types-wrong for the declarations.
 */
import { join } from "node:path";
import { runLimited } from "./limited-process.ts";
import type { ProcessResult } from "./limited-process.ts";
import { projectRoot } from "./project-files.ts";

const checkLimitMs = 180_000;

/** The tools and what they are told. */
export const packageTools = ["publint", "attw"] as const;

/** Has a packed package checked by one of them; it ends with code 0 if there is nothing to say. */
export function checkWith(
  tool: (typeof packageTools)[number],
  tarball: string,
): Promise<ProcessResult> {
  const parameters =
    tool === "publint"
      ? ["run", tarball, "--strict"]
      : [tarball, "--profile", "esm-only", "--no-emoji"];
  return runLimited({
    command: join(projectRoot, "node_modules", ".bin", tool),
    parameters,
    cwd: projectRoot,
    limitMs: checkLimitMs,
  });
}
