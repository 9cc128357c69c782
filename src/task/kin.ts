/**
 * The reaper's knowledge of scopes: which tasks belong to a scope of which task, and what of the one concerns
 * the others.
 *
 *   opener ──scope 1──▶ child, child           the opener is cancelled:  so are they, unless it shielded them
 *          ──scope 2──▶ child ──▶ grandchild   the opener has ended:     scope 2 is killed and buried, then scope 1,
 *                                              and only then the opener
 *
 * A task that ends has nothing more to say to anybody while it waits for the burial of its children; since each of
 * them is fenced and buried like any other task, the innermost are first by themselves. Tasks that belong to no
 * scope outlive their spawner.
 */
import { type TaskId, isSameTask } from "../sync/board.ts";
import type { Parcel } from "../sync/messages.ts";
import type { Dead, Ending } from "./burial.ts";
import type { Living, Roster } from "./roster.ts";

/** A cancel, as it goes down to the children. */
export interface Cancel {
  readonly reason: Parcel;
  readonly graceMs: number | undefined;
}

/** A task whose end is decided, and which is buried after its children. */
interface Waiting {
  readonly dead: Dead;
  readonly ending: Ending;
}

/** Who waits for whom. Only the reaper has one. */
export class Kin {
  readonly #roster: Roster;
  readonly #waiting = new Map<number, Waiting>();
  readonly #cancels = new Map<number, Cancel>();

  constructor(roster: Roster) {
    this.#roster = roster;
  }

  /** The tasks in the scopes of `opener` that a cancel of it concerns. */
  underCancelOf(opener: TaskId): Living[] {
    return [...this.#of(opener)].filter(({ start }) => !start.isShielded);
  }

  /** Remembers with what a task was cancelled, for children that are still to come. */
  cancelled({ slot }: TaskId, cancel: Cancel): void {
    if (!this.#cancels.has(slot)) this.#cancels.set(slot, cancel);
  }

  /** The cancel that a new child of `opener` comes too late for. */
  cancelOf({ slot }: TaskId): Cancel | undefined {
    return this.#cancels.get(slot);
  }

  /** The children of a dead task that have to go next: those in its innermost scope. */
  innermostOf(opener: TaskId): Living[] {
    const all = [...this.#of(opener)];
    const innermost = Math.max(...all.map(({ start }) => start.scope ?? 0));
    return all.filter(({ start }) => start.scope === innermost);
  }

  /** A dead task is buried after its children. */
  wait(dead: Dead, ending: Ending): void {
    this.#waiting.set(dead.start.task.slot, { dead, ending });
  }

  /** The thread of a task that waits, and was given up, has ended after all; false if none waits. */
  stopped({ slot }: TaskId): boolean {
    const waiting = this.#waiting.get(slot);
    if (waiting === undefined) return false;
    this.#waiting.set(slot, { ...waiting, ending: { ...waiting.ending, stopped: true } });
    return true;
  }

  /** A task is buried: who opened its scope and waited for that, if anybody did. */
  buried({ task, spawner }: Dead["start"]): Waiting | undefined {
    this.#cancels.delete(task.slot);
    const waiting = this.#waiting.get(spawner.slot);
    if (waiting === undefined || !isSameTask(waiting.dead.start.task, spawner)) return undefined;
    this.#waiting.delete(spawner.slot);
    return waiting;
  }

  *#of(opener: TaskId): Iterable<Living> {
    for (const living of this.#roster.all()) {
      const { start } = living;
      if (start.scope !== undefined && isSameTask(start.spawner, opener)) yield living;
    }
  }
}
