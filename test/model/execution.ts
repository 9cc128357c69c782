/**
 * One program on its threads: prepares the memory, lets one schedule run, and judges how it ended.
 */
import { seatOf } from "./choice.ts";
import {
  at,
  MOST_STEPS,
  MOST_THREADS,
  OPERATIONS,
  OUTCOME,
  PHASE,
  SEAT,
  START_OF_TIME,
  TRACE,
  TRACE_WORDS,
  unpackChoice,
  WORDS,
} from "./control.ts";
import type { Control } from "./control.ts";
import type { Crew } from "./crew.ts";
import type { Memory, Program, Run } from "./program.ts";
import { formatSchedule, listDeviations } from "./schedule.ts";
import type { ExecutedSchedule, Schedule, Step } from "./schedule.ts";
import { tellSteps, tellWaits } from "./telling.ts";
import type { Names } from "./telling.ts";

/** A schedule in which the program did not keep its claim. */
export interface Failure {
  readonly problem: string;
  /** Replays it. */
  readonly schedule: string;
  /** What each step was, the last ones. */
  readonly steps: readonly string[];
}

/** One execution, judged. */
export interface Execution {
  readonly executed: ExecutedSchedule;
  readonly run: Run;
  readonly failure: Failure | undefined;
}

/** Which program. */
export interface StageOptions {
  readonly crew: Crew;
  readonly program: Program;
  readonly moduleUrl: string;
  /** Its export name. */
  readonly name: string;
}

const REPAIR = "repair";

const STEP_LIMIT = 2000;

const TOLD_STEPS = 60;

/** See the top of the file. */
export class Stage {
  readonly program: Program;
  /** Number of the thread that may be killed, -1 if none. */
  readonly victim: number;
  readonly #crew: Crew;
  readonly #moduleUrl: string;
  readonly #name: string;
  readonly #memory: Memory<string>;
  readonly #names: Names;
  readonly #repairer: number;

