/**
 * One mapper as its map sees it: the task, the records it was given, and how it gets on with them.
 *
 *    offer ──► queue: [ done, reply on its way │ at work │ not begun … ] ──► hear, in the queue's order
 *                                                  │
 *              the task dies: `remains` tells the record that it was working on from all the others
 *
 * Invariants
 *   - A mapper answers every record once, in order, so replies belong to the head of the queue.
 *   - By its progress words a mapper works on at most one record: that is the one to blame when it dies.
 *     Those behind it were never begun; those before it, at most eight milliseconds' worth, were done, but
 *     nobody will ever hear how, so they are done again.
 *   - The queue holds about thirty milliseconds of work, given in quarters: deep enough to keep a fast
 *     mapper busy while this thread does something else, shallow enough not to pile slow records up on
 *     one task, and rarely refilled, since each refill may have to wake the mapper.
 */
import { QuipeBug, QuipeError } from "../errors.ts";
import { recordAtWork } from "./mapper-progress.ts";
import type { MapperBatch, MapperReply } from "./mapper.ts";
import type { Job, SourceItem } from "./work-window.ts";

/** How a mapper task ended. */
export interface MapperOutcome {
  readonly kind: "done" | "failed" | "cancelled" | "killed" | "crashed";
  readonly error?: unknown;
  readonly reason?: unknown;
}

/** What a map needs of a mapper task. A `Task` whose quipe carries batches and replies is one. */
export interface MapperTask {
  readonly quipe: {
    trySend(batch: MapperBatch): boolean;
    send(batch: MapperBatch): Promise<void>;
    tryReceive(): { readonly value: MapperReply } | undefined;
    receive(): Promise<MapperReply>;
    close(): unknown;
  };
  readonly outcome: Promise<MapperOutcome>;
  kill(reason?: unknown): Promise<boolean>;
}

/** A mapper task and the words in which it notes its progress. */
export interface StartedMapper {
  readonly task: MapperTask;
  readonly progress: Int32Array;
}

/** Who is told what a slot hears. */
export interface SlotOwner<Item extends SourceItem> {
  ready(slot: MapperSlot<Item>): void;
  succeeded(job: Job<Item>, value: unknown): void;
  failed(job: Job<Item>, error: unknown): void;
  /** After a run of replies: there may be room again. */
  drained(): void;
  ended(slot: MapperSlot<Item>): void;
}

/** What a dead mapper left: the record it was working on, and all the others. */
export interface SlotRemains<Item extends SourceItem> {
  readonly struck: Job<Item> | undefined;
  readonly others: readonly Job<Item>[];
}

const paceMs = 32;
const shallowest = 2;
const deepest = 4096;
const partsOfDepth = 4;

/** One mapper task and its queue. */
export class MapperSlot<Item extends SourceItem> {
  readonly task: MapperTask;
  readonly #progress: Int32Array;
  readonly #owner: SlotOwner<Item>;
  /** Offered and not answered; the part before `#head` has been answered. */
  #queue: Job<Item>[] = [];
  #head = 0;
  #ready = false;
  #replied = 0;
  #depth = shallowest;
  /** The lane has no room, or one large batch is still being written to it. */
  #full = false;
  #pacedAtMs = 0;
  /** The record at work when the watchdog last looked, and since when. */
  #watched: number | undefined;
  #watchedSinceMs = 0;
  #overdue: number | undefined;

  constructor({ task, progress }: StartedMapper, owner: SlotOwner<Item>) {
    this.task = task;
    this.#progress = progress;
    this.#owner = owner;
    void this.#listen();
  }

  /** Whether the mapper has loaded its function. */
  get isReady(): boolean {
    return this.#ready;
  }

  /** How many records are with this mapper. */
  get load(): number {
    return this.#queue.length - this.#head;
  }

