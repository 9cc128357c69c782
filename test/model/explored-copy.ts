/**
 * A copy of the compiled tree in which one module is another: src/runtime/atomics.js answers with the
 * explorer's operations. Everything else is the production code, bundled as it is for production, without a hook in it.
 */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { bundleSources } from "../../scripts/bundle-sources.ts";

/** The copied tree. */
export interface ExploredCopy {
  /** Ends in a slash; test/model and src lie below it. */
  readonly root: URL;
  remove(): void;
}

function isCode(path: string): boolean {
  return extname(path) === "" || path.endsWith(".js");
}

/** Copies what was compiled beside this module. */
export async function makeExploredCopy(): Promise<ExploredCopy> {
  const compiled = fileURLToPath(new URL("../../", import.meta.url));
  const folder = mkdtempSync(join(tmpdir(), "quipe-explored-"));
  for (const part of ["src", "test/model"]) {
    cpSync(join(compiled, part), join(folder, part), { recursive: true, filter: isCode });
  }
  await bundleSources({ outputs: join(folder, "src"), apart: "runtime/atomics.ts" });
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }\n');
  writeFileSync(
    join(folder, "src/runtime/atomics.js"),
    'export * from "../../test/model/explored-atomics.js";\n',
  );
  return {
    root: new URL(`${pathToFileURL(folder).href}/`),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