  constructor({ crew, program, moduleUrl, name }: StageOptions) {
    this.program = program;
    this.#crew = crew;
    this.#moduleUrl = moduleUrl;
    this.#name = name;
    const threads = Object.keys(program.threads);
    this.victim = program.kill === undefined ? -1 : threads.indexOf(program.kill.thread);
    if (program.kill !== undefined && this.victim < 0) {
      throw new TypeError(`Expected \`kill.thread\` to be a thread, got "${program.kill.thread}".`);
    }
    this.#repairer = program.kill?.repair === undefined ? -1 : threads.length;
    if (threads.includes(REPAIR))
      throw new TypeError(`Expected no thread to be named "${REPAIR}".`);
    if (this.#repairer >= 0) threads.push(REPAIR);
    if (threads.length > MOST_THREADS)
      throw new RangeError(`Expected at most ${MOST_THREADS} threads.`);
    this.#names = { threads, buffers: Object.keys(program.buffers) };
    const buffers = Object.entries(program.buffers).map(([buffer, bytes]) => [
      buffer,
      new SharedArrayBuffer((bytes + 3) & ~3),
    ]);
    this.#memory = Object.fromEntries(buffers);
  }

  /** Hands every thread its part. */
  async prepare(): Promise<void> {
    const assignments = this.#names.threads.map((body) => ({
      module: this.#moduleUrl,
      program: this.#name,
      body,
      buffers: this.#memory,
    }));
    await this.#crew.assign(assignments);
  }

  /** Runs one schedule. */
  async execute(schedule: Schedule): Promise<Execution> {
    const { control } = this.#crew;
    this.#reset(control, schedule);
    const returned = this.#crew.play();
    const execution = this.#judge(control, schedule, returned);
    if (!returned || !this.#crew.unwind()) {
      await this.#crew.restart();
      return execution;
    }
    const spent = this.#crew.listSpent();
    if (spent.length > 0) await this.#crew.renew(spent);
    return execution;
  }

  #reset(control: Control, schedule: Schedule): void {
    const { words, seats, plan } = control;
    words.fill(0);
    seats.fill(0);
    const deviations = listDeviations(schedule.deviation);
    deviations.forEach((deviation, index) => {
      plan[2 * index] = deviation.step;
      plan[2 * index + 1] = deviation.thread;
    });
    words[WORDS.planned] = deviations.length;
    words[WORDS.last] = -1;
    words[WORDS.killedBefore] = -1;
    words[WORDS.victim] = schedule.kill?.thread ?? -1;
    words[WORDS.victimSteps] = schedule.kill?.steps ?? 0;
    words[WORDS.tear] = schedule.kill?.tear ?? 0;
    words[WORDS.threads] = this.#names.threads.length;
    words[WORDS.repairer] = this.#repairer;
    words[WORDS.stepLimit] = Math.min(this.program.stepLimit ?? STEP_LIMIT, MOST_STEPS);
    words[WORDS.pauses] = this.program.pauses === true ? 1 : 0;
    control.clock[0] = START_OF_TIME;
    words[WORDS.timeouts] = this.program.timeouts === "never" ? 0 : 1;
    for (let thread = 0; thread < this.#names.threads.length; thread++) {
      const phase = thread === this.#repairer ? PHASE.dormant : PHASE.unstarted;
      seats[seatOf(thread) + SEAT.phase] = phase;
    }
    for (const buffer of Object.values(this.#memory)) new Uint8Array(buffer).fill(0);
    this.program.setup?.(this.#memory);
  }

  #judge(control: Control, schedule: Schedule, returned: boolean): Execution {
    const executed: ExecutedSchedule = {
      steps: listSteps(control),
      killedBefore: at(control.words, WORDS.killedBefore),
      tornWords: at(control.words, WORDS.tornWords),
    };
    const run = this.#run(control);
    const problem = returned
      ? this.#problemOf(control, run)
      : `${this.#lastThread(control)} never came to another atomic operation: an endless loop.`;
    if (problem === undefined) return { executed, run, failure: undefined };
    const steps = tellSteps(control, this.#names, schedule.kill).slice(-TOLD_STEPS);
    return {
      executed,
      run,
      failure: { problem, schedule: formatSchedule(schedule, executed), steps },
    };
  }

  #problemOf(control: Control, run: Run): string | undefined {
    const { words } = control;
    const thread = this.#names.threads[at(words, WORDS.outcomeThread)] ?? "a thread";
    switch (at(words, WORDS.outcome)) {
      case OUTCOME.ended:
        return this.#brokenClaim(run);
      case OUTCOME.deadlock:
        return `Deadlock: ${tellWaits(control, this.#names)}.`;
      case OUTCOME.threw: {
        const bytes = control.text.slice(0, at(words, WORDS.textBytes));
        return `${thread}: ${new TextDecoder().decode(bytes)}`;
      }
      case OUTCOME.tooLong:
        return `No end after ${at(words, WORDS.stepLimit)} steps: ${thread} is still running.`;
      default:
        return [
          `${thread} cannot take step ${at(words, WORDS.steps) + 1}:`,
          "the program does not run the same way twice, or the schedule is of another version of it.",
        ].join(" ");
    }
  }

  #brokenClaim(run: Run): string | undefined {
    try {
      this.program.after?.(this.#memory, run);
      return undefined;
    } catch (error) {
      return `After the end: ${error instanceof Error ? error.message : String(error)}`;
    }
  }

  #run(control: Control): Run {
    const log = [];
    for (let record = 0; record < at(control.words, WORDS.records); record++) {
      const thread = this.#names.threads[at(control.log, 2 * record)] ?? "?";
      log.push({ thread, value: at(control.log, 2 * record + 1) });
    }
    const wasKilled = at(control.words, WORDS.killedBefore) >= 0;
    return { log, killed: wasKilled ? this.#names.threads[this.victim] : undefined };
  }

  #lastThread(control: Control): string {
    return this.#names.threads[at(control.words, WORDS.last)] ?? "a thread";
  }
}

function listSteps(control: Control): Step[] {
  const steps: Step[] = [];
  for (let step = 0; step < at(control.words, WORDS.steps); step++) {
    const word = (offset: number): number => at(control.trace, step * TRACE_WORDS + offset);
    const operation = OPERATIONS[word(TRACE.operation)] ?? "start";
    const choice = unpackChoice(word(TRACE.choice));
    steps.push({ ...choice, operation, location: word(TRACE.location) });
  }
  return steps;
}
