/** What can be told of a task at any time, from shared words alone. */
import { type Life, beganAt, endedAt, itemsOf, spawnedAt, threadOf } from "./life.ts";

/**
 * What a {@link Task} waits for, in words. `a shared buffer`: for the reaper, which hands it one, for a moment.
 */
export type Blocked =
  | "nothing"
  | "a quipe"
  | "a task"
  | "a guard"
  | "a select"
  | "a shared buffer"
  | "something else";

/** What {@link Task.statistics} tells. Times are in milliseconds since 1970. */
export interface TaskStatistics {
  readonly spawnedAtMs: number;
  /** Undefined until the task begins. */
  readonly startedAtMs: number | undefined;
  /** Undefined until the task is dead, and this thread knows it. */
  readonly endedAtMs: number | undefined;
  /** The number of its thread, as `threadId` of node:worker_threads; undefined until the task begins. */
  readonly threadId: number | undefined;
  /** How many items the task has sent to its spawner. */
  readonly sent: number;
  /** How many items from its spawner the task has received. */
  readonly received: number;
  readonly blockedOn: Blocked;
}

const TEXTS: readonly Blocked[] = [
  "nothing",
  "a quipe",
  "a task",
  "a shared buffer",
  "something else",
  "a guard",
  "a select",
];

/** A code of the board in words. */
export function blockedText(code: number): Blocked {
  return TEXTS[code] ?? "something else";
}

/** What the shared words of a task tell of it. */
export function statisticsOf(
  life: Life,
  { isDead, blockedOn }: { readonly isDead: boolean; readonly blockedOn: Blocked },
): TaskStatistics {
  const startedAtMs = beganAt(life);
  return {
    spawnedAtMs: spawnedAt(life),
    startedAtMs,
    endedAtMs: isDead ? endedAt(life) : undefined,
    threadId: startedAtMs === undefined ? undefined : threadOf(life),
    ...itemsOf(life),
    blockedOn,
  };
}
