/**
 * The reaper's timetable: when it has to cancel a task by itself, and when to kill one that was asked to stop.
 *
 *   start ──deadline──▶ cancel, for `timed-out` ──grace──▶ kill
 *                       any other cancel ────────grace──▶ kill          the earliest kill counts
 *
 * It is kept by the reaper, since all others may be blocked or computing when the time comes.
 */
import { QuipeError } from "../errors.ts";
import { toParcel } from "../quipe/parcels.ts";
import { type TaskId, keyOfTask } from "../sync/board.ts";
import { callAt, nowMs } from "../sync/deadline.ts";
import type { Parcel, Start } from "../sync/messages.ts";

/** What the timetable has done when a time has come. */
export interface TimetableOrders {
  cancel(task: TaskId, cancel: { readonly reason: Parcel; readonly graceMs: number }): void;
  kill(order: KillOrder): void;
}

/** Which task is to be killed, why, and who has it killed, in words. */
export interface KillOrder {
  readonly task: TaskId;
  readonly reason: Parcel;
  readonly by: string;
}

interface Times {
  cancelled: () => void;
  killed: () => void;
  killsAt: number;
}

/** The times of the tasks that are alive. Only the reaper has one. */
export class Timetable {
  readonly #orders: TimetableOrders;
  readonly #times = new Map<string, Times>();

  constructor(orders: TimetableOrders) {
    this.#orders = orders;
  }

  /** Keeps the deadline of a task, if it has one. */
  enter({ task, name, deadline, graceMs }: Start): void {
    if (deadline === Infinity) return;
    const times = this.#timesOf(task);
    times.cancelled();
    times.cancelled = callAt(deadline, () =>
      this.#orders.cancel(task, { reason: deadlinePassed(name), graceMs }),
    );
  }

  /** Has a task killed after so many milliseconds, unless that is to happen earlier already. */
  killAfter(graceMs: number, order: KillOrder): void {
    const killsAt = nowMs() + graceMs;
    const times = this.#timesOf(order.task);
    if (killsAt >= times.killsAt) return;
    times.killed();
    times.killsAt = killsAt;
    times.killed = callAt(killsAt, () => this.#orders.kill(order));
  }

  /** Forgets a task that has ended. */
  strike(task: TaskId): void {
    const times = this.#times.get(keyOfTask(task));
    times?.cancelled();
    times?.killed();
    this.#times.delete(keyOfTask(task));
  }

  #timesOf(task: TaskId): Times {
    const key = keyOfTask(task);
    const known = this.#times.get(key);
    if (known !== undefined) return known;
    const times: Times = { cancelled: () => {}, killed: () => {}, killsAt: Infinity };
    this.#times.set(key, times);
    return times;
  }
}

/** The reason of a cancel for want of time. */
function deadlinePassed(name: string): Parcel {
  return toParcel(new QuipeError("timed-out", `The deadline of the task "${name}" has passed.`));
}
