/**
 * Threads in browsers: module workers. Nothing can be handed to one while it is made, so what it is for is its first message;
 * and nothing tells of its end, so it takes a lock for life before it says that it is ready (web-locks.ts).
 *
 *   starter ── new Worker, first message ──▶ thread: takes its lock ── first message ──▶ starter: asks for the lock
 *                                                                                        granted: it has ended
 *
 * What it says to its starter goes through a port (links.ts), which it waits for as well: Firefox keeps what is posted into a
 * port that has just come, and loses it with the thread. A thread that is terminated before it had its lock has run
 * nothing for anybody; its lock goes to whoever asks.
 */
import { type Channel, type ChannelEvent, ReaperLink, ThreadLink, channelOf } from "./links.ts";
import { createMail } from "./mail.ts";
import { ownFolder } from "./own-files.ts";
import { makeGlobalWorker } from "./own-worker.ts";
import type { Charter, Seat, StartedThread, ThreadOptions } from "./start-thread.ts";
import { holdForLife, newLockName, whenReleased } from "./web-locks.ts";
import { sayOpen, whenOpen } from "./web-ports.ts";

/** A worker of a browser, as far as it is used. */
export interface WebWorker extends Channel {
  terminate(): void;
}

/** The first message to a thread. */
interface FirstMessage {
  readonly quipeThread: Charter & {
    readonly mail: SharedArrayBuffer;
    readonly lock: string;
    readonly number: number;
    /** For what a worker says. */
    readonly port?: Channel;
  };
}

let started = 0;

/** Starts a thread; see {@link StartedThread}. */
export function startWebThread(charter: Charter, options: ThreadOptions): StartedThread {
  const worker = makeGlobalWorker({ name: options.name }) as WebWorker;
  const mail = createMail();
  const lock = newLockName();
  started += 1;
  const first: FirstMessage = { quipeThread: { ...charter, mail, lock, number: started } };
  return charter.role === "reaper"
    ? startedReaper(worker, first, options)
    : startedWorker(worker, first, options);
}

/** Its lock tells nothing that could be acted upon: without it there is no program. */
function startedReaper(
  worker: WebWorker,
  first: FirstMessage,
  options: ThreadOptions,
): StartedThread {
  const link = new ThreadLink(worker, first.quipeThread.mail);
  worker.addEventListener("error", (event) => {
    options.onError?.(loadError(event));
    options.onExit(undefined);
  });
  worker.postMessage(first);
  return {
    link,
    order: () => {},
    terminate: () => worker.terminate(),
    unref: () => {},
  };
}

function startedWorker(
  worker: WebWorker,
  first: FirstMessage,
  options: ThreadOptions,
): StartedThread {
  const { mail, lock } = first.quipeThread;
  const { port1, port2 } = new MessageChannel();
  const link = new ReaperLink(channelOf(port1, worker), mail);
  let isAwaited = false;
  const awaitEnd = (): void => {
    if (isAwaited) return;
    isAwaited = true;
    void whenReleased(lock)
      .then(() => link.heardOut())
      .then(() => options.onExit(undefined));
  };
  port1.addEventListener("message", awaitEnd);
  worker.addEventListener("error", (event) => {
    event.preventDefault?.(); // else it is an error of this thread, too
    if (link.hasSaid) return; // it reports its errors by itself
    options.onError?.(loadError(event));
    worker.terminate();
    awaitEnd();
  });
  worker.postMessage(
    { quipeThread: { ...first.quipeThread, port: port2 } } satisfies FirstMessage,
    [port2],
  );
  sayOpen(port1);
  return {
    link,
    order: (message) => link.order(message),
    terminate: () =>
      void link.heardOut().then(() => {
        worker.terminate();
        awaitEnd();
      }),
    unref: () => {},
  };
}

/** What browsers say of a worker that does not begin is nothing at all, or that a module in it does not. */
function loadError(event: ChannelEvent): Error {
  const { message } = event;
  const folder = ownFolder();
  const file = folder === undefined ? "of quipe" : `${folder}task/boot.js`;
  const why = typeof message === "string" && message !== "" ? `: ${message}` : "";
  return new Error(
    `The worker file ${file} does not load${why}. Its answer needs the header ` +
      "`Cross-Origin-Embedder-Policy: require-corp`, as the page does, and a Content-Security-Policy must allow it (worker-src or script-src 'self').",
  );
}

/** Calls `begin` on a thread that {@link startWebThread} has started. */
export function beginWebThread(begin: (charter: Charter, seat: Seat) => void): void {
  const scope = globalThis as unknown as Channel;
  let isBegun = false;
  scope.addEventListener("message", ({ data }) => {
    if (isBegun || !isFirst(data)) return;
    isBegun = true;
    const { mail, lock, number, port, ...charter } = data.quipeThread;
    if (port === undefined) {
      const link = new ReaperLink(scope, mail);
      begin(charter, { link, orders: link, number, nudge: () => link.nudge() });
      return;
    }
    const link = new ThreadLink(channelOf(scope, port), mail); // now, so that it hears all that comes
    void Promise.all([holdForLife(lock), whenOpen(port)]).then(() =>
      begin(charter, { link, orders: link, number, nudge: () => {} }),
    );
  });
}

function isFirst(data: unknown): data is FirstMessage {
  return typeof data === "object" && data !== null && "quipeThread" in data;
}
