import { Worker } from "node:worker_threads";
import { releaseProxy, wrap } from "comlink";
import nodeEndpoint from "comlink/dist/esm/node-adapter.mjs";
import { type Contender, workerUrl } from "../contender.ts";
import type { jobs } from "../workers/jobs.ts";

/** It wraps a worker that the program makes, so limits and `terminate` are the worker's own. */
export const contender: Contender = {
  package: "comlink",
  stopsBy: "worker.terminate()",
  stopClosesCaller: true,
  limitsMemory: true,
  async open({ memoryMb }) {
    const worker = new Worker(
      workerUrl("comlink"),
      memoryMb === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: memoryMb } },
    );
    const proxy = wrap<typeof jobs>(nodeEndpoint(worker));
    return {
      async call(job, abort) {
        abort?.addEventListener("abort", () => void worker.terminate());
        return await proxy[job]();
      },
      async close() {
        proxy[releaseProxy]();
        await worker.terminate();
      },
    };
  },
};
