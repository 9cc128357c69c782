/** Starting work on another thread. */
import { comeBack, depart } from "../memory/flight.ts";
import { openEnd } from "../quipe/end.ts";
import { type QuipeSize, createQuipe } from "../quipe/quipe.ts";
import type { Shareable } from "../memory/shareable.ts";
import type { Region } from "../memory/region.ts";
import { type Board, type TaskId, claimSlot } from "../sync/board.ts";
import { tellReaper, thisThread } from "../sync/thread.ts";
import { throwIfStopped } from "../sync/wait.ts";
import { type ModuleFunction, type TaskFunction, entryOf } from "./entry.ts";
import { Task } from "./handle.ts";
import { hasNames, namesGiven, packHanded } from "./handed-names.ts";
import { ensureReaper } from "./root.ts";

/** How {@link spawn} starts a task. */
export interface SpawnOptions extends QuipeSize {
  /** What the task is called in errors and debuggers; the function's name unless said otherwise. */
  readonly name?: string;
  /**
   * Names for the task besides its arguments, sent as they are. An inline function finds them as constants of these
   * names, every task in `current().names`.
   */
  readonly names?: Readonly<Record<string, unknown>>;
  /** Limits of the thread's heap, as of `new Worker`; such a task gets a thread of its own. Ignored by Bun. */
  readonly resourceLimits?: {
    readonly maxOldGenerationSizeMb?: number;
    readonly maxYoungGenerationSizeMb?: number;
    readonly codeRangeSizeMb?: number;
    readonly stackSizeMb?: number;
  };
}

/**
 * Runs a function on another thread and returns its task at once. `what` is a function made by `task`, a
 * function that closes over nothing, or `{ module, export }`. Arguments are copied; frozen objects go by
 * reference. Throws `not-isolated`, `not-sendable`, `too-many-tasks` or `cancelled`, and then nothing was
 * started. If the thread dies, `task.result` rejects with `killed` or `crashed`; it never stays pending.
 *
 * @example
 * ```ts
 * import { freeze, spawn } from "quipe";
 *
 * const prices = freeze({ apple: 3, pear: 4 });
 * const total = spawn((p: typeof prices, fruit: "apple" | "pear") => p[fruit] * 10, [prices, "pear"]);
 * console.log(await total.result); // 40
 * ```
 */
export function spawn<Args extends readonly unknown[], Result>(
  what: TaskFunction<Args, Result>,
  ...rest: Args extends readonly []
    ? [args?: Shareable<Args>, options?: SpawnOptions]
    : [args: Shareable<Args>, options?: SpawnOptions]
): Task<Awaited<Result>>;
export function spawn<Result = unknown>(
  what: ModuleFunction,
  args?: readonly unknown[],
  options?: SpawnOptions,
): Task<Result>;
export function spawn(
  what: TaskFunction<never[], unknown> | ModuleFunction,
  args: readonly unknown[] = [],
  options: SpawnOptions = {},
): Task {
  throwIfStopped();
  const names = namesGiven(options.names);
  const entry = entryOf(what, Object.keys(names));
  if (!Array.isArray(args))
    throw new TypeError("Expected the arguments of the task as an array: spawn(fn, [a, b]).");
  ensureReaper();
  const name =
    options.name ?? (typeof what === "function" ? what.name : (what.export ?? "default"));
  const quipe = createQuipe(options);
  const thread = thisThread();
  const { parcel, moves } = packHanded({ args, names });
  const id = slotFor(thread.board, moves);
  const task = new Task({
    id,
    name: name === "" ? "a task" : name,
    spawnedAt: callSite(),
    openEnd: (explain) => openEnd(quipe, 0, explain),
  });
  tellReaper({
    kind: "spawn",
    start: {
      task: id,
      spawner: thread.task,
      name: task.name,
      entry,
      arguments: parcel,
      hasNames: hasNames(names),
      quipe,
      resourceLimits: options.resourceLimits,
    },
  });
  depart(moves);
  return task;
}

/** A slot for a task that the regions in `moves` are on their way to; they come back if there is none. */
function slotFor(board: Board, moves: readonly Region[]): TaskId {
  try {
    return claimSlot(board);
  } catch (error) {
    comeBack(moves);
    throw error;
  }
}

/** Remembers the stack here; the text is made only when somebody reads it. */
function callSite(): { readonly stack?: string } {
  const site: { stack?: string } = {};
  if ("captureStackTrace" in Error) Error.captureStackTrace(site, spawn);
  return site;
}
