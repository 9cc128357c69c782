/**
 * How a thread joins a program: what it is given at its start, with the port that leads to the reaper.
 *
 * Ports are of the runtime, so these types stand apart from those of messages: nothing that a public declaration
 * names may need the types of one runtime.
 */
import type { MessagePort } from "node:worker_threads";

/** The reaper's ports to a worker that the program made: its link, and one for what an idle worker listens to. */
export interface GuestPorts {
  readonly link: MessagePort;
  readonly orders: MessagePort;
}

/** What is posted to a worker that the program made, under a name that no program uses for something else. */
export interface GuestMessage {
  readonly quipeEnrolment: Enrolment & { readonly orders: MessagePort };
}

/** What a thread needs to join a program: given to the reaper and to each worker as its `workerData`. */
export interface Enrolment {
  readonly role: "reaper" | "worker";
  readonly board: SharedArrayBuffer;
  readonly link: MessagePort;
}
