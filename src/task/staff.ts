/**
 * The reaper's worker threads: starting them, keeping idle ones warm, stopping them with proof.
 *
 *   task ──▶ idle thread ▸ new thread, if few are beginning ▸ waits until a thread is idle or has begun
 *
 * A thread takes a processor for a while until it is ready, so a thousand that begin at once are all ready late and
 * hold their memory meanwhile. Beginning depends on no task, so a task that waits for its turn here waits
 * for nobody who may wait for it: how many threads run at once is not limited.
 *
 * A thread counts as stopped when its `exit` event has come, and not before: `terminate()` alone proves
 * nothing. Deno answers `terminate()` at once and lets a busy thread run on, so there the thread is asked
 * to leave by itself, and after a while it is reported as not stopped.
 */
import type { MessagePort, Worker } from "node:worker_threads";
import { survivableLimits } from "../runtime/heap-limits.ts";
import { parallelism, takeMessage, terminateIsTruthful, threads } from "../runtime/host.ts";
import type { Enrolment, Start, ToReaper, ToWorker } from "../sync/messages.ts";
import { nameInLine } from "./named-frame.ts";

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
  /** Has said that it is ready to run tasks. */
  isReady: boolean;
  /** The error that the thread died of, as far as the runtime told. */
  lastError: unknown;
}

/** How long a thread may take to stop before everyone is told that it has not. */
const STOP_WITHIN_MS = 2000;
/** Idle threads beyond this many are ended. */
const MAX_IDLE = 16;

/** What happens on threads, as the reaper wants to hear of it. */
export interface StaffEvents {
  /** A task was given its thread. */
  onAssigned(start: Start, member: Member): void;
  /** The system has no thread for a task. */
  onRefused(start: Start, error: unknown): void;
  onMessage(member: Member, message: ToReaper): void;
  onExit(member: Member, code: number): void;
}

/** The worker threads of one program. Only the reaper has one. */
export class Staff {
  readonly #board: SharedArrayBuffer;
  readonly #events: StaffEvents;
  readonly #idle: Member[] = [];
  /** In the order of arrival. */
  readonly #waiting = new Set<Start>();
  /** How many threads may be getting ready at once, and how many are. */
  readonly #mostBeginning: number = parallelism() + 1;
  #beginning = 0;
  #size = 0;

  constructor(board: SharedArrayBuffer, events: StaffEvents) {
    this.#board = board;
    this.#events = events;
  }

  /** How many threads there are. */
  get size(): number {
    return this.#size;
  }

  /** Runs a task on a warm thread, or on a new one, as soon as it is its turn. */
  assign(start: Start): void {
    this.#waiting.add(start);
    this.#serve();
  }

  /** Takes a task back that has no thread yet; false if it has one. */
  withdraw(start: Start): boolean {
    return this.#waiting.delete(start);
  }

  /** A new thread has loaded what it needs. */
  ready(member: Member): void {
    if (member.isReady) return;
    member.isReady = true;
    this.#beginning -= 1;
    this.#serve();
  }

  /** Takes a thread back whose task has ended: keeps it warm if it is clean, ends it otherwise. */
  dismiss(member: Member, reusable: boolean): void {
    if (member.isStopping) return; // its task stays with it until it has ended
    member.start = undefined;
    member.isWarm = true;
    if (reusable && !member.reserved && this.#idle.length < MAX_IDLE) this.#idle.push(member);
    else void this.stop(member);
    this.#serve();
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

  #serve(): void {
    for (const start of this.#waiting) {
      const isFree = start.resourceLimits === undefined && this.#idle.length > 0;
      if (!isFree && this.#beginning >= this.#mostBeginning) continue;
      this.#waiting.delete(start);
      this.#employ(start);
    }
  }

  #employ(start: Start): void {
    try {
      const member =
        (start.resourceLimits === undefined ? this.#idle.pop() : undefined) ?? this.#hire(start);
      member.start = start;
      this.#events.onAssigned(start, member);
      tell(member, { kind: "run", start });
    } catch (error) {
      this.#events.onRefused(start, error);
    }
  }

  #hire(start: Start): Member {
    const { MessageChannel, Worker } = threads();
    const { port1: link, port2 } = new MessageChannel();
    const enrolment: Enrolment = { role: "worker", board: this.#board, link: port2 };
    const worker = new Worker(new URL("./boot.js", import.meta.url), {
      workerData: { quipe: enrolment },
      transferList: [port2],
      name: nameInLine(start.name),
      ...(start.resourceLimits !== undefined && {
        resourceLimits: survivableLimits(start.resourceLimits),
      }),
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
      isReady: false,
      lastError: undefined,
    };
    this.#beginning += 1;
    this.#size += 1;
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
    this.#size -= 1;
    member.isStopping = true; // nothing that it has said makes it fit for another task
    this.#hearOut(member);
    member.link.close();
    this.#events.onExit(member, code);
    this.ready(member); // others may begin in its place
  }
}

function tell(member: Member, message: ToWorker): void {
  member.worker.postMessage(message);
}
