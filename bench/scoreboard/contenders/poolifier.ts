import { fileURLToPath } from "node:url";
import { FixedThreadPool, PoolEvents } from "poolifier";
import { type Contender, workerUrl } from "../contender.ts";

export const contender: Contender = {
  package: "poolifier",
  stopsBy: "AbortSignal",
  limitsMemory: true,
  async open({ memoryMb }) {
    const pool = new FixedThreadPool<undefined>(1, fileURLToPath(workerUrl("poolifier")), {
      errorHandler: () => {},
      ...(memoryMb !== undefined && {
        workerOptions: { resourceLimits: { maxOldGenerationSizeMb: memoryMb } },
      }),
    });
    pool.emitter?.on(PoolEvents.error, () => {}); // an emitter throws what nobody listens to
    return {
      call: (job, abort) => pool.execute(undefined, job, abort),
      close: () => pool.destroy(),
    };
  },
};
