/**
 * How much memory the process takes, all threads together, once garbage has been collected.
 */

/** Millions of bytes that are resident after collecting garbage on this thread. */
export async function residentMB(): Promise<number> {
  await collectGarbage();
  return process.memoryUsage.rss() / 1e6;
}

/** Millions of bytes of this thread's heap that are in use after collecting garbage. */
export async function heapMB(): Promise<number> {
  await collectGarbage();
  return process.memoryUsage().heapUsed / 1e6;
}

/** Collects garbage until nothing more is found; the process must run with `--expose-gc`. */
export async function collectGarbage(): Promise<void> {
  if (globalThis.gc === undefined) throw new Error("Expected to run with --expose-gc.");
  for (let i = 0; i < 3; i++) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 20)); // weak references fall between jobs
  }
}
