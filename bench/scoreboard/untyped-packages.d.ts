/** What the board uses of modules whose packages lead the compiler to no declarations. */

declare module "comlink/dist/esm/node-adapter.mjs" {
  import type { Endpoint } from "comlink";
  import type { MessagePort, Worker } from "node:worker_threads";
  const nodeEndpoint: (port: MessagePort | Worker) => Endpoint;
  export default nodeEndpoint;
}

declare module "threads" {
  export interface WorkerOptions {
    readonly resourceLimits?: { readonly maxOldGenerationSizeMb?: number };
  }
  export interface ThreadPool<Thread> {
    queue<Result>(task: (thread: Thread) => Promise<Result>): PromiseLike<Result>;
    terminate(force?: boolean): Promise<void>;
  }
  export class Worker {
    constructor(path: string, options?: WorkerOptions);
  }
  export function spawn<Thread>(worker: Worker): Promise<Thread>;
  export function Pool<Thread>(start: () => Promise<Thread>, size: number): ThreadPool<Thread>;
}

declare module "threads/worker" {
  export function expose(jobs: Readonly<Record<string, () => unknown>>): void;
}
