/**
 * Has the packed package checked by the tools that know what users of other settings would meet:
 * publint for the manifest and the files, are-the-types-wrong for the declarations.
 */
import { join } from "node:path";
import { runLimited } from "./limited-process.ts";
import { packPackage } from "./packed-package.ts";
import { projectRoot } from "./project-files.ts";

const checkLimitMs = 120_000;

async function runTool(name: string, parameters: readonly string[]): Promise<boolean> {
  const result = await runLimited({
    command: join(projectRoot, "node_modules", ".bin", name),
    parameters,
    cwd: projectRoot,
    limitMs: checkLimitMs,
  });
  console.log(result.output.trim());
  return result.code === 0;
}

const packed = await packPackage();
try {
  const manifestIsGood = await runTool("publint", ["run", packed.tarball, "--strict"]);
  const typesAreGood = await runTool("attw", [
    packed.tarball,
    "--profile",
    "esm-only",
    "--no-emoji",
  ]);
  process.exitCode = manifestIsGood && typesAreGood ? 0 : 1;
} finally {
  packed.remove();
}
