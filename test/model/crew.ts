/**
 * The real threads that play the programs. They are started once and kept warm; one that cannot be
 * unwound is thrown away with all the others and started anew.
 */
import { Worker } from "node:worker_threads";
import {
  at,
  COMMAND,
  createControl,
  EXPLORER,
  openGate,
  PHASE,
  SEAT,
  WORDS,
  passGate,
} from "./control.ts";
import type { Control } from "./control.ts";
import { seatOf } from "./choice.ts";
import type { Assignment, WorkerStart } from "./explored-worker.ts";

/** How long a thread may run without reaching an operation before it counts as lost. */
const PATIENCE_MS = 20_000;

/** See the top of the file. */
export class Crew {
  readonly #entry: URL;
  #control: Control = createControl();
  #workers: Worker[] = [];
  #serving = 0;

  constructor(entry: URL) {
    this.#entry = entry;
  }

  get control(): Control {
    return this.#control;
  }

  /** Gives each thread its part of a program. */
  async assign(assignments: readonly Assignment[]): Promise<void> {
    this.#dismiss();
    const answers = assignments.map(async (assignment, thread) => {
      const answer = await this.#ask(this.#workerFor(thread), assignment);
      if (answer !== "ready")
        throw new TypeError(`No thread "${assignment.body}" in ${assignment.program}.`);
    });
    await Promise.all(answers);
    this.#serving = assignments.length;
  }

  /** Lets one execution run to its end; false if some thread never gave the turn back. */
  play(): boolean {
    openGate(this.#control, 0);
    return passGate(this.#control, EXPLORER, PATIENCE_MS);
  }

  /** Throws every thread out of what it still stands in; false if one does not go. */
  unwind(): boolean {
    this.#control.words[WORDS.command] = COMMAND.unwind;
    for (let thread = 0; thread < this.#serving; thread++) {
      if (!this.#isInside(thread)) continue;
      openGate(this.#control, thread);
      if (!passGate(this.#control, EXPLORER, PATIENCE_MS) || this.#isInside(thread)) return false;
    }
    this.#control.words[WORDS.command] = COMMAND.run;
    return true;
  }

  /** Ends all threads, by force those that do not come back. The next {@link assign} starts new ones. */
  async close(force: boolean = false): Promise<void> {
    if (!force) this.#dismiss();
    const workers = this.#workers;
    this.#workers = [];
    this.#serving = 0;
    this.#control = createControl();
    await Promise.all(workers.map((worker) => worker.terminate()));
  }

  #isInside(thread: number): boolean {
    const phase = at(this.#control.seats, seatOf(thread) + SEAT.phase);
    return phase !== PHASE.ended && phase !== PHASE.unstarted && phase !== PHASE.dormant;
  }

  /** Sends all threads back to their event loops, where they read messages. */
  #dismiss(): void {
    this.#control.words[WORDS.command] = COMMAND.leave;
    for (let thread = 0; thread < this.#serving; thread++) {
      openGate(this.#control, thread);
      passGate(this.#control, EXPLORER, PATIENCE_MS);
    }
    this.#serving = 0;
    this.#control.words[WORDS.command] = COMMAND.run;
  }

  #workerFor(thread: number): Worker {
    const running = this.#workers[thread];
    if (running !== undefined) return running;
    const start: WorkerStart = { control: this.#control, thread };
    const worker = new Worker(this.#entry, { workerData: start });
    this.#workers[thread] = worker;
    return worker;
  }

  #ask(worker: Worker, assignment: Assignment): Promise<string> {
    return new Promise((resolve, reject) => {
      const onError = (error: unknown): void => reject(error);
      worker.once("error", onError);
      worker.once("message", (answer: string) => {
        worker.off("error", onError);
        resolve(answer);
      });
      worker.postMessage(assignment);
    });
  }
}
