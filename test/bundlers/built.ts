/** What bundlers make of the examples and of programs of tests, each in a folder of its own that is removed after it. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { type ProcessResult, runLimited } from "../../scripts/limited-process.ts";
import { projectRoot } from "../../scripts/project-files.ts";
import { runtimeName } from "../../src/runtime/host.ts";

const RUN_LIMIT_MS = 60_000;

/** Why bundlers cannot be run here; false if they can. */
export const noBundlers: string | false =
  runtimeName() !== "node" && "bundlers run on Node [command]";

/** Programs that find quipe as the examples do: below the project's own folder. */
const programsFolder = join(projectRoot, "dist", "bundled-programs");

/** A temporary folder for what a bundler writes. */
export class Output {
  readonly path: string = mkdtempSync(join(tmpdir(), "quipe-bundle-"));

  constructor() {
    // Not in the scope of the project's package.json, so that .js means what the bundler meant.
    writeFileSync(join(this.path, "package.json"), '{ "type": "module" }');
  }

  /** The names of its files, also in folders. */
  get files(): string[] {
    return readdirSync(this.path, { recursive: true }).map(String);
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.path, name), text);
  }

  /** Runs one of its files on this runtime. */
  async run(name: string): Promise<ProcessResult> {
    return await runLimited({
      command: process.execPath,
      parameters: [join(this.path, name)],
      cwd: this.path,
      limitMs: RUN_LIMIT_MS,
    });
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Writes the files of a program; returns its folder. */
export function program(name: string, files: Readonly<Record<string, string>>): string {
  const folder = join(programsFolder, name);
  rmSync(folder, { recursive: true, force: true });
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

/** What a module of an example exports. */
export async function fromExample(path: string): Promise<Readonly<Record<string, unknown>>> {
  const url = pathToFileURL(join(projectRoot, "examples", path));
  if (!existsSync(url)) throw new Error(`no such example: ${path}`);
  return (await import(url.href)) as Readonly<Record<string, unknown>>;
}

/** Runs webpack with a configuration. Rejects with what it says if that fails. */
export async function runWebpack(configuration: object, output: Output): Promise<void> {
  const { default: webpack } = await import("webpack");
  const given = configuration as { readonly output?: object };
  const compiler = webpack({
    ...configuration,
    output: { ...given.output, path: output.path },
  });
  await new Promise<void>((resolve, reject) => {
    compiler?.run((error, stats) => {
      const said = stats?.hasErrors() === true ? stats.toString({ all: false, errors: true }) : "";
      if (error !== null) reject(error);
      else if (said !== "") reject(new Error(said));
      else resolve();
    });
  });
}
