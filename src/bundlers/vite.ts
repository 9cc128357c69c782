/**
 * The plugin for Vite. The development server serves each module under its own URL, so there it only sees to what
 * threads need of a server; a build gets the entries that rolldown.ts makes.
 *
 * Vite itself sees workers that a program makes, so of those only quipe's own are taken.
 */
import type { Plugin } from "vite";
import { type TransformContext, withThreadFiles } from "./rolldown.ts";

/** Shared memory exists only in pages that are served with these. */
const ISOLATING = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/** Where quipe names the files of its own workers: all of its modules are in one. */
const OWN_WORKER = /\/runtime\/everything\.js(?:\?|$)/;

/** The module around each `import()` of a build. It loads style sheets first, for which a worker has no document. */
const PRELOAD_HELPER = "\0vite/preload-helper.js";

/**
 * Bundles the files of tasks, and quipe's own worker; and has Vite's servers send the headers without which browsers
 * give no shared memory.
 *
 * @example
 * ```typescript
 * // vite.config.ts
 * import { defineConfig } from "vite";
 * import { quipeTasks } from "quipe/vite";
 *
 * export default defineConfig({ plugins: [quipeTasks()] });
 * ```
 */
export function quipeTasks(): Plugin {
  let isBuild = false;
  const references = new Set<string>();
  return {
    name: "quipe",
    enforce: "pre",
    config: ({ server, preview }) => ({
      optimizeDeps: { exclude: ["quipe"] }, // one copy for pages and workers, with its files beside each other
      server: { headers: { ...ISOLATING, ...server?.headers } },
      preview: { headers: { ...ISOLATING, ...preview?.headers } },
    }),
    configResolved(config) {
      isBuild = config.command === "build" && !config.isWorker;
    },
    async transform(code, id) {
      if (!isBuild) return undefined;
      if (id === PRELOAD_HELPER) return { code: withoutDocument(code), map: null };
      const context: TransformContext = {
        resolve: async (source, importer) => await this.resolve(source, importer),
        emitFile: (chunk) => {
          const reference = this.emitFile(chunk);
          references.add(reference);
          return reference;
        },
      };
      return await withThreadFiles(context, { code, id }, (file) => {
        return file.kind !== "worker" || OWN_WORKER.test(id);
      });
    },
    // Vite would begin it with its base, which is no URL yet, and nothing in a program for a server.
    resolveFileUrl: ({ referenceId, relativePath }) =>
      references.has(referenceId)
        ? `new URL(${JSON.stringify(relativePath)}, import.meta.url).href`
        : null,
  };
}

/** In a worker there is nothing to preload, and no window that could be told of a failure. */
function withoutDocument(code: string): string {
  return code
    .replace(/\bdeps && deps\.length > 0/, 'typeof document !== "undefined" && $&')
    .replace(
      /function handlePreloadError\((\w+)\) \{/,
      '$& if (typeof window === "undefined") throw $1;',
    );
}
