/**
 * The workers that quipe starts, made in the ways that bundlers understand.
 *
 *   new Worker(new URL("./boot.js", import.meta.url))      Vite and webpack make a file of boot.js where they see this
 *                                                          with the global Worker; for Node webpack puts that of
 *                                                          node:worker_threads in its place
 *   new NodeWorker(new URL(…))                             anywhere else; quipe's own plugins see it
 */
import type { Worker as WorkerOfNode, WorkerOptions } from "node:worker_threads";
import { threads } from "./host.ts";

declare const Worker: new (url: URL, options: object) => unknown;
declare const __webpack_require__: unknown;

/** Makes a worker of `node:worker_threads` that begins with boot.ts. */
export function makeNodeWorker(options: WorkerOptions): WorkerOfNode {
  if (typeof __webpack_require__ === "function") return makeGlobalWorker(options) as WorkerOfNode;
  const { Worker: NodeWorker } = threads();
  return new NodeWorker(
    new URL(/* webpackIgnore: true */ /* @vite-ignore */ "../task/boot.js", import.meta.url),
    options,
  );
}

/** Makes a worker that begins with boot.ts, of whatever kind is global here. */
export function makeGlobalWorker(options: object): unknown {
  return new Worker(new URL("../task/boot.js", import.meta.url), { ...options, type: "module" });
}
