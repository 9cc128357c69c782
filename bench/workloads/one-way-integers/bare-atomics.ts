/** A ring of words with a head and a tail, written for integers and nothing else. Nobody notices a death here. */
import { Worker, isMainThread, workerData } from "node:worker_threads";
import { leastBatchNs } from "../../harness/timing.ts";
import type { Sample, Scale } from "../../harness/workload.ts";
import { messageCount } from "./workload.ts";

const HEAD = 0;
const TAIL = 16;
const ANSWERS = 32;
const RING = 64;
const SIZE = 1024;

interface Job {
  readonly words: Int32Array;
  readonly sums: Float64Array;
  readonly count: number;
}

export async function measure(scale: Scale): Promise<Sample> {
  const count = messageCount(scale);
  const words = new Int32Array(new SharedArrayBuffer((RING + SIZE) * 4));
  const sums = new Float64Array(new SharedArrayBuffer(8));
  const job: Job = { words, sums, count };
  const worker = new Worker(new URL(import.meta.url), { workerData: job });
  let tail = 0;
  let answers = 0;
  const least = await leastBatchNs(count, async () => {
    for (let i = 0; i < count; i++) {
      awaitWhile(words, HEAD, (tail - SIZE) | 0);
      words[RING + (tail & (SIZE - 1))] = i;
      tail = (tail + 1) | 0;
      Atomics.store(words, TAIL, tail);
      Atomics.notify(words, TAIL);
    }
    awaitWhile(words, ANSWERS, answers++);
  });
  await worker.terminate();
  return { figures: { message: least }, checksum: sums[0] ?? 0 };
}

function addUp({ words, sums, count }: Job): void {
  let head = 0;
  for (;;) {
    let sum = 0;
    for (let i = 0; i < count; i++) {
      awaitWhile(words, TAIL, head);
      sum += words[RING + (head & (SIZE - 1))] ?? 0;
      head = (head + 1) | 0;
      Atomics.store(words, HEAD, head);
      Atomics.notify(words, HEAD);
    }
    sums[0] = sum;
    Atomics.add(words, ANSWERS, 1);
    Atomics.notify(words, ANSWERS);
  }
}

function awaitWhile(words: Int32Array, word: number, value: number): void {
  while (Atomics.load(words, word) === value) Atomics.wait(words, word, value);
}

if (!isMainThread) addUp(workerData as Job);
