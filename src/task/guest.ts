/**
 * A worker that the program makes itself for one task: `spawn({ worker: () => new Worker(…) })`. Bundlers only see
 * the file of a worker where `new Worker(new URL(…))` is written out, so the reaper cannot make it.
 *
 *   this thread ── makes, invites, ends ──▶ worker ◀── link, orders ── reaper
 *
 * The reaper hears of its end by the link, which closes with the thread, also while this thread is blocked. Only
 * this thread can end it, so the reaper asks it to; it listens for that until the worker is gone, and looks while it
 * waits in quipe. The worker dies with this thread.
 */
import type { MessagePort } from "node:worker_threads";
import { given, inWords } from "../errors.ts";
import { runtimeName, threads } from "../runtime/host.ts";
import { newLine } from "../runtime/web-guests.ts";
import { inviting } from "../runtime/invitation.ts";
import { failureParcel } from "../quipe/failures.ts";
import { BlockedOn, type TaskId, keyOfTask, ring } from "../sync/board.ts";
import type { GuestMessage, GuestPorts } from "../sync/messages.ts";
import { onMessage, tellReaper, thisThread } from "../sync/thread.ts";
import { watch } from "../sync/wait.ts";

/** What {@link spawn} needs of a worker: one of `node:worker_threads`, or of the same kind. */
export interface OwnWorker {
  postMessage(message: unknown, transfer: MessagePort[]): void;
  terminate(): unknown;
}

/**
 * A worker made by the program, for {@link spawn}: for bundlers, which see a worker's file only where
 * `new Worker(new URL("./file.js", import.meta.url))` is written out.
 */
export interface WorkerFunction {
  /** Makes the worker; called once, at once. Its file marks functions with `task(import.meta.url, fn)`. */
  readonly worker: () => OwnWorker;
  /** The name of the function to run; may be left out if the file marks only one. */
  readonly task?: string;
}

/** Workers made here that have not ended, by their tasks. */
const guests = new Map<string, Guest>();

/** Whether this thread has made workers that have not ended. They would end with it. */
export function hasGuests(): boolean {
  return guests.size > 0;
}

/** One worker that this thread has made. */
export class Guest {
  readonly #worker: OwnWorker;
  #task: TaskId | undefined;
  #lastError: unknown;
  #isGone = false;

  constructor(worker: OwnWorker) {
    this.#worker = worker;
    listen(worker, {
      onError: (error) => (this.#lastError = error),
      onEnd: (code) => this.#gone(code),
    });
  }

  /** Makes the worker. Throws `TypeError` for what is none, and what the factory throws. */
  static make({ worker: factory, task }: WorkerFunction): Guest {
    if (typeof factory !== "function") {
      throw new TypeError(
        "Expected a function that makes a worker: { worker: () => new Worker(…) }.",
      );
    }
    if (task !== undefined && typeof task !== "string") {
      throw new TypeError(`Expected \`task\` to be the name of a function, got ${given(task)}.`);
    }
    const made: unknown = inviting(factory);
    if (isWorker(made)) return new Guest(made);
    if (made instanceof Promise) void made.then(discard, () => {});
    const what = made instanceof Promise ? "a promise; it may not be async" : inWords(made);
    throw new TypeError(
      `Expected { worker } to return a Worker of node:worker_threads, got ${what}.`,
    );
  }

  /** Gives the worker to a task. Returns the ports that the reaper needs. */
  enrol(task: TaskId): GuestPorts {
    const { forGuest, forReaper } = newPorts();
    const { buffer: board } = thisThread().board;
    const enrolment: GuestMessage = { quipeEnrolment: { board, ...forGuest } };
    this.#worker.postMessage(enrolment, portsIn(forGuest));
    this.#task = task;
    guests.set(keyOfTask(task), this);
    onMessage("endGuest", (message) => guests.get(keyOfTask(message.task))?.end());
    watch(() => this.#isGone, { code: BlockedOn.other, text: "the end of a worker" });
    return forReaper;
  }

  /** Ends the worker. */
  end(): void {
    void this.#worker.terminate();
  }

  #gone(code: number | undefined): void {
    if (this.#isGone) return;
    this.#isGone = true;
    if (this.#task === undefined) return;
    guests.delete(keyOfTask(this.#task));
    const why =
      this.#lastError ?? new Error(`The worker ended with exit code ${code ?? "unknown"}.`);
    tellReaper({ kind: "guestGone", task: this.#task, why: failureParcel(why) });
    const { board, task } = thisThread();
    ring(board, task.slot); // for the watch above
  }
}

/** The ends of the lines between a guest and the reaper. */
function newPorts(): { readonly forGuest: GuestPorts; readonly forReaper: GuestPorts } {
  if (runtimeName() === "browser") {
    const { forGuest, forReaper } = newLine();
    return { forGuest: { line: forGuest }, forReaper: { line: forReaper } };
  }
  const { MessageChannel } = threads();
  const [links, orders] = [new MessageChannel(), new MessageChannel()];
  return {
    forGuest: { link: links.port2, orders: orders.port2 },
    forReaper: { link: links.port1, orders: orders.port1 },
  };
}

/** What has to be transferred with a message that has these. */
export function portsIn(ports: GuestPorts): MessagePort[] {
  return "line" in ports ? [ports.line.port as unknown as MessagePort] : [ports.link, ports.orders];
}

interface WorkerEvents {
  readonly onError: (error: unknown) => void;
  readonly onEnd: (code: number | undefined) => void;
}

interface NodeWorker {
  on(event: "error" | "exit", handler: (value: unknown) => void): void;
}

interface WebWorker {
  addEventListener(event: string, handler: (event: Event & { error?: unknown }) => void): void;
}

/** Bun's own kind of worker is not that of Node. Deno's own, which is refused, passes no environment data on. */
function listen(worker: OwnWorker, { onError, onEnd }: WorkerEvents): void {
  if ("on" in worker) {
    const node = worker as OwnWorker & NodeWorker;
    node.on("error", onError);
    node.on("exit", (code) => onEnd(code as number));
    return;
  }
  const web = worker as OwnWorker & WebWorker;
  web.addEventListener("error", (event) => {
    event.preventDefault();
    const { message } = event as { readonly message?: unknown };
    onError(event.error ?? new Error(typeof message === "string" ? message : UNLOADED));
    // In a browser nothing else would tell that its file does not load; what happens later it tells the reaper itself.
    if (runtimeName() === "browser") onEnd(undefined);
  });
  web.addEventListener("close", () => onEnd(undefined));
}

const UNLOADED =
  "The file of the worker does not load. Its answer needs the header `Cross-Origin-Embedder-Policy: require-corp`, as the page does, and a Content-Security-Policy must allow it (worker-src or script-src 'self').";

/** Nobody would ever use or end it. */
function discard(made: unknown): void {
  if (isWorker(made)) void made.terminate();
}

function isWorker(value: unknown): value is OwnWorker {
  if (typeof value !== "object" || value === null) return false;
  const { postMessage, terminate } = value as Partial<OwnWorker>;
  const isHeard = "on" in value || ("addEventListener" in value && runtimeName() !== "deno");
  return typeof postMessage === "function" && typeof terminate === "function" && isHeard;
}
