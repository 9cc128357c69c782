/**
 * Workers that the program makes itself, in browsers: their line to the reaper is a MessagePort with a mail beside it, and
 * a lock proves their end, as it does for the reaper's own workers (web-threads.ts).
 *
 *   maker ── line for the guest ──▶ guest: takes the lock          maker ── line for the reaper ──▶ reaper
 */
import { type Channel, ReaperLink, ThreadLink } from "./links.ts";
import { createMail } from "./mail.ts";
import type { Seat } from "./start-thread.ts";
import { holdForLife, newLockName, whenReleased } from "./web-locks.ts";
import { sayOpen, whenOpen } from "./web-ports.ts";

/** One end of such a line, as it is posted to whoever gets it. */
export interface WebLine {
  readonly port: Channel;
  readonly mail: SharedArrayBuffer;
  readonly lock: string;
}

/** A new line: its ends for the guest and for the reaper. */
export function newLine(): { readonly forGuest: WebLine; readonly forReaper: WebLine } {
  const { port1, port2 } = new MessageChannel();
  const shared = { mail: createMail(), lock: newLockName() };
  return {
    forGuest: { port: port1, ...shared },
    forReaper: { port: port2, ...shared },
  };
}

/** What a guest has of the reaper, once it has its lock. */
export async function seatOfGuest({ port, mail, lock }: WebLine, number: number): Promise<Seat> {
  const link = new ThreadLink(port, mail);
  await Promise.all([holdForLife(lock), whenOpen(port)]);
  return { link, orders: link, number, nudge: () => {} };
}

/** The reaper's end, and what tells of the guest's end. */
export interface GuestLine {
  readonly link: ReaperLink;
  /** Resolves once the guest has ended, provided that it has begun or was asked to end. */
  readonly ended: Promise<void>;
  /** It has ended or is about to, also if it has never begun. */
  readonly expectEnd: () => void;
}

/** Opens the reaper's end. */
export function openGuestLine({ port, mail, lock }: WebLine): GuestLine {
  // Firefox 140 loses shared memory that goes into a port before the thread at its other end has opened that.
  const link = new ReaperLink(port, mail, true);
  let expectEnd = (): void => {};
  const ended = new Promise<void>((resolve) => {
    expectEnd = () =>
      void whenReleased(lock)
        .then(() => link.heardOut())
        .then(resolve);
  });
  let isExpected = false;
  const expectOnce = (): void => {
    if (!isExpected) expectEnd();
    isExpected = true;
  };
  port.addEventListener("message", expectOnce);
  sayOpen(port);
  return { link, ended, expectEnd: expectOnce };
}
