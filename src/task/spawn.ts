/** Starting work on another thread. */
import { given } from "../errors.ts";
import { type Traveller, comeBack, depart } from "../memory/travellers.ts";
import type { Namespace } from "../namespace/namespace.ts";
import { openEnd } from "../quipe/sides.ts";
import { ENDS } from "../quipe/ends-layout.ts";
import { takeHandle } from "../quipe/handles.ts";
import { QuipeMemory, type QuipeSize, createQuipe } from "../quipe/quipe-memory.ts";
import type { Shareable } from "../memory/shareable.ts";
import { type Board, type TaskId, claimSlot } from "../sync/board.ts";
import { nextBufferId } from "../sync/buffers.ts";
import type { Parcel, Start } from "../sync/messages.ts";
import type { ToReaper } from "../sync/requests.ts";
import { tellReaper, thisThread } from "../sync/thread.ts";
import { throwIfStopped } from "../sync/wait.ts";
import { callSite } from "./call-site.ts";
import { contextsHere } from "./context.ts";
import { traceEnd, traceSpawn } from "./diagnostics.ts";
import { type ModuleFunction, type TaskFunction, entryOf } from "./entry.ts";
import { Guest, portsIn } from "./guest.ts";
import type { WorkerFunction } from "./own-worker.ts";
import { Task } from "./handle.ts";
import { extrasOf, namesGiven, packHanded } from "./handed-names.ts";
import { beginLife } from "./life.ts";
import { type Limits, boundsOf, obey } from "./limits.ts";
import type { Outcome } from "./outcome.ts";
import { ensureReaper } from "./root.ts";

/** How {@link spawn} starts a task. */
export interface SpawnOptions extends QuipeSize, Limits {
  /** What the task is called in errors and debuggers; the function's name unless said otherwise. */
  readonly name?: string | undefined;
  /**
   * Names for the task besides its arguments, sent as they are: an object, or a namespace, of which the task gets what is
   * bound there now. An inline function finds them as constants of these names, every task in `current().names`. They
   * are locked for the task: assigning to one throws `name-locked`, in inline functions already here.
   *
   * @example
   * ```ts
   * import { freeze, namespace, spawn } from "quipe";
   *
   * const graph = freeze({ nodes: ["a", "b"] });
   * const rate = 3;
   * const names = namespace({ graph, rate });
   * console.log(await spawn(() => graph.nodes.length * rate, [], { names }).result); // 6
   * ```
   */
  readonly names?: Readonly<Record<string, unknown>> | Namespace<object> | undefined;
  /**
   * Limits of the thread's heap, as of `new Worker`; such a task gets a thread of its own. Ignored by Bun. With
   * `maxOldGenerationSizeMb` alone the young generation is limited to 32 MB, so that what is exhausted is the
   * thread and not the program.
   */
  readonly resourceLimits?:
    | {
        readonly maxOldGenerationSizeMb?: number;
        readonly maxYoungGenerationSizeMb?: number;
        readonly codeRangeSizeMb?: number;
        readonly stackSizeMb?: number;
      }
    | undefined;
}

/**
 * Runs a function on another thread and returns its task at once. `what` is a function made by `task`, a
 * function that closes over nothing, `{ module, export }` or `{ worker, task }`. Arguments are copied; frozen objects go by
 * reference. Throws `not-isolated`, `not-sendable`, `too-many-tasks` or `cancelled`, and then nothing was
 * started. If the thread dies, `task.result` rejects with `killed` or `crashed`; it never stays pending. A task whose
 * deadline has passed, or whose signal is aborted already, is born cancelled.
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
  what: ModuleFunction | WorkerFunction,
  args?: readonly unknown[],
  options?: SpawnOptions,
): Task<Result>;
export function spawn(
  what: TaskFunction<never[], unknown> | ModuleFunction | WorkerFunction,
  args: readonly unknown[] = [],
  options: SpawnOptions = {},
): Task {
  return startTask({ what, args, options, caller: spawn });
}

/** What a task is started from. */
export interface TaskPlan {
  readonly what: TaskFunction<never[], unknown> | ModuleFunction | WorkerFunction;
  readonly args: readonly unknown[];
  readonly options: SpawnOptions;
  /** The function that the user called; the stack of the task begins with who called that. */
  readonly caller: (...args: never[]) => unknown;
  /** The scope that the task belongs to. */
  readonly membership?: Membership;
}

