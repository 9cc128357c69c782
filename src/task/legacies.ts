/**
 * What dead tasks left for their spawners to receive: their outcome, and the last items in the lane to
 * the spawner. Both may name shared buffers, which must live until the spawner has them or is dead too.
 */
import { lanesOf } from "../quipe/quipe-memory.ts";
import { idsCarried } from "../quipe/lane-contents.ts";
import type { Lane } from "../quipe/lane-memory.ts";
import { type TaskId, keyOfTask } from "../sync/board.ts";
import type { Start } from "../sync/messages.ts";
import type { Roster } from "./roster.ts";

interface Legacy {
  readonly spawner: TaskId;
  /** The shared buffers that its outcome names, until the spawner has the outcome. */
  outcome: readonly number[];
  /** The lane in which the last items of the dead lie. */
  readonly lane: Lane;
}

/** Legacies by task. Only the reaper has one. */
export class Legacies {
  readonly #legacies = new Map<string, Legacy>();

  /** `outcome`: the shared buffers that what the spawner is told names. */
  leave({ task, spawner, quipe }: Start, outcome: readonly number[]): void {
    const [, lane] = lanesOf(quipe);
    this.#legacies.set(keyOfTask(task), { spawner, outcome, lane });
  }

  /** The spawner has the outcome; what that named is no longer carried by it. */
  outcomeReceived(task: TaskId): readonly number[] {
    const legacy = this.#legacies.get(keyOfTask(task));
    if (legacy === undefined) return [];
    const { outcome } = legacy;
    legacy.outcome = [];
    return outcome;
  }

  /** Forgets what nobody needs any more: taken, or left to a task that is dead, perhaps longer than who left it. Returns what that named. */
  settle(roster: Roster): number[] {
    const gone: number[] = [];
    for (const [key, legacy] of this.#legacies) {
      const ids = idsOf(legacy);
      if (ids.length > 0 && roster.isAlive(legacy.spawner)) continue;
      this.#legacies.delete(key);
      gone.push(...ids);
    }
    return gone;
  }

  /** The shared buffers that legacies name. */
  *idsCarried(): Iterable<number> {
    for (const legacy of this.#legacies.values()) yield* idsOf(legacy);
  }
}

function idsOf({ outcome, lane }: Legacy): readonly number[] {
  return [...outcome, ...idsCarried(lane)];
}
