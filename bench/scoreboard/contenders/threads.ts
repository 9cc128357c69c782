import { Pool, Worker, spawn } from "threads";
import type { Contender } from "../contender.ts";
import type { JobName } from "../workers/jobs.ts";

/** Its functions are asynchronous from outside. */
type Thread = Record<JobName, () => Promise<unknown>>;

/** Paths of workers are relative to the file that names them. */
const WORKER = "../workers/threads.js";

export const contender: Contender = {
  package: "threads",
  stopsBy: "pool.terminate(true)",
  stopClosesCaller: true,
  limitsMemory: true,
  async open({ memoryMb }) {
    const options =
      memoryMb === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: memoryMb } };
    const pool = Pool(() => spawn<Thread>(new Worker(WORKER, options)), 1);
    return {
      async call(job, abort) {
        abort?.addEventListener("abort", () => void pool.terminate(true));
        return await pool.queue(async (thread) => await thread[job]());
      },
      close: () => pool.terminate(),
    };
  },
};
