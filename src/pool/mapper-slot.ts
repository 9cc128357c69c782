/**
 * One mapper as its map sees it: the task, the records it was given, and how it gets on with them.
 *
 *    offer ──► queue: [ at work │ waiting in the lane … ] ──► reply, in the order of the queue
 *                        │
 *              the task dies: `remains` tells the record that it had taken from those it had not
 *
 * Invariants
 *   - A mapper answers every record it takes once, in order, so the n-th reply belongs to the n-th offer.
 *   - By the lane's own counts a mapper has taken at most one record that it has not answered: that is
 *     the one to blame when the task dies. All behind it were never seen by the function.
 *   - The queue is kept as deep as about four milliseconds of work: deep enough to keep a fast mapper
 *     busy while this thread does something else, shallow enough not to pile slow records on one task.
 */
import { QuipeBug, QuipeError } from "../errors.ts";
import type { Job, SourceItem } from "./work-window.ts";

/** What a mapper says: it is ready, or what became of the next record in its queue. */
export type MapperReply =
  | readonly ["ready"]
  | readonly ["value", unknown]
  | readonly ["error", unknown];

/** What a mapper is given: the record's number and its value. */
export type MapperJob = readonly [number: number, value: unknown];

/** How a mapper task ended. */
export interface MapperOutcome {
  readonly kind: "done" | "failed" | "cancelled" | "killed" | "crashed";
  readonly error?: unknown;
  readonly reason?: unknown;
}

/** What a map needs of a mapper task. A `Task` whose quipe carries jobs and replies is one. */
export interface MapperTask {
  readonly quipe: {
    trySend(job: MapperJob): boolean;
    send(job: MapperJob): Promise<void>;
    tryReceive(): { readonly value: MapperReply } | undefined;
    receive(): Promise<MapperReply>;
    close(): unknown;
    /** How many jobs the mapper has taken, and how many replies it has sent. */
    statistics(): {
      readonly out: { readonly taken: number };
      readonly in: { readonly sent: number };
    };
  };
  readonly outcome: Promise<MapperOutcome>;
  kill(reason?: unknown): Promise<boolean>;
}

/** Who is told what a slot hears. */
export interface SlotOwner<Item extends SourceItem> {
  ready(slot: MapperSlot<Item>): void;
  replied(job: Job<Item>, reply: MapperReply): void;
  /** After a run of replies: there may be room again. */
  drained(): void;
  ended(slot: MapperSlot<Item>): void;
}

/** What a dead mapper left: the record it was working on, and those it had not taken. */
export interface SlotRemains<Item extends SourceItem> {
  readonly struck: Job<Item> | undefined;
  readonly untouched: readonly Job<Item>[];
}

const paceMs = 4;
const shallowest = 2;
const deepest = 256;

/** One mapper task and its queue. */
export class MapperSlot<Item extends SourceItem> {
  readonly task: MapperTask;
  readonly #owner: SlotOwner<Item>;
  #queue: Job<Item>[] = [];
  #ready = false;
  #replied = 0;
  #depth = shallowest;
  /** The lane has no room, or one large record is still being written to it. */
  #full = false;
  #pacedAtMs = 0;
  /** Since when the record at the head of the queue can have been at work. */
  #headSinceMs = 0;
  #overdue: number | undefined;

  constructor(task: MapperTask, owner: SlotOwner<Item>) {
    this.task = task;
    this.#owner = owner;
    void this.#listen();
  }

  /** Whether the mapper has loaded its function. */
  get isReady(): boolean {
    return this.#ready;
  }

  /** How many records are with this mapper. */
  get load(): number {
    return this.#queue.length;
  }

  /** Whether another record may be offered. */
  get hasRoom(): boolean {
    return this.#ready && !this.#full && this.#queue.length < this.#depth;
  }

  /** The number of the record for which this mapper was found overdue. */
  get overdueRecord(): number | undefined {
    return this.#overdue;
  }

