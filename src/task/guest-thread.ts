/**
 * A worker thread that the program itself has started, from inside: it becomes one of quipe's when its file marks
 * a function with `task`.
 *
 *   { worker: () => new Worker(…) }        file of that worker
 *   invitation, then ports by message ──▶  task(import.meta.url, fn): invited? then listen for the ports
 */
import type { MessagePort } from "node:worker_threads";
import { QuipeError } from "../errors.ts";
import { threads } from "../runtime/host.ts";
import { takeInvitation } from "../runtime/invitation.ts";
import { hasThread } from "../sync/thread.ts";
import type { GuestMessage } from "../sync/enrolment.ts";
import { serveTasks } from "./worker.ts";

let wasAsked = false;

/** Joins the program that invited this thread, if one did. Called with each function that is marked. */
export function joinAsGuest(): void {
  if (wasAsked) return;
  wasAsked = true;
  const { parentPort } = hasThread() ? { parentPort: null } : portOfGuest();
  if (parentPort === null) return;
  const hear = (message: unknown): void => {
    if (!isGuestMessage(message)) return; // for the program's own listeners
    parentPort.off("message", hear);
    if (hasThread()) {
      throw new QuipeError(
        "unsupported",
        "The file of this worker has used quipe before it was one of quipe's threads. Use it inside functions marked with task() only.",
      );
    }
    const { quipeEnrolment } = message;
    serveTasks(quipeEnrolment, quipeEnrolment.orders);
  };
  parentPort.on("message", hear);
}

function portOfGuest(): { readonly parentPort: MessagePort | null } {
  return takeInvitation() ? threads() : { parentPort: null };
}

function isGuestMessage(message: unknown): message is GuestMessage {
  return typeof message === "object" && message !== null && "quipeEnrolment" in message;
}
