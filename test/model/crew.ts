/**
 * The real threads that play the programs. They are started once and kept warm. One that an execution has
 * spent (asynchronous code was killed in it, or left something pending) is started anew; if one
 * does not come back at all, all of them are.
 */
import { Worker } from "node:worker_threads";
import { seatOf } from "./choice.ts";
import {
  at,
  COMMAND,
  createControl,
  EXPLORER,
  openGate,
  passGate,
  PHASE,
  SEAT,
  WORDS,
} from "./control.ts";
import type { Control } from "./control.ts";
import type { Assignment, WorkerStart } from "./explored-worker.ts";

/** See the top of the file. */
export class Crew {
  readonly #entry: URL;
  readonly #patienceMs: number;
  readonly #workers: Map<number, Worker> = new Map();
  #control: Control = createControl();
  #assignments: readonly Assignment[] = [];

  /** `patienceMs` is how long a thread may run without reaching an operation before it counts as lost. */
  constructor(entry: URL, patienceMs: number) {
    this.#entry = entry;
    this.#patienceMs = patienceMs;
  }

  get control(): Control {
    return this.#control;
  }

  /** Gives each thread its part of a program. */
  async assign(assignments: readonly Assignment[]): Promise<void> {
    this.#assignments.forEach((_assignment, thread) => this.#dismiss(thread));
    this.#assignments = assignments;
    await Promise.all(assignments.map((_assignment, thread) => this.#employ(thread)));
  }

  /** Lets one execution run to its end; false if some thread never gave the turn back. */
  play(): boolean {
    openGate(this.#control, 0);
    return passGate(this.#control, EXPLORER, this.#patienceMs);
  }

  /** Throws every thread out of what it still stands in; false if one does not go. */
  unwind(): boolean {
    this.#control.words[WORDS.command] = COMMAND.unwind;
    for (let thread = 0; thread < this.#assignments.length; thread++) {
      if (!this.#isInside(thread)) continue;
      openGate(this.#control, thread);
      if (!passGate(this.#control, EXPLORER, this.#patienceMs)) return false;
      // An asynchronous one now sleeps for ever and is renewed.
      if (this.#isInside(thread) && !this.#isAsynchronous(thread)) return false;
    }
    this.#control.words[WORDS.command] = COMMAND.run;
    return true;
  }

  /** Threads that must be renewed before the next execution. */
  listSpent(): number[] {
    const threads = [...this.#assignments.keys()];
    const isSpent = (thread: number): boolean =>
      this.#control.seats[seatOf(thread) + SEAT.spent] === 1;
    return threads.filter((thread) => isSpent(thread) || this.#isInside(thread));
  }

  /** Starts these threads anew. */
  async renew(threads: readonly number[]): Promise<void> {
    const renewals = threads.map(async (thread) => {
      if (!this.#isInside(thread)) this.#dismiss(thread);
      await this.#discard(thread);
      await this.#employ(thread);
    });
    await Promise.all(renewals);
  }

  /** Ends all threads whatever they do, and starts new ones. */
  async restart(): Promise<void> {
    await Promise.all([...this.#workers.keys()].map((thread) => this.#discard(thread)));
    this.#control = createControl();
    await Promise.all(this.#assignments.map((_assignment, thread) => this.#employ(thread)));
  }

  /** Ends all threads. */
  async close(): Promise<void> {
    this.#assignments.forEach((_assignment, thread) => this.#dismiss(thread));
    this.#assignments = [];
    await Promise.all([...this.#workers.keys()].map((thread) => this.#discard(thread)));
  }

  #isInside(thread: number): boolean {
    const phase = at(this.#control.seats, seatOf(thread) + SEAT.phase);
    return phase !== PHASE.ended && phase !== PHASE.unstarted && phase !== PHASE.dormant;
  }

  #isAsynchronous(thread: number): boolean {
    return this.#control.seats[seatOf(thread) + SEAT.asynchronous] === 1;
  }

  /** Sends a thread back to its event loop, where it reads messages. */
  #dismiss(thread: number): void {
    this.#control.words[WORDS.command] = COMMAND.leave;
    openGate(this.#control, thread);
    passGate(this.#control, EXPLORER, this.#patienceMs);
    this.#control.words[WORDS.command] = COMMAND.run;
  }

  async #discard(thread: number): Promise<void> {
    const worker = this.#workers.get(thread);
    this.#workers.delete(thread);
    await worker?.terminate();
  }

  async #employ(thread: number): Promise<void> {
    const assignment = this.#assignments[thread];
    const worker = this.#workers.get(thread) ?? this.#start(thread);
    const answer = await ask(worker, assignment);
    if (answer === "ready") return;
    throw new Error(`Thread "${assignment?.body}" of ${assignment?.program} is ${String(answer)}.`);
  }

  #start(thread: number): Worker {
    const start: WorkerStart = { control: this.#control, thread };
    const worker = new Worker(this.#entry, { workerData: start });
    this.#workers.set(thread, worker);
    return worker;
  }
}

function ask(worker: Worker, question: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const onError = (error: unknown): void => reject(error);
    worker.once("error", onError);
    worker.once("message", (answer: unknown) => {
      worker.off("error", onError);
      resolve(answer);
    });
    worker.postMessage(question);
  });
}