  /** Gives a record to the mapper; false if it cannot take it now. Throws if the value cannot be sent. */
  offer(job: Job<Item>): boolean {
    const message: MapperJob = [job.number, job.item.value];
    if (this.#queue.length === 0) this.#headSinceMs = performance.now();
    try {
      if (this.task.quipe.trySend(message)) {
        this.#queue.push(job);
        return true;
      }
    } catch (error) {
      if (!isEndOfLane(error)) throw error;
      this.#full = true; // Dead; `ended` follows.
      return false;
    }
    this.#full = true;
    if (this.#queue.length > 0) return false; // The next reply makes room.
    this.#queue.push(job);
    void this.#sendLarge(message);
    return true;
  }

  /** Whether the record at work has been so for `timeoutMs`; remembers it as the reason to kill the task. */
  isOverdue(nowMs: number, timeoutMs: number): boolean {
    const head = this.#queue[0];
    if (head === undefined || !this.#headIsAtWork()) {
      this.#headSinceMs = nowMs;
      return false;
    }
    if (nowMs - this.#headSinceMs < timeoutMs) return false;
    this.#overdue = head.number;
    return true;
  }

  /**
   * What to do with the records of this mapper now that it is dead. When it was killed for being
   * overdue with a record that it finished after all, the next one is not to blame.
   */
  remains(): SlotRemains<Item> {
    const jobs = this.#queue;
    const [head] = jobs;
    this.#queue = [];
    const toBlame = head !== undefined && this.#headIsAtWork();
    const killedForAnother = this.#overdue !== undefined && this.#overdue !== head?.number;
    if (!toBlame || killedForAnother) return { struck: undefined, untouched: jobs };
    return { struck: head, untouched: jobs.slice(1) };
  }

  async #sendLarge(message: MapperJob): Promise<void> {
    try {
      await this.task.quipe.send(message);
    } catch {
      return; // The mapper died; the record is still in the queue, and `remains` gives it back.
    }
    this.#full = false;
    this.#owner.drained();
  }

  async #listen(): Promise<void> {
    try {
      for (;;) {
        this.#hear(await this.task.quipe.receive());
        this.#drain();
      }
    } catch (error) {
      if (!isEndOfLane(error)) await this.task.kill(error);
    }
    this.#full = true;
    this.#owner.ended(this);
  }

  /** Hears every reply that is there, after the one just heard. */
  #drain(): void {
    let replies = 1;
    for (;;) {
      const reply = this.#tryReceive();
      if (reply === undefined) break;
      this.#hear(reply.value);
      replies += 1;
    }
    this.#paced(replies);
  }

  #tryReceive(): { readonly value: MapperReply } | undefined {
    try {
      return this.task.quipe.tryReceive();
    } catch (error) {
      if (isEndOfLane(error)) return undefined; // `#listen` hears of it too.
      throw error;
    }
  }

  #hear(reply: MapperReply): void {
    if (reply[0] === "ready") {
      this.#ready = true;
      this.#pacedAtMs = performance.now();
      this.#owner.ready(this);
      return;
    }
    const job = this.#queue.shift();
    if (job === undefined) throw new QuipeBug("A mapper answered a record that it never got");
    this.#replied += 1;
    this.#owner.replied(job, reply);
  }

  /** Deepens the queue of a fast mapper and flattens that of a slow one. */
  #paced(replies: number): void {
    const nowMs = performance.now();
    const eachMs = Math.max((nowMs - this.#pacedAtMs) / replies, 0.001);
    this.#depth = Math.min(Math.max(Math.round(paceMs / eachMs), shallowest), deepest);
    this.#pacedAtMs = nowMs;
    this.#headSinceMs = nowMs;
    this.#full = false;
    this.#owner.drained();
  }

  /** Whether the mapper has taken the head of the queue, and has not answered it, heard or unheard. */
  #headIsAtWork(): boolean {
    const counts = this.task.quipe.statistics();
    const answered = counts.in.sent - (this.#ready ? 1 : 0);
    return counts.out.taken > answered && answered === this.#replied;
  }
}

/** Whether an error of an end says that nothing will come through it any more. */
function isEndOfLane(error: unknown): boolean {
  if (!(error instanceof QuipeError)) return false;
  switch (error.code) {
    case "ended":
    case "peer-failed":
    case "peer-killed":
    case "broken":
    case "closed":
    case "aborted":
      return true;
    default:
      return false;
  }
}
