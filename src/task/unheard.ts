/**
 * Failures that somebody has still to hear of. One is taken off the list when a task that has the handle says that it
 * was asked for it, and raised in the root task once nobody is left who could ask:
 *
 *   handle never sent   the spawner is dead
 *   handle sent         no task has it, and no message carries it
 *
 * A spawner that lives and never sent the handle raises the failure itself, and says so.
 */
import { QUIPE } from "../quipe/quipe-layout.ts";
import { type TaskId, isSameTask, keyOfTask } from "../sync/board.ts";
import type { Parcel, Publication, Start } from "../sync/messages.ts";
import type { Directory } from "./directory.ts";
import { isLife, taskOf } from "./life.ts";
import type { Roster } from "./roster.ts";

interface Failure {
  readonly start: Start;
  readonly parcel: Parcel;
  /** The number under which the directory has the handle; 0 if it was never sent. */
  sentAs: number;
}

/** Tells the root task of a failure that nobody else can hear of. */
export type Raise = (name: string, parcel: Parcel) => void;

/** The failures that nobody has heard of yet. Only the reaper has one. */
export class Unheard {
  readonly #failures = new Map<string, Failure>();
  readonly #directory: Directory;
  readonly #roster: Roster;
  readonly #raise: Raise;

  constructor(directory: Directory, roster: Roster, raise: Raise) {
    this.#directory = directory;
    this.#roster = roster;
    this.#raise = raise;
  }

  /** A task has failed. */
  add(start: Start, parcel: Parcel, sentAs: number): void {
    this.#failures.set(keyOfTask(start.task), { start, parcel, sentAs });
  }

  /** Somebody has asked for the failure of this task. */
  heard(task: TaskId): void {
    this.#failures.delete(keyOfTask(task));
  }

  /** A buffer was published: if it is the memory of a failed task, its handle travels from now on. */
  published({ id, buffer }: Pick<Publication, "id" | "buffer">): void {
    const words = new Int32Array(buffer, 0, Math.min(QUIPE.PINS, buffer.byteLength >> 2));
    if (words.length < QUIPE.PINS || !isLife(words)) return;
    const failure = this.#failures.get(keyOfTask(taskOf({ words })));
    if (failure !== undefined) failure.sentAs = id;
  }

  /** The task has died: what only it could have heard of is raised. */
  listenerDied(task: TaskId): void {
    for (const [key, { start, sentAs }] of this.#failures) {
      if (sentAs === 0 && isSameTask(start.spawner, task)) this.#lose(key);
    }
  }

  /** The directory has dropped something: failures whose handle nobody has any more are raised. */
  handlesDropped(): void {
    for (const [key, { sentAs }] of this.#failures) {
      if (sentAs !== 0 && this.#directory.isGone(sentAs)) this.#lose(key);
    }
  }

  /** Raises a failure at once if nobody is there already. */
  settle(task: TaskId): void {
    const failure = this.#failures.get(keyOfTask(task));
    if (failure === undefined) return;
    const { start, sentAs } = failure;
    const isLost =
      sentAs === 0 ? !this.#roster.isAlive(start.spawner) : this.#directory.isGone(sentAs);
    if (isLost) this.#lose(keyOfTask(task));
  }

  #lose(key: string): void {
    const failure = this.#failures.get(key);
    this.#failures.delete(key);
    if (failure !== undefined) this.#raise(failure.start.name, failure.parcel);
  }
}
