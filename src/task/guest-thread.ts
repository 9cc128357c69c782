/**
 * A worker thread that the program itself has started, from inside: it becomes one of quipe's when its file marks
 * a function with `task`.
 *
 *   { worker: () => new Worker(…) }        file of that worker
 *   invitation, then ports by message ──▶  task(import.meta.url, fn): invited? then listen for the ports
 */
import { QuipeError } from "../errors.ts";
import { runtimeName, threads } from "../runtime/host.ts";
import { takeInvitation } from "../runtime/invitation.ts";
import { seatOfGuest } from "../runtime/web-guests.ts";
import { hasThread } from "../sync/thread.ts";
import type { GuestMessage } from "../sync/enrolment.ts";
import { serveTasks } from "./worker.ts";

let wasAsked = false;

/** Where the first message comes in. */
interface Door {
  on(hear: (message: unknown) => void): void;
  off(hear: (message: unknown) => void): void;
}

/** Joins the program that invited this thread, if one did. Called with each function that is marked. */
export function joinAsGuest(): void {
  if (wasAsked) return;
  wasAsked = true;
  const door = hasThread() || !takeInvitation() ? undefined : doorOfThread();
  const hear = (message: unknown): void => {
    if (!isGuestMessage(message)) return; // for the program's own listeners
    door?.off(hear);
    if (hasThread()) {
      throw new QuipeError(
        "unsupported",
        "The file of this worker has used quipe before it was one of quipe's threads. Use it inside functions marked with task() only.",
      );
    }
    serveAsGuest(message);
  };
  door?.on(hear);
}

function serveAsGuest({ quipeEnrolment }: GuestMessage): void {
  const { board } = quipeEnrolment;
  if ("line" in quipeEnrolment) {
    void seatOfGuest(quipeEnrolment.line, 0).then((seat) => serveTasks(board, seat));
    return;
  }
  const { link, orders } = quipeEnrolment;
  serveTasks(board, { link, orders, number: threads().threadId, nudge: () => {} });
}

interface Scope {
  addEventListener(type: "message", hear: (event: { readonly data: unknown }) => void): void;
}

function doorOfThread(): Door | undefined {
  if (runtimeName() === "browser") {
    const scope = globalThis as unknown as Scope;
    let isOpen = true;
    return {
      on: (hear) => scope.addEventListener("message", ({ data }) => isOpen && hear(data)),
      off: () => (isOpen = false),
    };
  }
  const { parentPort } = threads();
  if (parentPort === null) return undefined;
  return {
    on: (hear) => void parentPort.on("message", hear),
    off: (hear) => void parentPort.off("message", hear),
  };
}

function isGuestMessage(message: unknown): message is GuestMessage {
  return typeof message === "object" && message !== null && "quipeEnrolment" in message;
}
