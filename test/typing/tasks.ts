/**
 * The types of tasks, pools and errors, as a program meets them. Compiled with everything else, and from the packed
 * package: an expectation that does not hold fails. Nothing here runs, and nothing here needs the types of a runtime.
 */
import {
  type Blocked,
  type CallLimits,
  type ContextStorage,
  type CurrentTask,
  type End,
  type Limits,
  type MapOptions,
  type ModuleFunction,
  type Outcome,
  type OwnWorker,
  Pool,
  type PoolOptions,
  type PoolStatistics,
  QuipeBug,
  QuipeError,
  type QuipeErrorCode,
  type RunOptions,
  Scope,
  type ScopeOptions,
  type SpawnOptions,
  Task,
  type TaskDiagnostics,
  type TaskEvent,
  type TaskFunction,
  type TaskState,
  type TaskStatistics,
  type TimeLimit,
  type WaitOptions,
  type WorkerFunction,
  carryContext,
  current,
  map,
  pool,
  scope,
  shield,
  spawn,
  task,
} from "../../src/index.ts";

export async function tasks(signal: AbortSignal): Promise<void> {
  const limits: Limits = { timeoutMs: 5, graceMs: 1, signal };
  const options: SpawnOptions = { name: "adder", resourceLimits: { stackSizeMb: 4 }, ...limits };
  const add: TaskFunction<[number, number], number> = (a, b) => a + b;
  const adding: Task<number> = spawn(add, [1, 2], options);
  const sum: number = await adding.result;
  const again: number = adding.resultSync({ timeoutMs: 10 });
  const state: TaskState = adding.state;
  const blocked: Blocked = adding.blockedOn;
  const numbers: TaskStatistics = adding.statistics();
  const stopped: boolean = await adding.kill("enough");
  for (const value of [sum, again, state, blocked, numbers, stopped, Task]) void value;
  const outcome: Outcome<number> = await adding.outcome;
  if (outcome.kind === "done") void (outcome.value satisfies number);
  for await (const event of adding.events) void (event satisfies TaskEvent<number>);
  const place: ModuleFunction = { module: "./adder.js", export: "add" };
  const unknown: unknown = await spawn(place, [1]).result;
  void unknown;
  spawn(() => 1);
  // @ts-expect-error -- an argument is missing
  spawn(add, [1]);
  // @ts-expect-error -- an argument of another type
  spawn(add, [1, "2"]);
  // @ts-expect-error -- a function cannot be sent
  spawn((fn: () => void) => fn(), [() => {}]);
  // @ts-expect-error -- no such option
  spawn(() => 1, [], { timeout: 5 });
  // @ts-expect-error -- the outcome may be none that has a value
  void outcome.value;
}

export function workers(worker: OwnWorker): void {
  const what: WorkerFunction = { worker: () => worker, task: "double" };
  const doubling: Task<number> = spawn<number>(what, [2]);
  void doubling;
  task("file:///here.js", (n: number) => n * 2, "double");
  // @ts-expect-error -- a worker, and not its maker
  spawn({ worker });
}

export async function inside(storage: ContextStorage<string>): Promise<void> {
  carryContext("request", storage);
  const here: CurrentTask<string, number> = current<string, number>();
  const end: End<string, number> = here.quipe;
  await end.send(here.name);
  const left: number = here.timeLeftMs;
  here.checkpoint();
  here.progress({ left });
  const limit: TimeLimit = { deadline: here.deadline };
  const tidied: string = shield(() => "tidied", limit);
  const later: Promise<number> = shield(async () => await end.receive(), { timeoutMs: 5 });
  void [tidied, later, here.signal satisfies AbortSignal];
  // @ts-expect-error -- a shield has a limit
  shield(() => 1);
  // @ts-expect-error -- the end takes texts
  await end.send(1);
}

export async function scopes(options: ScopeOptions): Promise<void> {
  const sum: number = await scope(async (s) => await s.spawn((a: number) => a + 1, [1]).result);
  const open: Scope = scope({ policy: "race", ...options });
  const outcomes: readonly Outcome[] = await open.join();
  open.cancel("late", { graceMs: 1 });
  void [sum, outcomes, Scope];
  // @ts-expect-error -- no such policy
  void scope({ policy: "any" });
}

export async function pools(limits: CallLimits, options: PoolOptions): Promise<void> {
  const crew: Pool = pool({ size: 2, ...options });
  const run: RunOptions = { ...limits };
  const square: number = await crew.run((n: number) => n * n, [3], run);
  const numbers: PoolStatistics = crew.statistics();
  const mapping: MapOptions<{ by: number }, number> = { shared: { by: 2 }, concurrency: 2 };
  const scale = (n: number, shared: { readonly by: number }): number => n * shared.by;
  for await (const n of map(scale, [1, 2], mapping)) void (n satisfies number);
  for await (const n of crew.map((value: number) => `${value}`, [1])) void (n satisfies string);
  await crew.close();
  void [square, numbers, Pool];
  // @ts-expect-error -- an argument of another type
  await crew.run((n: number) => n, ["3"]);
  // @ts-expect-error -- records of another type
  map((n: number) => n, ["1"]);
}

export function errors(error: unknown, wait: WaitOptions, told: TaskDiagnostics): string {
  void [wait.signal, told["quipe:task:end"]];
  if (error instanceof QuipeBug) return error.message;
  if (!(error instanceof QuipeError)) return "another";
  const code: QuipeErrorCode = error.code;
  // @ts-expect-error -- no such code
  if (code === "exploded") return "never";
  return code;
}
