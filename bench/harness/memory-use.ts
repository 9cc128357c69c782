/**
 * How much memory a thread uses, once garbage has been collected. Not what is resident: that includes what the
 * collector has not given back yet, and may shrink while more is used.
 */

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
