/** What handles of tasks refuse, in words. */
import { QuipeError } from "../errors.ts";

/** A task waits for its own end. */
export function waitsForItself(name: string): QuipeError {
  return new QuipeError(
    "deadlock",
    `The task "${name}" waits for its own end, which cannot come while it waits. Let another task wait for it.`,
  );
}

/** The quipe of a task is asked for by another than its spawner. */
export function quipeStays(name: string): QuipeError {
  return new QuipeError(
    "not-owner",
    `The quipe of the task "${name}" belongs to the task that spawned it, and this handle came in a message. Watch it with \`events\`, \`result\` or \`outcome\`.`,
  );
}

/** A handle is sent, or waited with, by another task than the one that got it. */
export function handleIsLeftOver(name: string, code: "not-owner" | "not-sendable"): QuipeError {
  return new QuipeError(
    code,
    `The handle of the task "${name}" belonged to a task that has ended on this thread. Send it to each task that needs it.`,
  );
}
