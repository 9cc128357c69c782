/**
 * One worker as its pool sees it: the task, the calls it was given, and how it gets on with them.
 *
 *    offer ──► queue: [ replied, not heard yet │ at work │ not begun … ] ──► hear, in the queue's order
 *                                                  │            │
 *                       the task dies: `remains` ◄─┘            └─► `withdraw`: another worker has them
 *
 * Invariants
 *   - A worker answers the calls that it begins once, in order, so replies belong to the head of the queue.
 *   - By its words (call-words.ts) at most one call has begun and has no reply: the one to blame when it dies.
 *   - A reply that names shared memory which is still on its way to this thread stays in the lane, and so do those behind
 *     it, until that has come. So a worker's end is told only when all that it had said was heard.
 *   - While calls that were withdrawn may still lie in its lane, it is given nothing.
 *   - The queue holds about thirty milliseconds of work, given in quarters: deep enough to keep a worker of fast
 *     calls busy while this thread does something else, shallow enough not to pile slow calls up on one worker,
 *     and rarely refilled, since each refill may have to wake the worker.
 *   - A call that moves something is given to an idle worker, and nothing behind it: it can be sent only once.
 */
import { QuipeBug } from "../errors.ts";
import { isEndOfLane } from "../quipe/end-errors.ts";
import type { Item } from "../quipe/unsent.ts";
import { BlockedOn, ring } from "../sync/board.ts";
import { Frame, runInFrame } from "../sync/frames.ts";
import { isOnItsWay } from "../sync/on-its-way.ts";
import { thisThread } from "../sync/thread.ts";
import { watch } from "../sync/wait.ts";
import { askToStop, begunCalls, callsBetween, slotOfWorker, withdrawCalls } from "./call-words.ts";
import type { Call, PooledFunction } from "./call.ts";
import {
  DEFINE,
  ERROR,
  FORGET,
  FULL,
  READY,
  RESUME,
  type Reply,
  type Request,
  VALUE,
} from "./server.ts";

/** How a worker's task ended. */
export interface WorkerOutcome {
  readonly kind: "done" | "failed" | "cancelled" | "killed" | "crashed";
  readonly error?: unknown;
  readonly reason?: unknown;
}

/** What a pool needs of a worker's task. A `Task` that runs `serverTask` is one. */
export interface WorkerTask {
  readonly quipe: {
    trySend(request: Request): boolean;
    trySendEncoded(item: Item): boolean;
    wakePeer(): void;
    send(request: Request): Promise<void>;
    /** Throws `BufferOnItsWay` while an item cannot be read yet, which stays where it is. */
    tryReceiveOrListen(): { readonly value: Reply } | undefined;
    close(): unknown;
  };
  readonly outcome: Promise<WorkerOutcome>;
  kill(reason?: unknown): Promise<boolean>;
}

/** A worker's task and the words that it shares with its pool. */
export interface StartedWorker {
  readonly task: WorkerTask;
  readonly words: Int32Array;
}

/** Who is told what a worker does. */
export interface WorkerOwner {
  /** It has replied, or is ready: there may be room again. */
  heard(worker: PoolWorker, calls: number): void;
  ended(worker: PoolWorker, outcome: WorkerOutcome): void;
}

/** A worker must hear what it is told, also where that happens to be said in a scope that has just been stopped. */
const unstopped = new Frame({ parent: undefined, shieldedUntil: Infinity });

const paceMs = 32;
const shallowest = 2;
/** A worker is woken at the latest when it was given so many calls, so that it works while more are given. */
const ringAfter = 32;
/** Answered calls at the head of the queue's array are cut off in bunches of so many. */
const cutAfter = 1024;

/** How many items the lanes to and from a worker hold; a queue is never deeper. */
export const workerQuipe: { readonly capacity: number; readonly maxBytes: number } = {
  capacity: 1024,
  maxBytes: 256 * 1024,
};

