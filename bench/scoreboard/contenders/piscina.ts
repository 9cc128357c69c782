import { Piscina } from "piscina";
import { type Contender, workerUrl } from "../contender.ts";

export const contender: Contender = {
  package: "piscina",
  stopsBy: "AbortSignal",
  limitsMemory: true,
  async open({ memoryMb }) {
    const pool = new Piscina({
      filename: workerUrl("jobs").href,
      minThreads: 1,
      maxThreads: 1,
      ...(memoryMb !== undefined && { resourceLimits: { maxOldGenerationSizeMb: memoryMb } }),
    });
    return {
      call: (name, signal) =>
        pool.run(undefined, { name, ...(signal !== undefined && { signal }) }),
      close: () => pool.destroy(),
    };
  },
};
