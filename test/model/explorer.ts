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
import type { Program, Run } from "./program.ts";
import { Reduction } from "./reduction.ts";
import { formatSchedule, parseSchedule, successorsOf } from "./schedule.ts";
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
  /** Pre-emptions in the last schedule: for a failure, the fewest that show it. */
  readonly preemptions: number;
}

/** Is told every schedule that was run, and what came of it. */
export type Watch = (schedule: string, run: Run) => void;

/** How to explore. */
export interface ExploreOptions {
  /** Replaces the bounds that the program names. */
  readonly preemptions?: number | undefined;
  /** Replaces the bound of the schedules in which a thread is killed; `preemptions` does so if it is left out. */
  readonly killPreemptions?: number | undefined;
  readonly watch?: Watch | undefined;
  /** Leaves nothing out, not even what can show nothing new. */
  readonly everything?: boolean | undefined;
}

/** Executions after which a program counts as too big to be explored. */
const MOST_EXECUTIONS = 1_000_000;

const PREEMPTIONS = 2;

const PREEMPTIONS_WITH_KILL = 1;

/** A copy of the tree and a crew, to be closed after use. One program at a time. */
export class Explorer {
  readonly #copy: ExploredCopy;
  readonly #crew: Crew;

  private constructor(copy: ExploredCopy, patienceMs: number) {
    this.#copy = copy;
    this.#crew = new Crew(new URL("test/model/explored-worker.js", copy.root), patienceMs);
  }

  /** `patienceMs` is how long a thread may run without an atomic operation. */
  static async start(patienceMs: number = 20_000): Promise<Explorer> {
    return new Explorer(await makeExploredCopy(), patienceMs);
  }

  /** Programs in a module of test/model/programs (`?…` is passed on to it), by name, bound to the copy. */
  async programsIn(module: string): Promise<[string, Program][]> {
    const exports: Record<string, Program> = await import(this.#moduleUrl(module));
    return Object.entries(exports);
  }

  /** Explores one program. */
  async explore(module: string, name: string, options: ExploreOptions = {}): Promise<Exploration> {
    const search = new Search(await this.#stage(module, name), options);
    await search.explore();
    return search.result();
  }

  /** Runs exactly one schedule, written as a {@link Failure} writes it. */
  async replay(
    module: string,
    name: string,
    schedule: string,
    watch?: Watch,
  ): Promise<Exploration> {
    const search = new Search(await this.#stage(module, name), { watch });
    await search.replay(schedule);
    return search.result();
  }

  /** Ends the threads and removes the copy. */
  async close(): Promise<void> {
    await this.#crew.close();
    this.#copy.remove();
  }

  #moduleUrl(module: string): string {
    const [file, query] = module.split("?");
    const url = new URL(`test/model/programs/${file}.js`, this.#copy.root);
    url.search = query ?? "";
    return url.href;
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

/** A schedule yet to be run. */
interface Candidate {
  readonly schedule: Schedule;
  readonly preemptions: number;
}

/** The walk through the schedules of one program, up to the first failure. */
class Search {
  readonly #stage: Stage;
  readonly #options: ExploreOptions;
  readonly #reduction: Reduction<Candidate> | undefined;
  #executions = 0;
  #kills = 0;
  #steps = 0;
  #failure: Failure | undefined;
  #preemptions = 0;

  constructor(stage: Stage, options: ExploreOptions) {
    this.#stage = stage;
    this.#options = options;
    // Both look at memory where atomic operations alone do not tell who sees what.
    const looksBetween = stage.program.always !== undefined || stage.program.pauses === true;
    const leavesNothingOut = looksBetween || options.everything === true;
    this.#reduction = leavesNothingOut ? undefined : new Reduction();
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

  async explore(): Promise<void> {
    const { program, victim } = this.#stage;
    const { preemptions, killPreemptions = preemptions } = this.#options;
    await this.#walk(undefined, preemptions ?? program.preemptions ?? PREEMPTIONS);
    if (program.kill === undefined) return;
    const bound = killPreemptions ?? program.kill.preemptions ?? PREEMPTIONS_WITH_KILL;
    for (let steps = 0; ; steps++) {
      const kills = this.#kills;
      await this.#walk({ thread: victim, steps, tear: 0 }, bound);
      if (this.#kills === kills || this.#failure !== undefined) return;
    }
  }

  async replay(schedule: string): Promise<void> {
    await this.#execute({ schedule: parseSchedule(schedule), preemptions: 0 });
  }

  /** Every schedule up to the bound, the simplest first. */
  async #walk(kill: PlannedKill | undefined, bound: number): Promise<void> {
    const levels: Candidate[][] = Array.from({ length: bound + 1 }, () => []);
    const add = (candidate: Candidate): void => {
      levels[candidate.preemptions]?.push(candidate);
    };
    add({ schedule: { deviation: undefined, kill }, preemptions: 0 });
    for (let next = takeFrom(levels); next !== undefined; next = takeFrom(levels)) {
      const { executed } = await this.#execute(next);
      if (this.#failure !== undefined) return;
      for (const candidate of this.#reduction?.learn(executed.steps) ?? []) add(candidate);
      for (const { schedule, preempted, cost } of successorsOf(next.schedule, executed)) {
        const candidate = { schedule, preemptions: next.preemptions + cost };
        if (candidate.preemptions > bound) continue;
        if (preempted !== undefined && this.#reduction?.setAside(preempted, candidate)) continue;
        add(candidate);
      }
    }
  }

  async #execute({ schedule, preemptions }: Candidate): Promise<Execution> {
    if (this.#executions >= MOST_EXECUTIONS) {
      throw new RangeError(`More than ${MOST_EXECUTIONS} schedules: make the program smaller.`);
    }
    const execution = await this.#stage.execute(schedule);
    this.#options.watch?.(formatSchedule(schedule, execution.executed), execution.run);
    this.#executions++;
    this.#preemptions = preemptions;
    this.#steps += execution.executed.steps.length;
    if (execution.executed.killedBefore >= 0) this.#kills++;
    this.#failure ??= execution.failure;
    return execution;
  }
}

/** The next schedule: the last one found of those with the fewest pre-emptions. */
function takeFrom(levels: readonly Candidate[][]): Candidate | undefined {
  return levels.find((level) => level.length > 0)?.pop();
}