/** What a scope adds to the start of a task. */
export interface Membership extends Pick<Start, "scope" | "isShielded"> {
  /** When the scope has to be over. */
  readonly deadline: number;
  /** Why nothing may begin in it any more. */
  readonly stillborn: Parcel | undefined;
  readonly onOutcome: (outcome: Outcome) => void;
}

/** Starts a task, in a scope or in none. */
export function startTask({ what, args, options, caller, membership }: TaskPlan): Task {
  if (membership === undefined) throwIfStopped();
  checkThread(options);
  const names = namesGiven(options.names);
  const entry = entryOf(what, Object.keys(names));
  if (!Array.isArray(args))
    throw new TypeError("Expected the arguments of the task as an array: spawn(fn, [a, b]).");
  const bounds = boundsOf(options, membership?.deadline);
  ensureReaper();
  const name = options.name ?? nameOfFunction(what);
  const quipe = createQuipe(options);
  const thread = thisThread();
  const handed = { args, names, contexts: contextsHere() };
  const { parcel, moves } = packHanded(handed);
  const guest = "worker" in what ? guestFor(what, moves) : undefined;
  const id = slotFor(thread.board, moves, guest);
  handOutEnds(quipe, { spawner: thread.task, task: id });
  const start: Start = {
    task: id,
    spawner: thread.task,
    name: name === "" ? "a task" : name,
    entry,
    arguments: parcel,
    ...extrasOf(handed),
    quipe,
    resourceLimits: options.resourceLimits,
    ...bounds,
    scope: membership?.scope,
    isShielded: membership?.isShielded,
    stillborn: bounds.stillborn ?? membership?.stillborn,
  };
  const life = beginLife(quipe, id);
  let deaf = (): void => {};
  const task = new Task({
    id,
    name: start.name,
    life,
    spawnedAt: callSite(caller),
    openEnd: (explain) => openEnd(quipe, 0, explain),
    onOutcome: (outcome) => {
      deaf();
      traceEnd(start, outcome);
      membership?.onOutcome(outcome);
    },
  });
  deaf = obey(options.signal, task, bounds.graceMs);
  const ports = guest?.enrol(id);
  const message: ToReaper = { kind: "spawn", guest: ports, start };
  tellReaper(message, ports === undefined ? [] : portsIn(ports));
  depart(moves);
  traceSpawn(start, life);
  return task;
}

/** The first handle of side 0 is the spawner's, that of side 1 the task's. */
function handOutEnds(
  quipe: SharedArrayBuffer,
  { spawner, task }: { readonly spawner: TaskId; readonly task: TaskId },
): void {
  const memory = new QuipeMemory(quipe);
  memory.words[ENDS.ID] = nextBufferId();
  takeHandle(memory, 0, spawner.slot);
  takeHandle(memory, 1, task.slot);
}

/** A thread with less ends the whole process on some runtimes, not only its task. */
const LEAST_LIMITS_MB: Readonly<Record<string, number>> = {
  maxOldGenerationSizeMb: 8,
  stackSizeMb: 0.5,
};

/** Throws for what the reaper could not start a thread with. */
export function checkThread(options: Pick<SpawnOptions, "name" | "resourceLimits">): void {
  if (typeof options !== "object" || options === null)
    throw new TypeError(`Expected the options of a task, got ${given(options)}.`);
  const { name, resourceLimits } = options;
  if (name !== undefined && typeof name !== "string")
    throw new TypeError(`Expected \`name\` to be a string, got ${given(name)}.`);
  for (const [limit, value] of Object.entries(resourceLimits ?? {})) {
    const least = LEAST_LIMITS_MB[limit] ?? 0;
    if (typeof value === "number" && value >= least) continue;
    throw new RangeError(
      `Expected \`resourceLimits.${limit}\` to be at least ${least} MB, got ${given(value)}.`,
    );
  }
}

/** A slot for a task that the regions in `moves` are on their way to; they come back if there is none. */
function slotFor(board: Board, moves: readonly Traveller[], guest: Guest | undefined): TaskId {
  try {
    return claimSlot(board, thisThread().task.slot);
  } catch (error) {
    comeBack(moves);
    guest?.end();
    throw error;
  }
}

/** The worker of the program's own making for a task; what was to move comes back if there is none. */
function guestFor(what: WorkerFunction, moves: readonly Traveller[]): Guest {
  try {
    return Guest.make(what);
  } catch (error) {
    comeBack(moves);
    throw error;
  }
}

function nameOfFunction(what: TaskPlan["what"]): string {
  if (typeof what === "function") return typeof what.name === "string" ? what.name : "";
  return "worker" in what ? (what.task ?? "") : (what.export ?? "default");
}
