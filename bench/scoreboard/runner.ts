/**
 * Running cells: each in a process of its own with a time limit, a few at a time.
 */
import { fileURLToPath } from "node:url";
import { runLimited } from "../../scripts/limited-process.ts";
import { projectRoot } from "../../scripts/project-files.ts";
import { factsIn } from "./facts.ts";
import type { HarshTask } from "./harsh-task.ts";
import { type Verdict, judgeCell } from "./judge.ts";

/** A runtime that can run a cell. */
export interface CellRuntime {
  readonly command: string;
  /** What stands before the file on its command line. */
  readonly parameters: readonly string[];
}

/** What to run. */
export interface Board {
  readonly packages: readonly string[];
  readonly tasks: readonly HarshTask[];
  readonly runtime: CellRuntime;
  /** How long a call may take until it counts as hanging. */
  readonly patienceMs: number;
  /** How many cells run at the same time. */
  readonly atOnce: number;
  /** Told of each cell as it is done. */
  readonly onVerdict?: (verdict: Verdict) => void;
}

const TAIL_LINES = 12;
/** What a cell needs beside its waits: starting the runtime, loading, the looks at the processor, ending. */
const AROUND_MS = 8_000;
/** The harsh call with its stop, the ordinary one, closing. */
const WAITS = 4;
const cell = fileURLToPath(new URL("cell.js", import.meta.url));

/** Runs all cells; the verdicts are in the order of the packages, then of the tasks. */
export async function runBoard(board: Board): Promise<Verdict[]> {
  const cells = board.packages.flatMap((name) => board.tasks.map((task) => ({ name, task })));
  const verdicts: Verdict[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < cells.length; index = next++) {
      const { name, task } = cells[index] as (typeof cells)[number];
      const verdict = await runCell(board, name, task);
      verdicts[index] = verdict;
      board.onVerdict?.(verdict);
    }
  };
  await Promise.all(Array.from({ length: board.atOnce }, work));
  return verdicts;
}

async function runCell(board: Board, name: string, task: HarshTask): Promise<Verdict> {
  const { runtime, patienceMs } = board;
  const result = await runLimited({
    command: runtime.command,
    parameters: [...runtime.parameters, cell, name, task.name, String(patienceMs)],
    cwd: projectRoot,
    limitMs: AROUND_MS + patienceMs * WAITS,
  });
  const end = result.timedOut ? "stuck" : result.code === 0 ? "ended" : "died";
  const tail = result.output.trim().split("\n").slice(-TAIL_LINES).join("\n");
  return judgeCell(task, name, { facts: factsIn(result.stdout), end, tail });
}
