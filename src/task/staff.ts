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
 *
 * Workers that the program has made itself are members for one task (guest-member.ts).
 */
import type { QuipeError } from "../errors.ts";
import { parallelism, stopsWithinMs, takeMessage } from "../runtime/host.ts";
import type { Link } from "../runtime/links.ts";
import { startThread } from "../runtime/start-thread.ts";
import type { Start, ToWorker } from "../sync/messages.ts";
import type { ToReaper } from "../sync/requests.ts";
import { strangerError } from "./crash-errors.ts";
import { type GuestLines, guestMember } from "./guest-member.ts";
import { nameInLine } from "./named-frame.ts";

/** One worker thread. */
export interface Member {
  /** Puts an order before the thread, which it reads when its event loop turns. */
  readonly order: (message: ToWorker) => void;
  /** Ends it, or asks for its end where that is all that can be done. */
  readonly terminate: () => void;
  /** For a guest: takes the reason for its end from the thread that made it. */
  readonly hearWhy?: (why: unknown) => void;
  /** The reaper's side of the thread's link. */
  readonly link: Link;
  /** Settles with the exit code once the thread has really ended. */
  readonly exited: Promise<number | undefined>;
  /** Made for one task, with limits of its own or as a guest, so no other task may have it. */
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

/** How long the file of a guest may take until it has marked a function with `task`. */
const ENROL_WITHIN_MS = 10_000;
/** Idle threads beyond this many are ended. */
const MAX_IDLE = 16;

/** What happens on threads, as the reaper wants to hear of it. */
export interface StaffEvents {
  /** A task was given its thread. */
  onAssigned(start: Start, member: Member): void;
  /** The system has no thread for a task. */
  onRefused(start: Start, error: unknown): void;
  /** The worker that was made for a task does not become one of quipe's. */
  onUnfit(start: Start, error: QuipeError): void;
  onMessage(member: Member, message: ToReaper): void;
  /** Nobody may know the exit code of a guest. */
  onExit(member: Member, code: number | undefined): void;
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

  /** Runs a task on the worker that was made for it. */
  admit(start: Start, lines: GuestLines): void {
    const member = guestMember(start, lines);
    this.#listen(member);
    this.#events.onAssigned(start, member);
    member.order({ kind: "run", start });
    const timer = setTimeout(() => {
      if (!member.isReady) this.#events.onUnfit(start, strangerError(start, ENROL_WITHIN_MS));
    }, ENROL_WITHIN_MS);
    void member.exited.then(() => clearTimeout(timer));
  }

  /** Takes a task back that has no thread yet; false if it has one. */
  withdraw(start: Start): boolean {
    return this.#waiting.delete(start);
  }

  /** A new thread has loaded what it needs. */
  ready(member: Member): void {
    if (member.isReady) return;
    member.isReady = true;
    if (isGuest(member)) return;
    this.#beginning -= 1;
    this.#serve();
  }

  /** Takes a thread back whose task has ended: keeps it warm if it is clean, ends it otherwise. */
  dismiss(member: Member, reusable: boolean): void {
    if (member.isStopping) return; // its task stays with it until it has ended
    this.vacate(member);
    if (reusable && !member.reserved && this.#idle.length < MAX_IDLE) this.#idle.push(member);
    else void this.stop(member);
    this.#serve();
  }

  /** A thread has ended its task, and says soon whether it may have another one. */
  vacate(member: Member): void {
    if (member.isStopping) return;
    member.start = undefined;
    member.isWarm = true;
  }

  /** Ends a thread; true once that is proved, false if it could not be stopped in time. */
  async stop(member: Member): Promise<boolean> {
    member.isStopping = true;
    member.terminate();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), stopsWithinMs());
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
      member.order({ kind: "run", start });
    } catch (error) {
      this.#events.onRefused(start, error);
    }
  }

  #hire(start: Start): Member {
    let end: (code: number | undefined) => void = () => {};
    const exited = new Promise<number | undefined>((resolve) => (end = resolve));
    const thread = startThread(
      { role: "worker", board: this.#board },
      {
        name: nameInLine(start.name),
        resourceLimits: start.resourceLimits,
        onError: (error) => (member.lastError = error),
        onExit: end,
      },
    );
    const member: Member = {
      order: thread.order,
      terminate: thread.terminate,
      link: thread.link,
      exited,
      reserved: start.resourceLimits !== undefined,
      start,
      isWarm: false,
      isStopping: false,
      isReady: false,
      lastError: undefined,
    };
    this.#beginning += 1;
    this.#listen(member);
    return member;
  }

  #listen(member: Member): void {
    this.#size += 1;
    member.link.on("message", (message) => this.#events.onMessage(member, message as ToReaper));
    void member.exited.then((code) => this.#gone(member, code));
  }

  /** What the thread has said before it ended counts before its end, also if that is known first. */
  #hearOut(member: Member): void {
    for (;;) {
      const message = takeMessage(member.link) as ToReaper | undefined;
      if (message === undefined) return;
      this.#events.onMessage(member, message);
    }
  }

  #gone(member: Member, code: number | undefined): void {
    const place = this.#idle.indexOf(member);
    if (place >= 0) this.#idle.splice(place, 1);
    this.#size -= 1;
    member.isStopping = true; // nothing that it has said makes it fit for another task
    // A guest's link has closed by itself, after all that it said; Node crashes when asked for more.
    if (!isGuest(member)) this.#hearOut(member);
    member.link.close();
    this.#events.onExit(member, code);
    this.ready(member); // others may begin in its place
  }
}

function isGuest(member: Member): boolean {
  return member.hearWhy !== undefined;
}
