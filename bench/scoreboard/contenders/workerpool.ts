import { fileURLToPath } from "node:url";
import workerpool from "workerpool";
import { type Contender, workerUrl } from "../contender.ts";

export const contender: Contender = {
  package: "workerpool",
  stopsBy: "promise.cancel()",
  limitsMemory: true,
  async open({ memoryMb }) {
    const pool = workerpool.pool(fileURLToPath(workerUrl("workerpool")), {
      maxWorkers: 1,
      workerType: "thread",
      ...(memoryMb !== undefined && {
        workerThreadOpts: { resourceLimits: { maxOldGenerationSizeMb: memoryMb } },
      }),
    });
    return {
      async call(job, abort) {
        const promise = pool.exec(job);
        abort?.addEventListener("abort", () => {
          promise.cancel();
        });
        return await promise;
      },
      async close() {
        await pool.terminate();
      },
    };
  },
};
