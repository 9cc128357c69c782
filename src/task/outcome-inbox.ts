/** Outcomes that the reaper sends to this thread, and the handles that expect them. */
import { type TaskId, keyOfTask } from "../sync/board.ts";
import { isHere } from "../memory/region-table.ts";
import type { ToThread } from "../sync/messages.ts";
import { BufferOnItsWay } from "../sync/on-its-way.ts";
import { requireHere } from "../sync/supplied.ts";
import { isOutcomePostponed, onMessage, tellReaper } from "../sync/thread.ts";

/** The message with which a spawner is told how its task has ended. */
export type OutcomeMessage = Extract<ToThread, { kind: "outcome" }>;

const expected = new Map<string, (message: OutcomeMessage) => void>();

/** Calls `learn` with the outcome of a task when it comes into the inbox. */
export function expectOutcome(id: TaskId, learn: (message: OutcomeMessage) => void): void {
  onMessage("outcome", deliver);
  expected.set(keyOfTask(id), learn);
}

/** Throws if the outcome of a task has come, but what it names has yet to come; else false: it has not. */
export function throwIfPostponed(id: TaskId): false {
  if (isOutcomePostponed(id)) throw new BufferOnItsWay(0);
  return false;
}

/** Whoever expected an outcome is gone. */
export function forgetOutcomes(): void {
  expected.clear();
}

function deliver(message: OutcomeMessage): void {
  const key = keyOfTask(message.task);
  const { parcel, report } = message;
  requireHere([...parcel.carries, ...(report?.carries ?? [])], isHere);
  expected.get(key)?.(message);
  expected.delete(key);
  if (parcel.carries.length > 0 || (report?.carries.length ?? 0) > 0) {
    tellReaper({ kind: "received", task: message.task });
  }
}
