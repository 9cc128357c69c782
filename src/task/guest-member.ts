/**
 * The reaper's side of a guest: a worker that the program has made itself, for one task (guest.ts). The thread that
 * made it can end it, and hears why it ended. That it ended shows here, by its link, which closes with the thread,
 * also while the one that made it is blocked.
 */
import { terminateIsTruthful } from "../runtime/host.ts";
import { type WebLine, openGuestLine } from "../runtime/web-guests.ts";
import type { GuestPorts } from "../sync/enrolment.ts";
import type { Start } from "../sync/messages.ts";
import type { Member } from "./staff.ts";

/** How long one sign of the end, the link or the word of the thread that made it, may come after the other. */
const OTHER_SIGN_WITHIN_MS = 200;

/** The ports to a guest, and how the thread that made it is asked to end it. */
export interface GuestLines {
  readonly ports: GuestPorts;
  readonly end: () => void;
}

/** A guest among the reaper's threads. */
export function guestMember(start: Start, { ports, end }: GuestLines): Member {
  if ("line" in ports) return webGuestMember(start, ports.line, end);
  const { link, orders } = ports;
  let hear: (why: unknown) => void = () => {};
  const word = new Promise<void>((resolve) => {
    hear = (why) => {
      member.lastError ??= why;
      resolve();
    };
  });
  const closed = new Promise<void>((resolve) => link.once("close", () => resolve()));
  const member: Member = {
    link,
    order: (message) => orders.postMessage(message),
    terminate: () => {
      orders.postMessage({ kind: "stop" });
      if (terminateIsTruthful()) end();
    },
    exited: endOf({ closed, word }, () => member.isStopping).then(() => {
      orders.close();
      return undefined;
    }),
    hearWhy: hear,
    reserved: true,
    start,
    isWarm: false,
    isStopping: false,
    isReady: false,
    lastError: undefined,
  };
  return member;
}

/** In a browser its lock is the proof; the word of the thread that made it tells that it has not even begun. */
function webGuestMember(start: Start, line: WebLine, end: () => void): Member {
  const { link, ended, expectEnd } = openGuestLine(line);
  const member: Member = {
    link,
    order: (message) => link.order(message),
    terminate: () => {
      link.order({ kind: "stop" });
      end();
      expectEnd();
    },
    exited: ended.then(() => undefined),
    hearWhy: (why) => {
      member.lastError ??= why;
      expectEnd();
    },
    reserved: true,
    start,
    isWarm: false,
    isStopping: false,
    isReady: false,
    lastError: undefined,
  };
  return member;
}

interface Ends {
  readonly closed: Promise<void>;
  readonly word: Promise<void>;
}

/** Proof, and the reason if it comes in time. Bun leaves a link open that its worker has never got to receive. */
async function endOf({ closed, word }: Ends, isStopping: () => boolean): Promise<void> {
  const isClosed = closed.then(() => true);
  const first = await Promise.race([isClosed, word.then(() => false)]);
  if (!first) return await soon(closed);
  if (!isStopping()) await soon(word);
}

/** Waits for something that comes at once if it comes. */
async function soon(awaited: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, OTHER_SIGN_WITHIN_MS);
  });
  await Promise.race([awaited, late]);
  clearTimeout(timer);
}
