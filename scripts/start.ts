/**
 * `npm start`: the main job on real data. 135,000 places in a tree that all tasks share, 200,000
 * positions that are looked up in it by `quipe map`; beside it the same by plain worker threads, each
 * with its own copy, and by one thread. Every answer is compared, a sample is checked by hand.
 */
import Table from "cli-table3";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runLimited } from "./limited-process.ts";
import { projectRoot } from "./project-files.ts";
import type { ContenderName, HandOverFigures, JobFigures } from "./start-contender.ts";
import { nearestByHand, prepareJob, type JobInput } from "./start-data.ts";

const limitMs = 180_000;
const sampleSize = 500;
const manyWorkers = 8;

interface Comparison {
  readonly workers: number;
  readonly quipe: JobFigures & HandOverFigures;
  readonly plain: JobFigures & HandOverFigures;
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "quipe-start-"));
  try {
    say("Planting a tree of all places …");
    const input = prepareJob(folder);
    const { places, positions, treeMegabytes } = input;
    say(
      `${count(places.length)} places, ${treeMegabytes.toFixed(0)} MB of JSON; ${count(positions.length)} positions to look up.\n`,
    );
    const workers = Math.max(2, availableParallelism());
    const few = await compare(input, workers);
    const many = workers === manyWorkers ? undefined : await compare(input, manyWorkers);
    say("One thread …");
    const single = await job("single", input, 1);
    verify(input);
    for (const comparison of many === undefined ? [few] : [few, many])
      say(tableOf(input, comparison));
    say(
      `One thread, no workers: ${seconds(single.wallMs)}, ${megabytes(single.peakMegabytes)} at its peak.`,
    );
    say(
      "Times are of whole processes after start-up, each in its own; the machine's load is in them.",
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function compare(input: JobInput, workers: number): Promise<Comparison> {
  say(`quipe map on ${workers} tasks …`);
  const quipe = {
    ...(await job("quipe", input, workers)),
    ...(await handOver("quipe", input, workers)),
  };
  say(`worker_threads and structuredClone on ${workers} workers …`);
  const plain = {
    ...(await job("plain", input, workers)),
    ...(await handOver("plain", input, workers)),
  };
  return { workers, quipe, plain };
}

async function job(name: ContenderName, input: JobInput, workers: number): Promise<JobFigures> {
  return (await contender(name, input, workers)) as JobFigures;
}

async function handOver(
  name: "quipe" | "plain",
  input: JobInput,
  workers: number,
): Promise<HandOverFigures> {
  return (await contender(`hand-over-${name}`, input, workers)) as HandOverFigures;
}

async function contender(name: string, input: JobInput, workers: number): Promise<unknown> {
  const program = fileURLToPath(new URL("./start-contender.js", import.meta.url));
  const { code, stdout, output, timedOut } = await runLimited({
    command: process.execPath,
    parameters: [program, name, input.folder, String(workers)],
    cwd: projectRoot,
    limitMs,
  });
  if (code === 0) return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as unknown;
  throw new Error(`The contender ${name} ${timedOut ? "took too long" : "failed"}:\n${output}`);
}

/** All contenders must agree on every answer, and the answers on the sample must be right. */
function verify({ files, places, positions }: JobInput): void {
  const [quipe = [], ...others] = ["quipe", "plain", "single"].map((name) =>
    readFileSync(files.answers(name), "utf8").split("\n"),
  );
  if (quipe.length !== positions.length + 1)
    throw new Error(`quipe gave ${quipe.length - 1} answers.`);
  for (const other of others) {
    const wrong = quipe.findIndex((line, i) => line !== other[i]);
    if (wrong >= 0 || other.length !== quipe.length)
      throw new Error(`Answer ${wrong + 1} differs.`);
  }
  const every = Math.floor(positions.length / sampleSize);
  for (let i = 0; i < positions.length; i += every) {
    const position = positions[i];
    if (position === undefined) break;
    const expected = nearestByHand(places, position);
    const { name, country } = JSON.parse(quipe[i] ?? "") as { name: string; country: string };
    if (name === expected.name && country === expected.country) continue;
    throw new Error(`Answer ${i + 1} says ${name} (${country}); by hand it is ${expected.name}.`);
  }
  say(
    `\nAll ${count(positions.length)} answers of all contenders agree; ${sampleSize} were checked against every place by hand.\n`,
  );
}

function tableOf({ positions }: JobInput, { workers, quipe, plain }: Comparison): string {
  const table = new Table({
    head: [`${workers} workers`, "quipe map", "worker_threads + structuredClone", "quipe / plain"],
    style: { head: [], border: [] },
    colAligns: ["left", "right", "right", "right"],
  });
  const perSecond = ({ wallMs }: JobFigures): number => (positions.length / wallMs) * 1000;
  const row = (name: string, show: (value: number) => string, a: number, b: number): void => {
    table.push([name, show(a), show(b), (a / b).toPrecision(2)]);
  };
  row("wall time", seconds, quipe.wallMs, plain.wallMs);
  row("records a second", count, perSecond(quipe), perSecond(plain));
  row(`data into ${workers} running workers`, milliseconds, quipe.allMs, plain.allMs);
  row("data into one more", milliseconds, quipe.oneMoreMs, plain.oneMoreMs);
  row("peak memory", megabytes, quipe.peakMegabytes, plain.peakMegabytes);
  return `${table.toString()}\n`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function count(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

function milliseconds(ms: number): string {
  return ms < 10 ? `${ms.toFixed(2)} ms` : `${count(ms)} ms`;
}

function megabytes(value: number): string {
  return `${count(value)} MB`;
}

await main();
