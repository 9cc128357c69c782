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
export type { OwnWorker, WorkerFunction } from "./task/own-worker.ts";
export { carryContext } from "./task/context.ts";
export type { ContextStorage } from "./task/context.ts";
export { current } from "./task/current.ts";
export type { TaskDiagnostics } from "./task/diagnostics.ts";
export type { CurrentTask } from "./task/current.ts";
export { Scope, scope } from "./task/scope.ts";
export type { ScopeOptions } from "./task/scope-options.ts";
export { shield } from "./task/shield.ts";
export type { Limits } from "./task/limits.ts";
export { Task } from "./task/handle.ts";
export type { TaskState } from "./task/handle.ts";
export type { TaskEvent } from "./task/events.ts";
export type { Blocked, TaskStatistics } from "./task/statistics.ts";
export type { Outcome } from "./task/outcome.ts";

// Quipes
export { quipe } from "./task/quipe.ts";
export type { QuipeOptions } from "./quipe/quipe.ts";
export type { Undelivered } from "./quipe/losses.ts";
export { End } from "./quipe/end.ts";
export { QuipeRequest } from "./quipe/request.ts";
export type { PeerState } from "./quipe/peer-state.ts";
export { select, selectSync, trySelect } from "./quipe/select.ts";
export type { Cases, CaseValue, Chosen, SelectOptions, Selected } from "./quipe/select.ts";
export type { Selectable } from "./quipe/case.ts";
export { after } from "./quipe/after.ts";
export { sending } from "./quipe/sending.ts";
export { until } from "./quipe/until.ts";
export type { LaneStatistics } from "./quipe/lane-statistics.ts";
export type { QuipeSize } from "./quipe/quipe-memory.ts";
export type { WaitOptions } from "./sync/wait.ts";
export type { TimeLimit } from "./sync/deadline.ts";

// Shared memory
export { freeze, freezeAll } from "./memory/freeze.ts";
export type { FreezeOptions, FrozenAll } from "./memory/freeze.ts";
export { compact } from "./memory/settling.ts";
export { isFrozen, isShared, plain, share } from "./memory/share.ts";
export { hold, scan } from "./memory/scan.ts";
export { thaw, tryThaw } from "./memory/thaw.ts";
export { move } from "./memory/move.ts";
export { release } from "./memory/release.ts";
export { load } from "./memory/load.ts";
export type { ImageSource } from "./memory/load.ts";
export { save } from "./memory/save.ts";
export type { ImageTarget, NodeWritable } from "./memory/save.ts";
export { anything, bool, f64, i32, ref, str, strOrNull, struct } from "./memory/structs.ts";
export type { StructClass, StructField, StructFields, StructValues } from "./memory/structs.ts";
export { Guard, guard, update, updateSync } from "./memory/guard.ts";
export type { AnyGuard, Guarded } from "./memory/guard.ts";
export { describe } from "./memory/describe.ts";
export type { Description, RegionDescription } from "./memory/describe.ts";
export type { NamesDescription } from "./memory/references.ts";
export { checkStructs } from "./memory/struct-guards.ts";
export { registerClass } from "./memory/classes.ts";
export { SharedNumbers } from "./memory/shared-bytes.ts";
export type { Frozen } from "./memory/frozen.ts";
export type { CannotBeShared, Shareable } from "./memory/shareable.ts";
export type { CursorOf } from "./memory/scan.ts";
export type { Thawed } from "./memory/thaw.ts";

// Names
export { child, namespace, rebindable } from "./namespace/namespace.ts";
export type { Namespace } from "./namespace/namespace.ts";
export { adopt, isLocked, lock, publish, reopen, unlock } from "./namespace/locks.ts";
export { compareAndSet, rebind, unbind } from "./namespace/rebind.ts";
export { reader, snapshot } from "./namespace/snapshot.ts";
export { bound, rebound, whenBound, whenRebound } from "./namespace/waiting.ts";

// Many calls
export { Pool, pool } from "./pool/pool.ts";
export type { PoolOptions, PoolStatistics, RunOptions } from "./pool/pool.ts";
export type { CallLimits } from "./pool/call.ts";
export { map } from "./pool/map.ts";
export type { MapOptions } from "./pool/map.ts";

// Errors
export { QuipeBug, QuipeError } from "./errors.ts";
export type { QuipeErrorCode } from "./errors.ts";
