/** Handles of tasks in messages: what the codec does with them, on each thread that has tasks. */
import { HANDLE_KIND, letTravel, ticketFor } from "../memory/references.ts";
import { Task, handleOf } from "./handle.ts";
import { taskOf } from "./life.ts";
import { openSent } from "./sent-handle.ts";

/** Makes handles of tasks known to messages on this thread. */
export function letHandlesTravel(): void {
  letTravel({
    code: HANDLE_KIND.task,
    isMoved: false,
    isBindable: true,
    isOne: (value) => value instanceof Task,
    ticketOf: (handle) => ticketFor(Task.numberOf(handle as Task)),
    open: ([id]) => openHandle(id as number),
  });
}

/** The handle with number `id`, which came in a message: the same one each time for as long as it is used here. */
function openHandle(id: number): Task {
  const sent = openSent(id);
  const known = handleOf(sent);
  if (known !== undefined) return known;
  const { life } = sent;
  const { name, spawnedAt } = sent.about();
  return new Task({ id: taskOf(life), name, life, spawnedAt: { stack: spawnedAt }, sent });
}
