/** The least that two threads that sleep can do: one shared word for each direction, wait and notify. */
import { Worker, isMainThread, workerData } from "node:worker_threads";
import { leastBatchNs } from "../../harness/timing.ts";
import type { Sample, Scale } from "../../harness/workload.ts";
import { tripCount } from "./workload.ts";

const THERE = 0;
const BACK = 16;

export async function measure(scale: Scale): Promise<Sample> {
  const trips = tripCount(scale);
  const words = new Int32Array(new SharedArrayBuffer(128));
  const worker = new Worker(new URL(import.meta.url), { workerData: words });
  let sum = 0;
  let turn = 0;
  const least = await leastBatchNs(trips, async () => {
    sum = 0;
    for (let i = 0; i < trips; i++) {
      words[THERE + 1] = i;
      pass(words, THERE, ++turn);
      awaitChange(words, BACK, turn - 1);
      sum += words[BACK + 1] ?? 0;
    }
  });
  await worker.terminate();
  return { figures: { trip: least }, checksum: sum };
}

function echo(words: Int32Array): void {
  for (let turn = 0; ; turn++) {
    awaitChange(words, THERE, turn);
    words[BACK + 1] = (words[THERE + 1] ?? 0) + 1;
    pass(words, BACK, turn + 1);
  }
}

function pass(words: Int32Array, word: number, turn: number): void {
  Atomics.store(words, word, turn);
  Atomics.notify(words, word);
}

function awaitChange(words: Int32Array, word: number, seen: number): void {
  while (Atomics.load(words, word) === seen) Atomics.wait(words, word, seen);
}

if (!isMainThread) echo(workerData as Int32Array);
