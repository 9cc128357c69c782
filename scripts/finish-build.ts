/**
 * What is left to do after `tsc`, in four small steps.
 *
 *   mend     declarations still import "./x.ts"; say "./x.js", as the emitted code does
 *   clean    remove outputs whose source is gone, so that no deleted test goes on passing
 *   bundle   put the modules of the library into one file (bundle-sources.ts)
 *   permit   give the commands of package.json their executable bit
 *
 * Running it twice changes nothing.
 */
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundleName, bundleSources } from "./bundle-sources.ts";
import { filesUnder, projectRoot } from "./project-files.ts";

const outputRoot = join(projectRoot, "dist");
const relativeImport = /((?:from|import)\s*\(?\s*")(\.{1,2}\/[^"\n]+)\.ts"/g;

/** Rewrites the relative imports of one declaration file; comments may say what they like. */
function mendDeclaration(text: string): string {
  return text
    .split("\n")
    .map((line) =>
      /^\s*(\*|\/\*|\/\/)/.test(line) ? line : line.replace(relativeImport, '$1$2.js"'),
    )
    .join("\n");
}

function mendDeclarations(): number {
  let mended = 0;
  for (const file of filesUnder(outputRoot, ".d.ts")) {
    const before = readFileSync(file, "utf8");
    const after = mendDeclaration(before);
    if (after === before) continue;
    writeFileSync(file, after);
    mended += 1;
  }
  return mended;
}

/** The source that an output file was made from, or undefined if it is not an output of tsc. */
function sourceOf(output: string): string | undefined {
  const stem = /^(.*?)(\.d\.ts|\.js\.map|\.js)$/.exec(output.slice(outputRoot.length + 1))?.[1];
  return stem === undefined ? undefined : join(projectRoot, `${stem}.ts`);
}

function cleanStaleOutputs(): number {
  let removed = 0;
  for (const folder of ["src", "test", "bench", "examples", "scripts"]) {
    for (const output of filesUnder(join(outputRoot, folder), "")) {
      const source = sourceOf(output);
      if (source === undefined || existsSync(source) || output.includes(bundleName)) continue;
      rmSync(output);
      removed += 1;
    }
  }
  return removed;
}

function permitCommands(): void {
  const manifest = JSON.parse(readFileSync(join(projectRoot, "package.json"), "utf8")) as {
    readonly bin?: Readonly<Record<string, string>>;
  };
  for (const command of Object.values(manifest.bin ?? {})) {
    const file = join(projectRoot, command);
    if (existsSync(file)) chmodSync(file, 0o755);
  }
}

const removed = cleanStaleOutputs();
const mended = mendDeclarations();
const bundled = await bundleSources({ outputs: join(outputRoot, "src") });
permitCommands();
if (removed > 0) console.log(`build: removed ${removed} outputs without a source`);
if (mended > 0) console.log(`build: mended the imports of ${mended} declaration files`);
console.log(`build: bundled ${bundled} modules`);
