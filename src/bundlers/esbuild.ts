/**
 * The plugin for esbuild, which follows imports and nothing else.
 *
 *   main build     main.ts ──▶ main.js                      refers to ./quipe/NAME.js
 *   after it       files of other threads ──▶ quipe/*.js    one build with shared chunks, so a thread has quipe once
 *
 * Files that only other threads load are found by the second build, which is repeated until it finds no more.
 */
import type { BuildOptions, BuildResult, Loader, Message, Plugin, PluginBuild } from "esbuild";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename, dirname, extname, join, relative, resolve, sep } from "node:path";
import { replaceThreadFiles, threadFilesIn } from "./thread-files.ts";

/** The folder of the second build, in that of the first. */
const FOLDER = "quipe";

/**
 * Bundles the files of tasks, and quipe's own worker, into a folder `quipe` beside the program. Needs
 * `format: "esm"`.
 *
 * @example
 * ```typescript
 * import { build } from "esbuild";
 * import { quipeTasks } from "quipe/esbuild";
 *
 * await build({
 *   entryPoints: ["main.ts"],
 *   bundle: true,
 *   format: "esm",
 *   outdir: "dist",
 *   plugins: [quipeTasks()],
 * });
 * ```
 */
export function quipeTasks(): Plugin {
  return { name: "quipe", setup };
}

function setup(build: PluginBuild): void {
  const options = build.initialOptions;
  const unfit = unfitness(options);
  if (unfit !== undefined) {
    build.onStart(() => ({ errors: [{ text: unfit }] }));
    return;
  }
  const given: BuildOptions = { ...options };
  options.metafile = true;
  // Both builds must call a function the same, also when they rename it.
  if (options.minify === true || options.minifyIdentifiers === true) options.keepNames ??= true;
  const files = new ThreadFiles(resolve(options.absWorkingDir ?? "."), extensionOf(options));
  const rewritten = files.rewriteIn(build, (name) => baseUrl(options) + name);
  build.onEnd(async (result) => {
    if (result.errors.length > 0) return {};
    const misplaced = misplacedOutputs(result, { options, rewritten });
    if (misplaced !== undefined) return { errors: [{ text: misplaced }] };
    return await buildThreadFiles(build, { given, files, result });
  });
}

function unfitness({ bundle, format, outdir, outfile }: BuildOptions): string | undefined {
  if (bundle !== true) return 'quipe\'s plugin needs "bundle: true".';
  if (format !== "esm") {
    return 'quipe\'s plugin needs format: "esm": only modules know their URL, from which those of tasks are made.';
  }
  return outdir === undefined && outfile === undefined
    ? "quipe's plugin needs outdir or outfile, since tasks have files of their own."
    : undefined;
}

/** Which files other threads load, and what these are called in the folder. */
class ThreadFiles {
  readonly #folder: string;
  readonly #extension: string;
  readonly #names = new Map<string, string>();

  constructor(folder: string, extension: string) {
    this.#folder = folder;
    this.#extension = extension;
  }

  get size(): number {
    return this.#names.size;
  }

