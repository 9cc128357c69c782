/**
 * How a worker that the program itself starts learns that it is to be one of quipe's: by a mark in the
 * environment data that is set while it is being made. No message of anybody is touched, and workers that are made
 * at any other time have no mark. In a browser there are no such data, and every worker listens.
 */
import { runtimeName, threads } from "./host.ts";

const MARK = "quipe.invitation";

/** Makes something, and marks the worker threads that are started meanwhile. */
export function inviting<T>(make: () => T): T {
  if (runtimeName() === "browser") return make();
  const { setEnvironmentData } = threads();
  setEnvironmentData(MARK, true);
  try {
    return make();
  } finally {
    setEnvironmentData(MARK, undefined);
  }
}

/** Whether this thread was started with the mark. It is taken off, so that it does not go on to threads started here. */
export function takeInvitation(): boolean {
  if (runtimeName() === "browser") return "DedicatedWorkerGlobalScope" in globalThis;
  const node = globalThis.process?.getBuiltinModule?.("node:worker_threads");
  if (node === undefined || node.isMainThread || node.getEnvironmentData?.(MARK) !== true) {
    return false;
  }
  node.setEnvironmentData(MARK, undefined);
  return true;
}
