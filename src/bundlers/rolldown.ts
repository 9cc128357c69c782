/**
 * The plugin for Rolldown and Rollup, and what that for Vite is made of.
 *
 * Each file that another thread loads becomes an entry of the same build, so all threads share the chunks of what
 * they import, and a thread never has quipe twice. The bundler knows where that file will be, and its name:
 *
 *   task(import.meta.url, fn)  ──▶  task(import.meta.ROLLUP_FILE_URL_…, fn)
 */
import { type ThreadFile, replaceThreadFiles, threadFilesIn } from "./thread-files.ts";

/** What the plugin needs of the bundler while a module is transformed. */
export interface TransformContext {
  emitFile(chunk: {
    readonly type: "chunk";
    readonly id: string;
    readonly name?: string;
    readonly preserveSignature: "strict";
  }): string;
  resolve(source: string, importer: string): Promise<{ readonly id: string } | null>;
}

/** A module as the plugin leaves it. */
export interface TransformedModule {
  readonly code: string;
  /** Lines stay where they are. */
  readonly map: null;
  readonly moduleSideEffects: true;
}

/** The plugin, as Rolldown and Rollup see it. */
export interface TasksPlugin {
  readonly name: string;
  transform(
    this: TransformContext,
    code: string,
    id: string,
  ): Promise<TransformedModule | undefined>;
}

/**
 * Bundles the files of tasks, and quipe's own worker, as entries of the same build.
 *
 * @example
 * ```typescript
 * // rolldown.config.js
 * import { quipeTasks } from "quipe/rolldown";
 *
 * export default { input: "main.ts", platform: "node", plugins: [quipeTasks()] };
 * ```
 */
export function quipeTasks(): TasksPlugin {
  return {
    name: "quipe",
    async transform(code, id) {
      return await withThreadFiles(this, { code, id }, () => true);
    },
  };
}

/** A module before it is transformed. */
export interface ModuleText {
  readonly code: string;
  readonly id: string;
}

/** Makes entries of the files that a module names, as far as they are wanted; undefined if it names none. */
export async function withThreadFiles(
  context: TransformContext,
  { code, id }: ModuleText,
  isWanted: (file: ThreadFile) => boolean,
): Promise<TransformedModule | undefined> {
  const files = threadFilesIn(code).filter(isWanted);
  if (files.length === 0) return undefined;
  const urls = new Map<ThreadFile, string>();
  for (const file of files) {
    const target = file.path === undefined ? id : (await context.resolve(file.path, id))?.id;
    if (target === undefined) continue; // the program says so when it runs
    const reference = context.emitFile({
      type: "chunk",
      id: target,
      name: nameOf(target),
      preserveSignature: "strict",
    });
    urls.set(file, `import.meta.ROLLUP_FILE_URL_${reference}`);
  }
  const replaced = replaceThreadFiles(code, [...urls.keys()], (file) => {
    const url = urls.get(file) ?? "";
    return file.kind === "task" ? url : `new URL(${url})`;
  });
  return { code: replaced, map: null, moduleSideEffects: true };
}

/** "/src/find-route.ts?x" becomes "find-route". */
function nameOf(id: string): string {
  const [path = id] = id.split("?");
  return (path.split(/[\\/]/).at(-1) ?? "task").replace(/\.\w+$/, "");
}
