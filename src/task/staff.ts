/**
 * The reaper's worker threads: starting them, keeping idle ones warm, stopping them with proof.
 *
 * A thread counts as stopped when its `exit` event has come, and not before: `terminate()` alone proves
 * nothing. Deno answers `terminate()` at once and lets a busy thread run on, so there the thread is asked
 * to leave by itself, and after a while it is reported as not stopped.
 */
import type { MessagePort, Worker } from "node:worker_threads";
import { takeMessage, terminateIsTruthful, threads } from "../runtime/host.ts";
import type { Enrolment, Start, ToReaper, ToWorker } from "../sync/messages.ts";

/** One worker thread. */
export interface Member {
  readonly worker: Worker;
  /** The reaper's side of the thread's link. */
  readonly link: MessagePort;
  /** Settles with the exit code once the thread has really ended. */
  readonly exited: Promise<number>;
  /** Started with limits of its own, so no other task may have it. */
  readonly reserved: boolean;
  /** What the thread runs now. */
  start: Start | undefined;
  /** Has run a task before, so what ends it may have been left over from that. */
  isWarm: boolean;
  /** Is being ended, so nothing may be given to it any more. */
  isStopping: boolean;
  /** The error that the thread died of, as far as the runtime told. */
  lastError: unknown;
}

/** How long a thread may take to stop before everyone is told that it has not. */
const STOP_WITHIN_MS = 2000;
/** Idle threads beyond this many are ended. */
const MAX_IDLE = 16;

/** What happens on threads, as the reaper wants to hear of it. */
export interface StaffEvents {
  onMessage(member: Member, message: ToReaper): void;
  onExit(member: Member, code: number): void;
}

/** The worker threads of one program. Only the reaper has one. */
export class Staff {
  readonly #board: SharedArrayBuffer;
  readonly #events: StaffEvents;
  readonly #idle: Member[] = [];

  constructor(board: SharedArrayBuffer, events: StaffEvents) {
    this.#board = board;
    this.#events = events;
  }

  /** Runs a task on a warm thread, or on a new one. */
  assign(start: Start): Member {
    const member =
      (start.resourceLimits === undefined ? this.#idle.pop() : undefined) ?? this.#hire(start);
    member.start = start;
    tell(member, { kind: "run", start });
    return member;
  }

  /** Takes a thread back whose task has ended: keeps it warm if it is clean, ends it otherwise. */
  dismiss(member: Member, reusable: boolean): void {
    member.start = undefined;
    if (member.isStopping) return;
    member.isWarm = true;
    if (reusable && !member.reserved && this.#idle.length < MAX_IDLE) this.#idle.push(member);
    else void this.stop(member);
  }

  /** Ends a thread; true once that is proved, false if it could not be stopped in time. */
  async stop(member: Member): Promise<boolean> {
    member.isStopping = true;
    if (terminateIsTruthful()) void member.worker.terminate();
    else tell(member, { kind: "stop" });
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), STOP_WITHIN_MS);
    });
    const stopped = await Promise.race([member.exited.then(() => true), late]);
    clearTimeout(timer);
    return stopped;
  }

  #hire(start: Start): Member {
    const { MessageChannel, Worker } = threads();
    const { port1: link, port2 } = new MessageChannel();
    const enrolment: Enrolment = { role: "worker", board: this.#board, link: port2 };
    const worker = new Worker(new URL("./boot.js", import.meta.url), {
      workerData: { quipe: enrolment },
      transferList: [port2],
      name: start.name,
      ...(start.resourceLimits === undefined ? {} : { resourceLimits: start.resourceLimits }),
    });
    const exited = new Promise<number>((resolve) => worker.once("exit", resolve));
    const reserved = start.resourceLimits !== undefined;
    const member: Member = {
      worker,
      link,
      exited,
      reserved,
      start,
      isWarm: false,
      isStopping: false,
      lastError: undefined,
    };
    worker.on("error", (error) => (member.lastError = error));
    link.on("message", (message: ToReaper) => this.#events.onMessage(member, message));
    void exited.then((code) => this.#gone(member, code));
    return member;
  }

  /** What the thread has said before it ended counts before its end, also if that is known first. */
  #hearOut(member: Member): void {
    for (;;) {
      const message = takeMessage(member.link) as ToReaper | undefined;
      if (message === undefined) return;
      this.#events.onMessage(member, message);
    }
  }

  #gone(member: Member, code: number): void {
    const place = this.#idle.indexOf(member);
    if (place >= 0) this.#idle.splice(place, 1);
    member.isStopping = true; // nothing that it has said makes it fit for another task
    this.#hearOut(member);
    member.link.close();
    this.#events.onExit(member, code);
  }
}

function tell(member: Member, message: ToWorker): void {
  member.worker.postMessage(message);
}
