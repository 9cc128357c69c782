/**
 * One contender of the main job in a process of its own, so that its memory is its own. Prints what it
 * measured as one line of JSON.
 *
 *   node start-contender.js <quipe|plain|single> <folder> <workers>
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { PlaceTree } from "../examples/place-tree.ts";
import { run } from "../src/cli/run.ts";
import { current, freeze, spawn, task, type Task } from "../src/index.ts";
import {
  givePlainWorker,
  runOneThread,
  runPlainWorkers,
  startPlainWorker,
} from "./plain-contender.ts";
import { jobFiles, type JobFiles } from "./job-files.ts";

/** Who does the job. */
export type ContenderName = "quipe" | "plain" | "single";

/** What a run took. */
export interface JobFigures {
  readonly wallMs: number;
  readonly peakMegabytes: number;
}

/** How long it takes until running tasks can read the data. */
export interface HandOverFigures {
  readonly allMs: number;
  /** To one more task, once the first ones have it. */
  readonly oneMoreMs: number;
}

/** A task that waits for the tree and says what stands at its root. */
export const treeReader: () => Promise<void> = task(
  import.meta.url,
  async function readTree(): Promise<void> {
    const end = current<string, PlaceTree>().quipe;
    await end.send("up");
    const tree = await end.receive();
    await end.send(tree.places[0]?.name ?? "");
  },
);

async function handOverByQuipe(tree: PlaceTree, count: number): Promise<HandOverFigures> {
  const tasks = Array.from(
    { length: count + 1 },
    () => spawn(treeReader) as Task<void, unknown, string>,
  );
  await Promise.all(tasks.map((reader) => reader.quipe.receive()));
  const startMs = performance.now();
  const frozen = freeze(tree);
  await Promise.all(tasks.slice(0, count).map((reader) => giveTask(reader, frozen)));
  const allMs = performance.now() - startMs;
  const oneMoreMs = await timed(() =>
    Promise.all(tasks.slice(count).map((reader) => giveTask(reader, frozen))),
  );
  await Promise.all(tasks.map((reader) => reader.outcome));
  return { allMs, oneMoreMs };
}

async function giveTask(reader: Task<void, unknown, string>, tree: unknown): Promise<void> {
  await reader.quipe.send(tree);
  await reader.quipe.receive();
}

async function handOverByCopy(tree: PlaceTree, count: number): Promise<HandOverFigures> {
  const workers = await Promise.all(Array.from({ length: count + 1 }, startPlainWorker));
  const allMs = await timed(() =>
    Promise.all(workers.slice(0, count).map((worker) => givePlainWorker(worker, tree))),
  );
  const oneMoreMs = await timed(() =>
    Promise.all(workers.slice(count).map((worker) => givePlainWorker(worker, tree))),
  );
  await Promise.all(workers.map((worker) => worker.terminate()));
  return { allMs, oneMoreMs };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

async function runJob(name: ContenderName, files: JobFiles, workers: number): Promise<JobFigures> {
  const out = files.answers(name);
  const wallMs = await timed(async () => {
    if (name === "single") return await runOneThread(files, out);
    if (name === "plain") return await runPlainWorkers(files, out, workers);
    const exitCode = await run(commandWords(files, out, workers));
    if (exitCode !== 0) throw new Error(`quipe map ended with exit code ${exitCode}.`);
  });
  return { wallMs, peakMegabytes: process.resourceUsage().maxRSS / 1024 };
}

function commandWords(files: JobFiles, out: string, workers: number): string[] {
  const module = fileURLToPath(new URL("../examples/nearest.js", import.meta.url));
  const inputs = ["--in", files.positions, "--share", `atlas=${files.tree}`];
  return [
    "map",
    `${module}#nearest`,
    ...inputs,
    "--out",
    out,
    "--tasks",
    String(workers),
    "--no-progress",
  ];
}

async function measure(words: readonly string[]): Promise<JobFigures | HandOverFigures> {
  const [what = "", folder = "", workers = "2"] = words;
  const files = jobFiles(folder);
  const tree = (): PlaceTree => JSON.parse(readFileSync(files.tree, "utf8")) as PlaceTree;
  switch (what) {
    case "quipe":
    case "plain":
    case "single":
      return await runJob(what, files, Number(workers));
    case "hand-over-quipe":
      return await handOverByQuipe(tree(), Number(workers));
    case "hand-over-plain":
      return await handOverByCopy(tree(), Number(workers));
    default:
      throw new Error(`There is no contender "${what}".`);
  }
}

// A task of this module loads it too; only the process itself was given arguments to act on.
if (process.argv[1] === fileURLToPath(import.meta.url) && process.argv.length > 3) {
  const { isMainThread } = await import("node:worker_threads");
  if (isMainThread)
    process.stdout.write(`${JSON.stringify(await measure(process.argv.slice(2)))}\n`);
}
