/**
 * How quipe starts a thread of its own. Bundlers make a file of its own out of `boot.ts` where they see
 * `new Worker(new URL(…))` written out with a `Worker` that is global or imported, so it is written out here, once.
 */
import type { Worker as NodeWorker, WorkerOptions } from "node:worker_threads";
import { Worker } from "../runtime/host.ts";

/** Starts a thread, which finds in its `workerData` what part it plays. */
export function startOwnThread(options: WorkerOptions): NodeWorker {
  return new Worker(new URL("./boot.js", import.meta.url), { ...options, type: "module" });
}
