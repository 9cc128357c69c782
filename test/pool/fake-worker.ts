/**
 * A worker without a thread: a test decides when it answers, and when and how it dies.
 */
import { QuipeError } from "../../src/errors.ts";
import { beginCall, createCallWords, resumeCalls } from "../../src/pool/call-words.ts";
import type { StartedWorker, WorkerOutcome, WorkerTask } from "../../src/pool/pool-worker.ts";
import {
  type CallRequest,
  ERROR,
  READY,
  RESUME,
  type Reply,
  type Request,
  VALUE,
} from "../../src/pool/server.ts";
import { fromParcel } from "../../src/quipe/decode.ts";
import { BufferOnItsWay } from "../../src/sync/on-its-way.ts";
import { ringMyself } from "../../src/sync/thread.ts";
import { nextTurn } from "../../src/runtime/host.ts";

/** What a fake worker does with each record: an answer, or `stuck`, or `dies`. */
export type FakeFunction = (value: unknown) => unknown;

/** Answers of a {@link FakeFunction} that are no values. */
export const stuck: unique symbol = Symbol("stuck");
/** The worker dies while it works on the record. */
export const dies: unique symbol = Symbol("dies");

/** A worker that works as soon as it is given something, one call for each turn of the event loop. */
export class FakeWorker implements WorkerTask {
  readonly started: StartedWorker;
  readonly outcome: Promise<WorkerOutcome>;
  readonly seen: unknown[] = [];
  readonly words: Int32Array = createCallWords();
  readonly quipe: WorkerTask["quipe"];
  readonly #call: FakeFunction;
  readonly #requests: Request[] = [];
  readonly #replies: Reply[] = [[READY]];
  #end: QuipeError | undefined;
  #settle: (outcome: WorkerOutcome) => void = () => undefined;
  #isBusy = false;
  /** Replies name memory that comes only when they have been looked at, as in a browser. */
  readonly #isMemoryLate: boolean;
  /** What the next reply names. */
  #memory: "unasked" | "coming" | "here" = "unasked";
  /** How often a reply was looked at that could not be read yet. */
  looksTooEarly = 0;

  constructor(call: FakeFunction, { isMemoryLate = false }: { isMemoryLate?: boolean } = {}) {
    this.#isMemoryLate = isMemoryLate;
    this.#call = call;
    this.outcome = new Promise((resolve) => (this.#settle = resolve));
    this.started = { task: this, words: this.words };
    this.quipe = {
      trySend: (request) => this.#accept(request),
      trySendEncoded: (item) =>
        this.#accept(fromParcel({ bytes: item.bytes.slice().buffer }) as CallRequest),
      wakePeer: () => undefined,
      send: (request) => Promise.resolve(void this.#accept(request)),
      tryReceiveOrListen: () => this.#next(),
      close: () => this.die({ kind: "done" }),
    };
    void nextTurn().then(ringMyself);
  }

  /** Whether no call is at work. */
  get isIdle(): boolean {
    return !this.#isBusy;
  }

  kill(reason?: unknown): Promise<boolean> {
    this.die({ kind: "killed", reason });
    return Promise.resolve(true);
  }

  die(outcome: WorkerOutcome): void {
    if (this.#end !== undefined) return;
    this.#end = new QuipeError(outcome.kind === "done" ? "ended" : "peer-killed", "It is over.");
    this.#settle(outcome);
    ringMyself();
  }

  #accept(request: Request): boolean {
    if (this.#end !== undefined) throw new QuipeError("broken", "Nobody is there.");
    this.#requests.push(request);
    this.#step();
    return true;
  }

  #step(): void {
    while (!this.#isBusy && this.#end === undefined) {
      const request = this.#requests.shift();
      if (request === undefined) return;
      if (request[0] === RESUME) {
        resumeCalls(this.words);
        this.#reply([READY]);
      } else if (request[0] > 0) this.#begin(request as CallRequest);
    }
  }

  #begin([, args]: CallRequest): void {
    if (beginCall(this.words) === undefined) return;
    if (args === undefined) return this.#reply([VALUE, undefined]);
    this.#isBusy = true;
    this.seen.push(args[0]);
    void nextTurn().then(() => this.#finish(this.#call(args[0])));
  }

  #finish(answer: unknown): void {
    if (this.#end !== undefined || answer === stuck) return;
    if (answer === dies) {
      this.die({ kind: "crashed", error: new Error("It called process.exit.") });
      return;
    }
    this.#isBusy = false;
    this.#reply(answer instanceof Error ? [ERROR, answer] : [VALUE, answer]);
    this.#step();
  }

  #reply(reply: Reply): void {
    this.#replies.push(reply);
    ringMyself();
  }

  #next(): { readonly value: Reply } | undefined {
    if (this.#isMemoryLate && this.#replies.length > 0) this.#requireMemory();
    const value = this.#replies.shift();
    if (value !== undefined) return { value };
    if (this.#end !== undefined) throw this.#end;
    return undefined;
  }

  #requireMemory(): void {
    const state = this.#memory;
    if (state === "here") {
      this.#memory = "unasked";
      return;
    }
    this.looksTooEarly += 1;
    if (state === "unasked") {
      this.#memory = "coming";
      void nextTurn().then(() => {
        this.#memory = "here";
        ringMyself();
      });
    }
    throw new BufferOnItsWay(1);
  }
}
