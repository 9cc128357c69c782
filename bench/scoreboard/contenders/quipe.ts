import { current, guard, spawn, task } from "../../../src/index.ts";
import { type Contender, workerUrl } from "../contender.ts";
import type { JobName } from "../workers/jobs.ts";

/** Time for a task to end by itself, once it was asked to. */
const GRACE_MS = 100;

interface Pair {
  first: number;
  second: number;
}

const exitBetweenWrites = task(
  import.meta.url,
  async function exitBetweenWrites(pair: GuardedPair) {
    await pair.update((data) => {
      data.first = 1;
      current().quipe.trySend("inside");
      process.exit(3);
    });
  },
);

type GuardedPair = ReturnType<typeof guard<Pair>>;

export const contender: Contender = {
  package: "quipe",
  stopsBy: "AbortSignal",
  limitsMemory: true,
  async open({ memoryMb }) {
    const options =
      memoryMb === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: memoryMb } };
    return {
      call: (job, signal) =>
        spawn(jobModule(job), [], {
          ...options,
          graceMs: GRACE_MS,
          ...(signal !== undefined && { signal }),
        }).result,
      close: async () => undefined, // idle threads do not keep the process alive
    };
  },
  async pairAfterHolderExits() {
    const pair = guard<Pair>({ first: 0, second: 0 });
    const holder = spawn(exitBetweenWrites, [pair]);
    void holder.outcome; // that it crashed is no surprise
    await holder.quipe.receive();
    return await pair.update((data) => [data.first, data.second] as const);
  },
  callBlocking: (job) => spawn(jobModule(job)).resultSync(),
};

function jobModule(job: JobName): { readonly module: URL; readonly export: string } {
  return { module: workerUrl("jobs"), export: job };
}
