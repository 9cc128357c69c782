/**
 * Starting a thread of quipe's own, and its first moments: the same on every runtime for those who ask for it.
 *
 *   startThread(charter, options) ─▶ StartedThread        boot.ts on the new thread: beginThread((charter, seat) => …)
 *
 * Node, Bun and Deno give a new thread its data and its port while it is made, and tell of its end. In a browser both
 * are the first message, and the end is proved by a lock (web-threads.ts).
 */
import type { MessagePort } from "node:worker_threads";
import { survivableLimits } from "./heap-limits.ts";
import { runtimeName, terminateIsTruthful, threads } from "./host.ts";
import type { Link } from "./links.ts";
import { makeNodeWorker } from "./own-worker.ts";
import { beginWebThread, startWebThread } from "./web-threads.ts";

/** What a new thread is told. */
export interface Charter {
  readonly role: "reaper" | "worker";
  readonly board: SharedArrayBuffer;
}

/** How a thread is started, and what is heard of it. */
export interface ThreadOptions {
  readonly name: string;
  readonly resourceLimits?: Readonly<Record<string, number>> | undefined;
  /** It died of this; or, in a browser, its file did not load. */
  readonly onError?: (error: unknown) => void;
  /** It has really ended. In a browser there is no code, and of a reaper this is told only if it did not begin. */
  readonly onExit: (code: number | undefined) => void;
  /** It nudges the event loop of whoever started it. */
  readonly onNudge?: () => void;
}

/** A thread as the one that has started it sees it. */
export interface StartedThread {
  readonly link: Link;
  /** Puts an order before it, which it reads when its event loop turns. */
  readonly order: (message: unknown) => void;
  /** Ends it, or asks for its end where that is all that can be done. */
  readonly terminate: () => void;
  /** Lets the program end although the thread goes on. */
  readonly unref: () => void;
}

/** What a thread has of whoever started it. */
export interface Seat {
  readonly link: Link;
  /** For orders to an idle worker. */
  readonly orders: Pick<Link, "on">;
  /** Which thread it is, as people count them. */
  readonly number: number;
  /** Nudges the event loop of whoever started it. */
  readonly nudge: () => void;
}

/** Starts a thread. Throws what the system says if it has none. */
export function startThread(charter: Charter, options: ThreadOptions): StartedThread {
  if (runtimeName() === "browser") return startWebThread(charter, options);
  const { MessageChannel } = threads();
  const { port1: link, port2 } = new MessageChannel();
  const { resourceLimits } = options;
  const worker = makeNodeWorker({
    workerData: { quipe: { ...charter, link: port2 } },
    transferList: [port2],
    name: options.name,
    ...(resourceLimits !== undefined && { resourceLimits: survivableLimits(resourceLimits) }),
  });
  const { onError, onNudge } = options;
  if (onError !== undefined) worker.on("error", onError);
  if (onNudge !== undefined) worker.on("message", onNudge);
  worker.once("exit", options.onExit);
  const order = (message: unknown): void => worker.postMessage(message);
  return {
    link,
    order,
    terminate: () => void (terminateIsTruthful() ? worker.terminate() : order({ kind: "stop" })),
    unref: () => {
      worker.unref();
      link.unref();
    },
  };
}

/** Calls `begin` on a thread that {@link startThread} has started, as soon as it knows what it is for. */
export function beginThread(begin: (charter: Charter, seat: Seat) => void): void {
  if (runtimeName() === "browser") return beginWebThread(begin);
  const { parentPort, threadId, workerData } = threads();
  const { link, ...charter } = (workerData as { quipe: Charter & { link: MessagePort } }).quipe;
  if (parentPort === null) return;
  const nudge = (): void => parentPort.postMessage("look into your inbox");
  begin(charter, { link, orders: parentPort, number: threadId, nudge });
}
