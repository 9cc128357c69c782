/**
 * The interleaving explorer: runs a program in every schedule up to a bound of pre-emptions.
 *
 *     plan ──▶ execution on real threads ──▶ trace ──▶ plans with one more deviation ──▶ …
 *
 * It goes depth-first through the schedules without pre-emption, then through those with one, and so on, so
 * that the first failure is one of the simplest. With `kill` it then does the same again for each step
 * of the victim, which dies there.
 *
 * What it sees: every order of atomic operations within the bound, lost wake-ups, deadlocks, endless
 * loops, deaths between any two operations, and plain writes torn by a death.
 * What it does not see: plain reads and writes that race. Between two atomic operations a thread runs
 * alone, so a program that forgets an atomic operation altogether looks better than it is.
 */
import { Crew } from "./crew.ts";
import { Stage } from "./execution.ts";
import type { Execution, Failure } from "./execution.ts";
import { makeExploredCopy } from "./explored-copy.ts";
import type { ExploredCopy } from "./explored-copy.ts";
import type { Program } from "./program.ts";
import { parseSchedule, successorsOf } from "./schedule.ts";
import type { PlannedKill, Schedule } from "./schedule.ts";

/** What exploring a program came to. */
export interface Exploration {
  /** Executions, each in a schedule of its own. */
  readonly executions: number;
  /** How many of them had a kill in them. */
  readonly kills: number;
  /** Steps taken in all of them. */
  readonly steps: number;
  readonly failure: Failure | undefined;
  /** Pre-emptions in the schedule that failed; for a schedule that held, the bound. */
  readonly preemptions: number;
}

/** Executions after which a program counts as too big to be explored. */
const MOST_EXECUTIONS = 1_000_000;

const PREEMPTIONS = 2;

const PREEMPTIONS_WITH_KILL = 1;

/** A copy of the tree and a crew, to be closed after use. One program at a time. */
export class Explorer {
  readonly #copy: ExploredCopy = makeExploredCopy();
  readonly #crew: Crew = new Crew(new URL("test/model/explored-worker.js", this.#copy.root));

  /** Programs in a module of test/model/programs, by export name, bound to the copied tree. */
  async programsIn(module: string): Promise<[string, Program][]> {
    const exports: Record<string, Program> = await import(this.#moduleUrl(module));
    return Object.entries(exports);
  }

  /** Explores one program; `preemptions` replaces the bounds that the program names. */
  async explore(module: string, name: string, preemptions?: number): Promise<Exploration> {
    const search = new Search(await this.#stage(module, name));
    await search.explore(preemptions);
    return search.result();
  }

  /** Runs exactly one schedule, written as a {@link Failure} writes it. */
  async replay(module: string, name: string, schedule: string): Promise<Exploration> {
    const search = new Search(await this.#stage(module, name));
    await search.replay(schedule);
    return search.result();
  }

  /** Ends the threads and removes the copy. */
  async close(): Promise<void> {
    await this.#crew.close();
    this.#copy.remove();
  }

  #moduleUrl(module: string): string {
    return new URL(`test/model/programs/${module}.js`, this.#copy.root).href;
  }

  async #stage(module: string, name: string): Promise<Stage> {
    const program = new Map(await this.programsIn(module)).get(name);
    if (program === undefined) throw new TypeError(`No program "${name}" in programs/${module}.`);
    const moduleUrl = this.#moduleUrl(module);
    const stage = new Stage({ crew: this.#crew, program, moduleUrl, name });
    await stage.prepare();
    return stage;
  }
}

/** One walk through the schedules of one program, up to the first failure. */
class Search {
  readonly #stage: Stage;
  #executions = 0;
  #kills = 0;
  #steps = 0;
  #failure: Failure | undefined;
  #preemptions = 0;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  result(): Exploration {
    return {
      executions: this.#executions,
      kills: this.#kills,
      steps: this.#steps,
      failure: this.#failure,
      preemptions: this.#preemptions,
    };
  }

  async explore(preemptions: number | undefined): Promise<void> {
    const { program, victim } = this.#stage;
    await this.#walk(undefined, preemptions ?? program.preemptions ?? PREEMPTIONS);
    if (program.kill === undefined) return;
    const bound = preemptions ?? program.kill.preemptions ?? PREEMPTIONS_WITH_KILL;
    for (let steps = 0; ; steps++) {
      const kills = this.#kills;
      await this.#walk({ thread: victim, steps, tear: 0 }, bound);
      if (this.#kills === kills || this.#failure !== undefined) return;
    }
  }

  async replay(schedule: string): Promise<void> {
    await this.#execute(parseSchedule(schedule));
  }

  /** Every schedule up to the bound, the simplest first. */
  async #walk(kill: PlannedKill | undefined, bound: number): Promise<void> {
    let level: Schedule[] = [{ deviation: undefined, kill }];
    for (let preemptions = 0; preemptions <= bound; preemptions++) {
      const next: Schedule[] = [];
      for (let top = level.pop(); top !== undefined; top = level.pop()) {
        this.#preemptions = preemptions;
        const { executed } = await this.#execute(top);
        if (this.#failure !== undefined) return;
        for (const { schedule, cost } of successorsOf(top, executed)) {
          if (cost === 0) level.push(schedule);
          else if (preemptions < bound) next.push(schedule);
        }
      }
      level = next;
    }
  }

  async #execute(schedule: Schedule): Promise<Execution> {
    if (this.#executions >= MOST_EXECUTIONS) {
      throw new RangeError(`More than ${MOST_EXECUTIONS} schedules: make the program smaller.`);
    }
    const execution = await this.#stage.execute(schedule);
    this.#executions++;
    this.#steps += execution.executed.choices.length;
    if (execution.executed.killedBefore >= 0) this.#kills++;
    this.#failure ??= execution.failure;
    return execution;
  }
}
