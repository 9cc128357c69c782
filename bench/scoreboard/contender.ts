/**
 * What every package on the board is wrapped in. A wrapper uses its package as the package's own
 * documentation says, with one thread, and adds nothing that the package does not do by itself.
 */
import type { JobName } from "./workers/jobs.ts";

/** A package that takes part. */
export interface Contender {
  /** Its name on npm. */
  readonly package: string;
  /** What its documentation says for stopping a running call, in a few words. */
  readonly stopsBy: string;
  /** True if that also closes the caller, so that a new one is opened for the next call. */
  readonly stopClosesCaller?: boolean;
  /** Opens a pool of one thread, or the nearest thing that the package has. */
  open(options: OpenOptions): Promise<Caller>;
  /** False if a limit on the memory of a thread cannot be handed to the package. */
  readonly limitsMemory: boolean;
  /**
   * A thread ends its process between the two writes of a pair that a lock of the package guards. Then takes
   * the lock and gives the pair. Undefined: the package has no locks.
   */
  readonly pairAfterHolderExits?: () => Promise<readonly [number, number]>;
  /** Calls and blocks the thread until the answer is there. Undefined: its calls are asynchronous. */
  readonly callBlocking?: (job: JobName) => unknown;
}

/** How a caller is opened. */
export interface OpenOptions {
  /** Limit of the thread's old generation in MB. */
  readonly memoryMb?: number;
  /** A call of it is going to be aborted. */
  readonly willAbort?: boolean;
}

/** An open pool. */
export interface Caller {
  /** Runs a job on the thread. `abort` is translated into the package's own way if it takes no signal. */
  call(job: JobName, abort?: AbortSignal): Promise<unknown>;
  /** Closes the pool as documented. */
  close(): Promise<unknown>;
}

/** The URL of a compiled file of bench/scoreboard/workers. */
export function workerUrl(name: string): URL {
  return new URL(`./workers/${name}.js`, import.meta.url);
}
