/**
 * Ends that messages have just brought. They belong to this task for good once the message they came in is received,
 * that is, out of its lane: if the task dies before that, the message decides what becomes of them (handles.ts).
 */
import { type Handle, settle } from "./handles.ts";

const arrived: Handle[] = [];

/** A handle has come, in a message that is not received for good yet. */
export function noteArrival(handle: Handle): void {
  arrived.push(handle);
}

/** The messages of this thread that were decoded so far are received. */
export function settleArrivals(): void {
  if (arrived.length === 0) return;
  for (const handle of arrived) settle(handle);
  arrived.length = 0;
}
