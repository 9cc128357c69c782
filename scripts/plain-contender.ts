/**
 * The main job by `worker_threads` alone, written as well as one would by hand: workers that stay,
 * lines in batches, a few batches under way at each worker, results written in order with respect for
 * a slow disk. Each worker gets its own copy of the data by `postMessage`, which is structuredClone.
 */
import { once } from "node:events";
import { createReadStream, createWriteStream, readFileSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { nearest } from "../examples/nearest.ts";
import type { PlaceTree } from "../examples/place-tree.ts";
import type { FromPlainWorker, ToPlainWorker } from "./plain-worker.ts";
import type { JobFiles } from "./job-files.ts";

const batchLines = 256;
const batchesUnderWay = 4;

/** A worker that is up, without data. */
export async function startPlainWorker(): Promise<Worker> {
  const worker = new Worker(new URL("./plain-worker.js", import.meta.url));
  await once(worker, "message");
  return worker;
}

/** Copies the data to a worker and waits until it has read something of it. */
export async function givePlainWorker(worker: Worker, tree: PlaceTree): Promise<void> {
  worker.postMessage({ kind: "data", tree } satisfies ToPlainWorker);
  await once(worker, "message");
}

/** Does the main job with `count` workers. */
export async function runPlainWorkers(files: JobFiles, out: string, count: number): Promise<void> {
  const tree = JSON.parse(readFileSync(files.tree, "utf8")) as PlaceTree;
  const workers = await Promise.all(Array.from({ length: count }, startPlainWorker));
  await Promise.all(workers.map((worker) => givePlainWorker(worker, tree)));
  const results = new OrderedResults(out);
  let number = 0;
  const batches = readBatches(files.positions);
  const next = async (): Promise<ToPlainWorker | undefined> => {
    const batch = await batches.next();
    return batch.done === true
      ? undefined
      : { kind: "batch", number: number++, lines: batch.value };
  };
  await Promise.all(workers.map((worker) => feed(worker, next, results)));
  await results.end();
  await Promise.all(workers.map((worker) => worker.terminate()));
}

/** Does the main job on this thread alone. */
export async function runOneThread(files: JobFiles, out: string): Promise<void> {
  const atlas = JSON.parse(readFileSync(files.tree, "utf8")) as PlaceTree;
  const results = new OrderedResults(out);
  let number = 0;
  for await (const lines of readBatches(files.positions)) {
    let text = "";
    for (const line of lines) text += `${JSON.stringify(nearest(JSON.parse(line), { atlas }))}\n`;
    await results.add(number++, text);
  }
  await results.end();
}

/** Keeps a few batches under way at one worker until there are no more. */
async function feed(
  worker: Worker,
  next: () => Promise<ToPlainWorker | undefined>,
  results: OrderedResults,
): Promise<void> {
  const lane = async (): Promise<void> => {
    for (;;) {
      const batch = await next();
      if (batch === undefined || batch.kind !== "batch") return;
      const text = await answerTo(worker, batch);
      await results.add(batch.number, text);
    }
  };
  await Promise.all(Array.from({ length: batchesUnderWay }, lane));
}

function answerTo(worker: Worker, batch: ToPlainWorker & { kind: "batch" }): Promise<string> {
  return new Promise((resolve) => {
    const hear = (answer: FromPlainWorker): void => {
      if (answer.kind !== "results" || answer.number !== batch.number) return;
      worker.off("message", hear);
      resolve(answer.text);
    };
    worker.on("message", hear);
    worker.postMessage(batch);
  });
}

async function* readBatches(file: string): AsyncGenerator<string[], void, undefined> {
  let rest = "";
  const lines: string[] = [];
  for await (const chunk of createReadStream(file, "utf8")) {
    const parts = (rest + String(chunk)).split("\n");
    rest = parts.pop() ?? "";
    lines.push(...parts);
    while (lines.length >= batchLines) yield lines.splice(0, batchLines);
  }
  if (rest !== "") lines.push(rest);
  if (lines.length > 0) yield lines;
}

/** Writes batches of results in the order of their numbers. */
class OrderedResults {
  readonly #stream: ReturnType<typeof createWriteStream>;
  readonly #held = new Map<number, string>();
  #next = 0;
  #drained: Promise<unknown> | undefined;

  constructor(path: string) {
    this.#stream = createWriteStream(path);
  }

  async add(number: number, text: string): Promise<void> {
    this.#held.set(number, text);
    let roomy = true;
    for (;;) {
      const ready = this.#held.get(this.#next);
      if (ready === undefined) break;
      this.#held.delete(this.#next);
      this.#next += 1;
      roomy = this.#stream.write(ready);
    }
    if (roomy) return;
    this.#drained ??= once(this.#stream, "drain").then(() => (this.#drained = undefined));
    await this.#drained;
  }

  async end(): Promise<void> {
    this.#stream.end();
    await once(this.#stream, "close");
  }
}