/** One worker and its queue. */
export class PoolWorker {
  readonly task: WorkerTask;
  readonly #words: Int32Array;
  readonly #owner: WorkerOwner;
  /** Given and not answered; the part before `#head` has been answered. */
  #queue: Call[] = [];
  #head = 0;
  /** Calls answered, modulo 2^31. */
  #replied = 0;
  #depth = shallowest;
  /** The lane had no room; the next reply makes some. */
  #isFull = false;
  /** It has enough to do until it has done a quarter of that. */
  #isDeep = false;
  /** It has not said that it takes calls, or not since some were withdrawn. */
  #isWithheld = true;
  #isRetiring = false;
  /** Nothing more is to be heard of it. */
  #isOver = false;
  /** Its next reply is in the lane, and cannot be read yet. */
  #isReplyComing = false;
  #ended: Promise<void> = Promise.resolve();
  #pacedAtMs = 0;
  /** Calls that it was given since it was last woken. */
  #unrung = 0;
  #given = 0;
  readonly #known = new Set<number>();
  /** The call at work when the pool last looked, and since when; see {@link stuckCall}. */
  #watched: Call | undefined;
  #watchedSinceMs = 0;

  constructor({ task, words }: StartedWorker, owner: WorkerOwner) {
    this.task = task;
    this.#words = words;
    this.#owner = owner;
  }

  /** Tells the owner from now on what the worker does. */
  listen(): void {
    this.#ended = this.#tellEnd(this.#heardOut());
    this.hear(); // so that it rings when it has something to say
  }

  /** Resolves once the owner has been told of its end. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /** How many calls are with this worker. */
  get load(): number {
    return this.#queue.length - this.#head;
  }

  /** Whether it takes calls, apart from being busy. */
  get isReady(): boolean {
    return !this.#isWithheld && !this.#isRetiring && !this.#isOver;
  }

  /** Whether it finishes what it has and gets nothing more. */
  get isRetiring(): boolean {
    return this.#isRetiring;
  }

  /** How many calls it was given so far. */
  get given(): number {
    return this.#given;
  }

