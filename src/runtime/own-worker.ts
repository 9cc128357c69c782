/**
 * The workers that quipe starts, made in the ways that bundlers understand.
 *
 *   new Worker(new URL("./boot.js", import.meta.url))      Vite and webpack make a file of boot.js where they see this
 *                                                          with the global Worker; for Node webpack puts that of
 *                                                          node:worker_threads in its place
 *   new NodeWorker(new URL(…))                             anywhere else; quipe's own plugins see it
 *
 * With webpack a thread that began with boot.js takes its own file for others: webpack 5 does not name it there.
 */
import type { Worker as WorkerOfNode, WorkerOptions } from "node:worker_threads";
import { runtimeName, threads } from "./host.ts";
import { isWebpack } from "./own-files.ts";

declare const Worker: new (url: URL, options: object) => unknown;
declare const importScripts: (url: string) => void;

/** With webpack, on threads that began with boot.js: where that is. */
let bootFile: URL | undefined;

/** Called by boot.js. */
export function noteBootFile(): void {
  if (!isWebpack()) return;
  if (runtimeName() === "browser") {
    bootFile = new URL((globalThis as unknown as { location: { href: string } }).location.href);
    return;
  }
  const [, file = ""] = process.argv;
  bootFile = process.getBuiltinModule("node:url").pathToFileURL(file);
}

/** Makes a worker of `node:worker_threads` that begins with boot.js. */
export function makeNodeWorker(options: WorkerOptions): WorkerOfNode {
  const { Worker: NodeWorker } = threads();
  if (bootFile !== undefined) return new NodeWorker(bootFile, options);
  if (isWebpack()) return makeGlobalWorker(options) as WorkerOfNode;
  return new NodeWorker(
    new URL(/* webpackIgnore: true */ /* @vite-ignore */ "../task/boot.js", import.meta.url),
    options,
  );
}

/** Makes a worker that begins with boot.js, of whatever kind is global here. */
export function makeGlobalWorker(options: object): unknown {
  if (bootFile !== undefined) {
    return new Worker(bootFile, { ...options, type: isClassic() ? "classic" : "module" });
  }
  return new Worker(new URL("../task/boot.js", import.meta.url), { ...options, type: "module" });
}

/** Whether this thread's file is one that cannot import, as webpack makes unless it is told to write modules. */
function isClassic(): boolean {
  try {
    importScripts("data:text/javascript,"); // nothing at all
    return true;
  } catch (error) {
    return !(error instanceof TypeError); // a policy may forbid it; a module may not even ask
  }
}
