/**
 * How a worker that the program made joins it: the ports, or in a browser the line, that it is given.
 *
 * Ports are of the runtime, so these types stand apart from those of messages: nothing that a public declaration
 * names may need the types of one runtime.
 */
import type { MessagePort } from "node:worker_threads";
import type { WebLine } from "../runtime/web-guests.ts";

/** The reaper's ports to a worker that the program made: its link, and one for what an idle worker listens to. */
export type GuestPorts =
  | { readonly link: MessagePort; readonly orders: MessagePort }
  /** In a browser. */
  | { readonly line: WebLine };

/** What is posted to a worker that the program made, under a name that no program uses for something else. */
export interface GuestMessage {
  readonly quipeEnrolment: { readonly board: SharedArrayBuffer } & GuestPorts;
}
