/** How a pool starts a worker: a task that serves calls until the pool is done with it. */
import { currentFrame, runInFrame } from "../sync/frames.ts";
import { whyStopped } from "../sync/wait.ts";
import { outsideContexts } from "../task/context.ts";
import { entryOf } from "../task/entry.ts";
import type { ModuleFunction, TaskFunction } from "../task/entry.ts";
import { type SpawnOptions, spawn } from "../task/spawn.ts";
import type { PooledFunction } from "./call.ts";
import { createCallWords } from "./call-words.ts";
import { type StartedWorker, type WorkerTask, workerQuipe } from "./pool-worker.ts";
import { serverTask } from "./server-task.ts";

/** What a pool's workers have in common. */
export interface WorkerPlan {
  readonly name: string;
  readonly heapBytes?: number | undefined;
  readonly resourceLimits?: SpawnOptions["resourceLimits"];
  /** Whether each gets a new thread, which ends with it, in place of a warm one. */
  readonly ownThreads?: boolean;
}

/**
 * Starts a worker. It outlives the scope or the shield in which it happens to be needed first, so what bounds it is
 * the task's own deadline; but in a task that was cancelled only a shield lets anything start.
 */
export function startWorker(plan: WorkerPlan): StartedWorker {
  const frame = whyStopped(undefined) === undefined ? undefined : currentFrame();
  return runInFrame(frame, () => outsideContexts(() => start(plan)));
}

function start(plan: WorkerPlan): StartedWorker {
  const words = createCallWords();
  const task = spawn(serverTask, [words, plan.heapBytes], {
    ...workerQuipe,
    name: plan.name,
    resourceLimits: plan.resourceLimits ?? (plan.ownThreads === true ? {} : undefined),
  });
  task.unref();
  return { task: task as unknown as WorkerTask, words };
}

/** What may be called on a pool. */
export type Callable = TaskFunction<never[], unknown> | ModuleFunction;

/** A function as workers are told of it, but for its number. Throws what `spawn` throws for it. */
export function describeFunction(what: Callable): Omit<PooledFunction, "number"> {
  const entry = entryOf(what); // throws for what is neither
  const name = typeof what === "function" ? what.name : (what.export ?? "default");
  return { entry, name: name === "" ? "a function" : name, making: undefined };
}