  /** Whether it may be given a call now. A filled queue is refilled only when a quarter of it is done. */
  get hasRoom(): boolean {
    if (!this.isReady || this.#isFull) return false;
    return this.load === 0 || (!this.#isDeep && this.#queue[this.#head]?.moves === false);
  }

  /** Gives a call to the worker; false if it cannot take it now. Throws if it cannot be sent at all. */
  offer(call: Call): boolean {
    const message = call.message();
    if (message.moves.length > 0 && this.load > 0) return false;
    if (!this.#trySend(call, message)) {
      this.#isFull = true;
      return false;
    }
    call.sent();
    if (this.load === 0) this.#pacedAtMs = performance.now();
    this.#queue.push(call);
    if (this.load >= this.#depth) this.#isDeep = true;
    this.#given += 1;
    this.#unrung += 1;
    if (this.#unrung >= ringAfter) this.wake();
    return true;
  }

  /** Lets the worker know of what it was given. Waking it costs more than most calls, so it is done for many. */
  wake(): void {
    if (this.#unrung === 0) return;
    this.#unrung = 0;
    this.task.quipe.wakePeer();
  }

  /** Takes back the calls that have not begun. */
  withdraw(): readonly Call[] {
    if (this.#isWithheld || this.#isOver) return [];
    if (callsBetween(this.#replied, begunCalls(this.#words)) === this.load) return [];
    const begun = callsBetween(this.#replied, withdrawCalls(this.#words));
    const calls = this.#queue.splice(this.#head + begun);
    this.#isWithheld = true;
    this.#given -= calls.length;
    this.#tell([RESUME]);
    return calls;
  }

  /** Whether a call of this worker has begun, or may have. */
  has(call: Call): boolean {
    return this.#queue.includes(call, this.#head);
  }

  /** Lets the worker forget a function that is not called any more. */
  forget({ number }: PooledFunction): void {
    if (this.#known.delete(number)) this.#tell([FORGET, number]);
  }

  /** Asks the call at work to stop. */
  askToStop(call: Call): void {
    const place = this.#queue.indexOf(call, this.#head) - this.#head;
    askToStop(this.#words, callsBetween(0, this.#replied + place + 1));
    ring(thisThread().board, slotOfWorker(this.#words));
  }

  /** The call at work, and for how long it has been seen there. */
  stuckCall(nowMs: number): { readonly call: Call; readonly forMs: number } | undefined {
    const call = this.#isReplyComing ? undefined : this.#callAtWork(); // that one may have its reply
    if (call === undefined) return undefined;
    if (call !== this.#watched) {
      this.#watched = call;
      this.#watchedSinceMs = nowMs;
    }
    return { call, forMs: nowMs - this.#watchedSinceMs };
  }

  /** What to do with its calls now that it is dead and heard out: the one that it was working on, and the others. */
  remains(): { readonly struck: Call | undefined; readonly others: readonly Call[] } {
    const struck = this.#callAtWork();
    const others = this.#queue.slice(this.#head).filter((call) => call !== struck);
    this.#queue = [];
    this.#head = 0;
    return { struck, others };
  }

  /** It gets nothing more, and ends as soon as it has nothing left to do. */
  retire(): void {
    this.#isRetiring = true;
    if (this.load === 0) this.task.quipe.close();
  }

  /** Hears everything that the worker has said. */
  hear(): void {
    const before = this.#replied;
    let heard = 0;
    while (!this.#isOver && this.#hearNext()) heard += 1;
    if (heard === 0) return;
    const calls = callsBetween(before, this.#replied);
    this.#pace(calls);
    this.#isFull = false;
    if (this.#isRetiring && this.load === 0) this.task.quipe.close();
    this.#owner.heard(this, calls);
  }

  /** Hears what it says, whenever it does; resolves once that was all. */
  #heardOut(): Promise<void> {
    return new Promise((resolve, reject) => {
      const isHeardOut = (): boolean => {
        try {
          this.hear();
        } catch (error) {
          reject(error);
          return true;
        }
        if (this.#isOver) resolve();
        return this.#isOver;
      };
      watch(isHeardOut, { code: BlockedOn.lane, text: "a pool's worker" }).release();
    });
  }

  async #tellEnd(heardOut: Promise<void>): Promise<void> {
    const [outcome] = await Promise.all([this.task.outcome, heardOut]);
    this.#owner.ended(this, outcome);
  }

  #hearNext(): boolean {
    let reply: { readonly value: Reply } | undefined;
    this.#isReplyComing = false;
    try {
      reply = this.task.quipe.tryReceiveOrListen();
    } catch (error) {
      if (isOnItsWay(error)) {
        this.#isReplyComing = true; // this task is rung when it can be read
        return false;
      }
      if (isEndOfLane(error)) {
        this.#isOver = true;
        return false;
      }
      this.#answered().fail(error); // its value cannot be had here
      return true;
    }
    if (reply === undefined) return false;
    this.#act(reply.value);
    return true;
  }

  #act(reply: Reply): void {
    switch (reply[0]) {
      case VALUE:
        return this.#answered().succeed(reply[1]);
      case ERROR:
        return this.#answered().fail(reply[1]);
      case READY:
        this.#isWithheld = false;
        return;
      case FULL:
        this.retire();
    }
  }

  #answered(): Call {
    const call = this.#queue[this.#head];
    if (call === undefined) throw new QuipeBug("a worker answered a call that it never got");
    this.#head += 1;
    this.#replied = callsBetween(0, this.#replied + 1);
    if (this.#head >= cutAfter || this.load === 0) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
    return call;
  }

  /** If it died meanwhile, `ended` follows. */
  #tell(request: Request): void {
    runInFrame(unstopped, () => this.task.quipe.send(request)).catch(() => undefined);
  }

  /** False if the lane is full, or dead; in that case `ended` follows. */
  #trySend({ fn }: Call, message: Item): boolean {
    const { quipe } = this.task;
    try {
      if (!this.#known.has(fn.number)) {
        if (!quipe.trySend([DEFINE, fn.number, fn.name, fn.entry, fn.making])) return false;
        this.#known.add(fn.number);
      }
      return quipe.trySendEncoded(message);
    } catch (error) {
      if (!isEndOfLane(error)) throw error;
      return false;
    }
  }

  /** Deepens the queue of a fast worker and flattens that of a slow one. */
  #pace(calls: number): void {
    if (calls === 0) return;
    const nowMs = performance.now();
    const eachMs = Math.max((nowMs - this.#pacedAtMs) / calls, 0.001);
    const depth = Math.round(paceMs / eachMs);
    this.#depth = Math.min(Math.max(depth, shallowest), workerQuipe.capacity);
    if (this.load <= (this.#depth * 3) / 4) this.#isDeep = false;
    this.#pacedAtMs = nowMs;
  }

  #callAtWork(): Call | undefined {
    const begun = callsBetween(this.#replied, begunCalls(this.#words));
    return begun === 0 ? undefined : this.#queue[this.#head + begun - 1];
  }
}
