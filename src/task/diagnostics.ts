/**
 * What tools may hear of tasks, by `node:diagnostics_channel`, on the thread that spawns them.
 *
 *   spawn() ──▶ quipe:task:spawn        its thread begins ──▶ quipe:task:start
 *   its outcome is known here ──▶ quipe:task:end, and quipe:task:death if it did not end by itself
 *
 * Nobody who listens counts as having asked for the outcome. Without subscribers, four properties are looked at.
 */
import { diagnosticsChannel } from "../runtime/host.ts";
import { BlockedOn, keyOfTask } from "../sync/board.ts";
import type { Entry, Start } from "../sync/messages.ts";
import { watch } from "../sync/wait.ts";
import { subscribe } from "./events.ts";
import { type Life, beganAt, endedAt, openLife, spawnedAt } from "./life.ts";
import type { Outcome } from "./outcome.ts";

/** A task as diagnostics tell of it: the same object in all that is published of it on one thread. */
export interface TracedTask {
  /** Different for each task of the process. */
  readonly id: string;
  readonly name: string;
  /** The module and the name in it, as `file:///app/routes.js#findRoute`; `inline` for an inline function, `worker` for one of a `Worker` of the program. */
  readonly entry: string;
  /** The id of the task that spawned it; of the main thread `0.1`. */
  readonly spawner: string;
}

/** Something that happened to a task. */
export interface TaskDiagnostic {
  readonly task: TracedTask;
  /** When, in milliseconds since 1970. */
  readonly atMs: number;
}

/** That a task has ended. */
export interface TaskEndDiagnostic extends TaskDiagnostic {
  readonly spawnedAtMs: number;
  /** Undefined if it never began. */
  readonly startedAtMs: number | undefined;
  readonly outcome: Outcome;
}

/**
 * What is published on which channel of `node:diagnostics_channel`, on the thread that spawned the task: `spawn` in the
 * call, `start` when the task has begun, `end` when its outcome is known, whatever that is, and then `death` if it was
 * killed or crashed. Calls on a pool are no tasks; its workers are. Listening does not count as asking for the outcome.
 *
 * @example
 * ```ts
 * import diagnostics from "node:diagnostics_channel";
 * import { spawn, type TaskDiagnostics } from "quipe";
 *
 * const adding = spawn(function sum(a: number, b: number) {
 *   return a + b;
 * }, [2, 3]);
 * // Bun forgets who subscribed to a channel that nobody holds; quipe holds its channels from the first spawn on.
 * diagnostics.subscribe("quipe:task:end", (message) => {
 *   const { task, outcome } = message as TaskDiagnostics["quipe:task:end"];
 *   console.log(task.name, outcome.kind);
 * });
 * await adding.result;
 * // prints: sum done
 * ```
 */
export interface TaskDiagnostics {
  readonly "quipe:task:spawn": TaskDiagnostic;
  readonly "quipe:task:start": TaskDiagnostic;
  readonly "quipe:task:end": TaskEndDiagnostic;
  readonly "quipe:task:death": TaskEndDiagnostic;
}

const CHANNELS = [
  "quipe:task:spawn",
  "quipe:task:start",
  "quipe:task:end",
  "quipe:task:death",
] as const satisfies readonly (keyof TaskDiagnostics)[];

type ChannelName = keyof TaskDiagnostics;

const tracedTasks = new WeakMap<Start, TracedTask>();
/** Tasks of which `start` is still to be told. */
const unbegun = new WeakSet<Start>();

/** Tells that a task was spawned, and sees to it that its start is told. */
export function traceSpawn(start: Start, life: Life): void {
  for (const name of CHANNELS) diagnosticsChannel(name); // kept from here on, whoever subscribes first
  if (isHeard("quipe:task:spawn")) {
    publish("quipe:task:spawn", { task: traced(start), atMs: spawnedAt(life) });
  }
  if (!isHeard("quipe:task:start")) return;
  unbegun.add(start);
  const stop = subscribe(life); // before the look: what begins after it rings
  const look = (): boolean => {
    if (!traceStart(start)) return false;
    stop();
    return true;
  };
  watch(look, {
    code: BlockedOn.other,
    text: `the start of the task "${start.name}"`,
  }).release();
}

/** Tells that a task has ended; and before, if that was not told, that it had begun. */
export function traceEnd(start: Start, outcome: Outcome): void {
  traceStart(start);
  unbegun.delete(start);
  const isDeath = outcome.kind === "killed" || outcome.kind === "crashed";
  for (const name of ["quipe:task:end", "quipe:task:death"] as const) {
    if (!isHeard(name) || (name === "quipe:task:death" && !isDeath)) continue;
    const life = openLife(start.quipe);
    publish(name, {
      task: traced(start),
      atMs: endedAt(life),
      spawnedAtMs: spawnedAt(life),
      startedAtMs: beganAt(life),
      outcome,
    });
  }
}

/** Whether the start of the task need not be looked for any more. */
function traceStart(start: Start): boolean {
  if (!unbegun.has(start)) return true;
  const atMs = beganAt(openLife(start.quipe));
  if (atMs === undefined) return false;
  unbegun.delete(start);
  publish("quipe:task:start", { task: traced(start), atMs });
  return true;
}

function isHeard(name: ChannelName): boolean {
  return diagnosticsChannel(name)?.hasSubscribers ?? false;
}

function publish<Name extends ChannelName>(name: Name, message: TaskDiagnostics[Name]): void {
  diagnosticsChannel(name)?.publish(message);
}

function traced(start: Start): TracedTask {
  const known = tracedTasks.get(start);
  if (known !== undefined) return known;
  const { task, spawner, name, entry } = start;
  const id = keyOfTask(task);
  const made = { id, name, entry: textOf(entry), spawner: keyOfTask(spawner) };
  tracedTasks.set(start, made);
  return made;
}

function textOf(entry: Entry): string {
  switch (entry.kind) {
    case "source":
      return "inline";
    case "registered":
      return `${entry.url}#${entry.key}`;
    case "export":
      return `${entry.url}#${entry.name}`;
    case "guest":
      return entry.name === undefined ? "worker" : `worker#${entry.name}`;
  }
}
