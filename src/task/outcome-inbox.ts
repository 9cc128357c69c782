/** Outcomes that the reaper sends to this thread, and the handles that expect them. */
import { type TaskId, keyOfTask } from "../sync/board.ts";
import type { ToThread } from "../sync/messages.ts";
import { onMessage, tellReaper } from "../sync/thread.ts";

/** The message with which a spawner is told how its task has ended. */
export type OutcomeMessage = Extract<ToThread, { kind: "outcome" }>;

const expected = new Map<string, (message: OutcomeMessage) => void>();

/** Calls `learn` with the outcome of a task when it comes into the inbox. */
export function expectOutcome(id: TaskId, learn: (message: OutcomeMessage) => void): void {
  onMessage("outcome", deliver);
  expected.set(keyOfTask(id), learn);
}

/** Whoever expected an outcome is gone. */
export function forgetOutcomes(): void {
  expected.clear();
}

function deliver(message: OutcomeMessage): void {
  const key = keyOfTask(message.task);
  expected.get(key)?.(message);
  expected.delete(key);
  const { parcel, report } = message;
  if (parcel.carries.length > 0 || (report?.carries.length ?? 0) > 0) {
    tellReaper({ kind: "received", task: message.task });
  }
}
