/**
 * A worker that the program makes itself, as {@link spawn} takes it. Its types are those of every runtime's workers, so
 * that who has the types of one runtime needs no other.
 */

/** What {@link spawn} needs of a worker: one of `node:worker_threads`, or of the same kind. */
export interface OwnWorker {
  /** Transferred are ports of the runtime that the worker is of; whatever its type says of them fits. */
  postMessage(message: unknown, transfer: never[]): void;
  terminate(): unknown;
}

/**
 * A worker made by the program, for {@link spawn}: for bundlers, which see a worker's file only where
 * `new Worker(new URL("./file.js", import.meta.url))` is written out.
 */
export interface WorkerFunction {
  /** Makes the worker; called once, at once. Its file marks functions with `task(import.meta.url, fn)`. */
  readonly worker: () => OwnWorker;
  /** The name of the function to run; may be left out if the file marks only one. */
  readonly task?: string;
}
