import { createSyncFn } from "synckit";
import { type Contender, workerUrl } from "../contender.ts";
import type { JobName } from "../workers/jobs.ts";

type Run = (job: JobName) => unknown;

/** How long a call may take that is to be stopped; there is no other way to stop one. */
const TIMEOUT_MS = 2000;

export const contender: Contender = {
  package: "synckit",
  stopsBy: "timeout",
  limitsMemory: false,
  async open({ willAbort }) {
    const options = willAbort === true ? { timeout: TIMEOUT_MS } : {};
    const run: Run = createSyncFn(workerUrl("synckit"), options);
    return {
      call: async (job) => run(job),
      close: async () => undefined, // its threads do not keep the process alive
    };
  },
  callBlocking: (job) => createSyncFn<Run>(workerUrl("synckit"))(job),
};
