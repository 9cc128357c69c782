import { Mutex, initRuntime, move, shutdown, spawn } from "multithreading";
import type { Contender } from "../contender.ts";
import type { JobName } from "../workers/jobs.ts";

export const contender: Contender = {
  package: "multithreading",
  stopsBy: "handle.abort()",
  limitsMemory: false,
  async open() {
    initRuntime({ maxWorkers: 1 });
    return {
      async call(job, abort) {
        const handle = spawn(move(job), runJob);
        abort?.addEventListener("abort", () => handle.abort());
        const result = await handle.join();
        if (result.ok) return result.value;
        throw result.error;
      },
      close: async () => shutdown(),
    };
  },
  async pairAfterHolderExits() {
    initRuntime({ maxWorkers: 2 });
    const pair = new Int32Array(new SharedArrayBuffer(8));
    const mutex = new Mutex(pair);
    spawn(move(mutex), async (mine) => {
      const guard = await mine.lock();
      guard.value[0] = 1;
      process.exit(3);
    });
    while (pair[0] === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const guard = await mutex.lock();
    try {
      return [guard.value[0] ?? NaN, guard.value[1] ?? NaN];
    } finally {
      guard.dispose();
    }
  },
};

/** Modules are imported inside, by a path relative to this file. */
async function runJob(job: JobName): Promise<unknown> {
  const { jobs } = await import("../workers/jobs.ts");
  return await jobs[job]();
}
