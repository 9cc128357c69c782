/**
 * Puts the modules of the library into one file, so that a thread loads that and not two hundred:
 *
 *   dist/src/runtime/everything.js   all that any module exports, under names that cannot clash
 *   dist/src/…                       in the place of each module a stub that passes on what that one exports
 *   dist/src/runtime/sleeper.js      a program with the little that it imports in it
 *
 * Stubs load the same instance whatever they are asked for, so quipe stays one on each thread. What addresses
 * files from where it is (boot.js, sleeper.js) is right for the folder `runtime`, and so from the bundle too.
 */
import { rmSync, writeFileSync } from "node:fs";
import { join, posix } from "node:path";
import { build } from "esbuild";
import type { BuildOptions, Plugin } from "esbuild";
import { filesUnder, projectRoot } from "./project-files.ts";

const sources = join(projectRoot, "src");
/** The bundle, in the folder of the library. */
export const bundleName = "runtime/everything.js";

/** Programs of their own, and files that do something when they are loaded. */
const APART = /^(?:bundlers|cli)\/|^(?:task\/boot|runtime\/sleeper)\.ts$/;

const COMMON: BuildOptions = {
  format: "esm",
  platform: "neutral",
  target: "es2022",
  logLevel: "warning",
  tsconfig: join(projectRoot, "tsconfig.json"),
  keepNames: true,
};

/** Where a bundle goes, and which module of it is not to be in it. */
export interface BundlePlan {
  /** The folder for what is made of `src`. */
  readonly outputs: string;
  /** A module that stays one of its own, for the caller to write, by its path in `src`. */
  readonly apart?: string;
}

/** Bundles, and writes the stubs. Returns how many modules there are. */
export async function bundleSources(plan: BundlePlan): Promise<number> {
  const exports = await exportsOfModules(plan);
  const lines = [...exports].map(([path, names]) => {
    const list = names.map((name) => `${name} as ${nameInBundle(path, name)}`).join(", ");
    return `export { ${list} } from "../${path}";`;
  });
  await build({
    ...COMMON,
    bundle: true,
    stdin: { contents: lines.join("\n"), resolveDir: join(sources, "runtime") },
    outfile: join(plan.outputs, bundleName),
    plugins: plan.apart === undefined ? [] : [keptApart(plan.apart)],
  });
  await build({
    ...COMMON,
    bundle: true,
    entryPoints: [join(sources, "runtime/sleeper.ts")],
    outfile: join(plan.outputs, "runtime/sleeper.js"),
  });
  for (const [path, names] of exports) writeStub(join(plan.outputs, path), { path, names });
  return exports.size;
}

function keptApart(apart: string): Plugin {
  return {
    name: "apart",
    setup: (bundler) => {
      bundler.onResolve({ filter: /\.ts$/ }, ({ path, resolveDir }) => {
        if (join(resolveDir, path) !== join(sources, apart)) return undefined;
        const fromBundle = posix.relative(posix.dirname(bundleName), apart);
        return { path: `./${fromBundle.replace(/\.ts$/, ".js")}`, external: true };
      });
    },
  };
}

/** What each module exports, types aside, by its path. */
async function exportsOfModules({
  outputs,
  apart,
}: BundlePlan): Promise<ReadonlyMap<string, readonly string[]>> {
  const paths = filesUnder(sources, ".ts")
    .map((file) => file.slice(sources.length + 1).replaceAll("\\", "/"))
    .filter((path) => !APART.test(path) && path !== apart);
  const { metafile } = await build({
    ...COMMON,
    entryPoints: paths.map((path) => join(sources, path)),
    outdir: outputs,
    outbase: sources,
    bundle: false,
    write: false,
    metafile: true,
  });
  const found = new Map<string, readonly string[]>();
  for (const { entryPoint, exports } of Object.values(metafile.outputs)) {
    const path = entryPoint?.replace(/^.*?\bsrc\//, "");
    if (path !== undefined) found.set(path, exports);
  }
  return found;
}

interface Stub {
  readonly path: string;
  readonly names: readonly string[];
}

function writeStub(output: string, { path, names }: Stub): void {
  const list = names.map((name) => `${nameInBundle(path, name)} as ${name}`).join(", ");
  const up = "../".repeat(path.split("/").length - 1) || "./";
  const file = output.replace(/\.ts$/, ".js");
  const text = names.length === 0 ? "export {};" : `export { ${list} } from "${up}${bundleName}";`;
  writeFileSync(file, `${text}\n`);
  rmSync(`${file}.map`, { force: true });
}

function nameInBundle(path: string, name: string): string {
  return `${path.replace(/\.ts$/, "").replace(/\W/g, "_")}$${name}`;
}