  get entryPoints(): Record<string, string> {
    return Object.fromEntries([...this.#names].map(([path, name]) => [name, path]));
  }

  /** The same in every build, whatever else it finds. */
  #add(path: string): string {
    const place = relative(this.#folder, path).split(sep).join("/");
    const hash = createHash("sha256").update(place).digest("hex").slice(0, 8);
    const name = `${basename(path, extname(path))}-${hash}`;
    this.#names.set(path, name);
    return name + this.#extension;
  }

  /** Puts the URLs of these files into modules. Returns the modules that have some, as they become known. */
  rewriteIn(build: PluginBuild, urlOf: (fileName: string) => string): ReadonlySet<string> {
    const rewritten = new Set<string>();
    build.onLoad({ filter: /\.[cm]?[jt]sx?$/, namespace: "file" }, async ({ path }) => {
      const code = await readFile(path, "utf8");
      const found = threadFilesIn(code);
      if (found.length === 0) return undefined;
      const targets = new Map<unknown, string>();
      for (const file of found) {
        const target =
          file.path === undefined ? path : await resolved(build, { path: file.path, from: path });
        if (target !== undefined) targets.set(file, target);
      }
      rewritten.add(path);
      const known = found.filter((file) => targets.has(file));
      const contents = replaceThreadFiles(code, known, (file) => {
        const url = urlOf(this.#add(targets.get(file) ?? path));
        const expression = `new URL(${JSON.stringify(url)}, import.meta.url)`;
        return file.kind === "task" ? `${expression}.href` : expression;
      });
      return { contents, loader: loaderOf(path, build.initialOptions) };
    });
    return rewritten;
  }
}

interface Reference {
  readonly path: string;
  readonly from: string;
}

/** Undefined if there is no such file, which the program says when it runs. */
async function resolved(
  build: PluginBuild,
  { path, from }: Reference,
): Promise<string | undefined> {
  const result = await build.resolve(path, {
    resolveDir: dirname(from),
    importer: from,
    kind: "dynamic-import",
  });
  return result.errors.length === 0 && !result.external ? result.path : undefined;
}

interface SecondBuild {
  readonly given: BuildOptions;
  readonly files: ThreadFiles;
  readonly result: BuildResult;
}

async function buildThreadFiles(
  build: PluginBuild,
  { given, files, result }: SecondBuild,
): Promise<{ errors: Message[]; warnings: Message[] }> {
  let built: BuildResult | undefined;
  for (let size = 0; size < files.size;) {
    size = files.size;
    built = await tryBuild(build, { given, files });
    if (built.errors.length > 0) break;
  }
  if (built === undefined) return { errors: [], warnings: [] };
  result.outputFiles?.push(...(built.outputFiles ?? []));
  if (given.metafile === true) {
    Object.assign(result.metafile?.outputs ?? {}, built.metafile?.outputs);
    Object.assign(result.metafile?.inputs ?? {}, built.metafile?.inputs);
  }
  return { errors: built.errors, warnings: built.warnings };
}

async function tryBuild(
  build: PluginBuild,
  { given, files }: Omit<SecondBuild, "result">,
): Promise<BuildResult> {
  const { outfile, plugins = [], ...others } = given;
  const folder = given.outdir ?? dirname(outfile ?? "");
  const rewriting: Plugin = {
    name: "quipe",
    setup: (second) => void files.rewriteIn(second, (name) => `./${name}`),
  };
  const keepNames = build.initialOptions.keepNames;
  try {
    return await build.esbuild.build({
      ...others,
      ...(keepNames !== undefined && { keepNames }),
      entryPoints: files.entryPoints,
      outdir: join(folder, FOLDER),
      entryNames: "[name]",
      chunkNames: "[name]-[hash]",
      splitting: true,
      metafile: true,
      logLevel: "silent", // the main build says it
      plugins: plugins.map((plugin) => (plugin.name === "quipe" ? rewriting : plugin)),
    });
  } catch (error) {
    const { errors, warnings } = error as Partial<BuildResult>;
    if (errors === undefined) throw error;
    return { errors, warnings: warnings ?? [] } as unknown as BuildResult;
  }
}

function extensionOf({ outExtension }: BuildOptions): string {
  return outExtension?.[".js"] ?? ".js";
}

/** Seen from the file that refers to it. */
function baseUrl({ publicPath }: BuildOptions): string {
  if (publicPath === undefined || publicPath === "") return `./${FOLDER}/`;
  return `${publicPath.replace(/\/$/, "")}/${FOLDER}/`;
}

interface MainBuild {
  readonly options: BuildOptions;
  readonly rewritten: ReadonlySet<string>;
}

/** A relative URL is right only in files that lie in the folder itself. */
function misplacedOutputs(
  { metafile }: BuildResult,
  { options, rewritten }: MainBuild,
): string | undefined {
  const { absWorkingDir = ".", outdir, outfile = "", publicPath } = options;
  if (publicPath !== undefined && publicPath !== "") return undefined;
  const here = resolve(absWorkingDir);
  const folder = resolve(here, outdir ?? dirname(outfile));
  for (const [output, { inputs }] of Object.entries(metafile?.outputs ?? {})) {
    const refers = Object.keys(inputs).some((input) => rewritten.has(resolve(here, input)));
    if (!refers || dirname(resolve(here, output)) === folder) continue;
    return `quipe's plugin refers to the files of tasks from outdir itself, and ${output} is in a folder of it. Set publicPath to where outdir is served, or entryNames and chunkNames to "[name]-[hash]".`;
  }
  return undefined;
}

const LOADERS: Readonly<Record<string, Loader>> = { ".mts": "ts", ".cts": "ts", ".mjs": "js" };

function loaderOf(path: string, { loader = {} }: BuildOptions): Loader {
  const ending = extname(path);
  return loader[ending] ?? LOADERS[ending] ?? (ending.slice(1).replace("cjs", "js") as Loader);
}