  /** How many records may be offered together now; 0 if it is busy enough. */
  get appetite(): number {
    if (!this.#ready || this.#full) return 0;
    const portion = Math.max(1, this.#depth / partsOfDepth);
    return this.load + portion <= this.#depth ? Math.floor(portion) : 0;
  }

  /** The number of the record for which this mapper was found overdue. */
  get overdueRecord(): number | undefined {
    return this.#overdue;
  }

  /**
   * Gives records with consecutive numbers to the mapper; false if it cannot take them now. Throws if one
   * of the values cannot be sent, and then none was.
   */
  offer(jobs: readonly Job<Item>[]): boolean {
    const values = jobs.map((job) => job.item.value);
    const batch: MapperBatch = [jobs[0]?.number ?? 0, values];
    const idle = this.load === 0;
    if (this.#trySend(batch)) {
      this.#queue.push(...jobs);
      return true;
    }
    this.#full = true;
    if (!idle) return false; // The next reply makes room.
    this.#queue.push(...jobs);
    void this.#sendLarge(batch);
    return true;
  }

  /** Whether a record has been at work for `timeoutMs`; remembers it as the reason to kill the task. */
  isOverdue(nowMs: number, timeoutMs: number): boolean {
    const atWork = recordAtWork(this.#progress);
    if (atWork === undefined || atWork !== this.#watched) {
      this.#watched = atWork;
      this.#watchedSinceMs = nowMs;
      return false;
    }
    if (nowMs - this.#watchedSinceMs < timeoutMs) return false;
    this.#overdue = this.#jobAtWork()?.number;
    return this.#overdue !== undefined;
  }

  /**
   * What to do with the records of this mapper now that it is dead. When it was killed for being
   * overdue with a record that it finished after all, the next one is not to blame.
   */
  remains(): SlotRemains<Item> {
    const jobs = this.#queue.slice(this.#head);
    const atWork = this.#jobAtWork();
    this.#queue = [];
    this.#head = 0;
    const killedForAnother = this.#overdue !== undefined && this.#overdue !== atWork?.number;
    const struck = killedForAnother ? undefined : atWork;
    return { struck, others: jobs.filter((job) => job !== struck) };
  }

  /** False if the lane is full, or dead; in that case `ended` follows. */
  #trySend(batch: MapperBatch): boolean {
    try {
      return this.task.quipe.trySend(batch);
    } catch (error) {
      if (isEndOfLane(error)) return false;
      throw error;
    }
  }

  async #sendLarge(batch: MapperBatch): Promise<void> {
    try {
      await this.task.quipe.send(batch);
    } catch {
      return; // The mapper died; the records are still in the queue, and `remains` tells what of them.
    }
    this.#full = false;
    this.#owner.drained();
  }

  async #listen(): Promise<void> {
    try {
      for (;;) {
        const before = this.#replied;
        this.#hear(await this.task.quipe.receive());
        this.#hearAll();
        this.#pace(this.#replied - before);
        this.#full = false;
        this.#owner.drained();
      }
    } catch (error) {
      if (!isEndOfLane(error)) await this.task.kill(error);
    }
    this.#full = true;
    this.#owner.ended(this);
  }

  #hearAll(): void {
    for (;;) {
      const reply = this.task.quipe.tryReceive();
      if (reply === undefined) return;
      this.#hear(reply.value);
    }
  }

  #hear(reply: MapperReply): void {
    switch (reply[0]) {
      case "ready":
        this.#ready = true;
        this.#pacedAtMs = performance.now();
        this.#owner.ready(this);
        return;
      case "values":
        for (const value of reply[1]) this.#owner.succeeded(this.#answered(), value);
        return;
      case "error":
        this.#owner.failed(this.#answered(), reply[1]);
    }
  }

  #answered(): Job<Item> {
    const job = this.#queue[this.#head];
    if (job === undefined) throw new QuipeBug("A mapper answered a record that it never got");
    this.#head += 1;
    this.#replied = (this.#replied + 1) | 0;
    if (this.#head >= deepest) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
    return job;
  }

  /** Deepens the queue of a fast mapper and flattens that of a slow one. */
  #pace(replies: number): void {
    if (replies <= 0) return;
    const nowMs = performance.now();
    const eachMs = Math.max((nowMs - this.#pacedAtMs) / replies, 0.001);
    this.#depth = Math.min(Math.max(Math.round(paceMs / eachMs), shallowest), deepest);
    this.#pacedAtMs = nowMs;
  }

  #jobAtWork(): Job<Item> | undefined {
    const atWork = recordAtWork(this.#progress);
    return atWork === undefined
      ? undefined
      : this.#queue[this.#head + ((atWork - 1 - this.#replied) | 0)];
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
      return true;
    default:
      return false;
  }
}
