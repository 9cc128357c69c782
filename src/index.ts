/**
 * The public names of quipe, grouped, and nothing else.
 *
 * What is not listed here may change without notice. This file imports neither `inspect`, `remote`
 * nor `cli`: the core stays small.
 */

// Tasks
export { spawn } from "./task/spawn.ts";
export type { SpawnOptions } from "./task/spawn.ts";
export { task } from "./task/entry.ts";
export type { ModuleFunction, TaskFunction } from "./task/entry.ts";
export { current } from "./task/current.ts";
export type { CurrentTask } from "./task/current.ts";
export { Task } from "./task/handle.ts";
export type { TaskState } from "./task/handle.ts";
export type { Outcome } from "./task/outcome.ts";

// Quipes
export { End } from "./quipe/end.ts";
export type { LaneStatistics, QuipeSize } from "./quipe/end.ts";
export type { WaitOptions } from "./sync/wait.ts";

// Shared memory
export { freeze } from "./memory/freeze.ts";

// Errors
export { QuipeBug, QuipeError } from "./errors.ts";
export type { QuipeErrorCode } from "./errors.ts";
