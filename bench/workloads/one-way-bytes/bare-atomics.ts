/**
 * memcpy between threads: the sender copies into one of eight shared slots, the receiver copies out into
 * memory that it has already. A ring written by hand; it can carry nothing but items of 1 MB.
 */
import { Worker, isMainThread, workerData } from "node:worker_threads";
import { leastBatchNs } from "../../harness/timing.ts";
import type { Sample, Scale } from "../../harness/workload.ts";
import { ITEM_BYTES, itemCount, makeItem, weigh } from "./workload.ts";

const HEAD = 0;
const TAIL = 16;
const ANSWERS = 32;
const SLOTS = 8;

interface Job {
  readonly words: Int32Array;
  readonly sums: Float64Array;
  readonly slots: readonly Uint8Array[];
  readonly count: number;
}

export async function measure(scale: Scale): Promise<Sample> {
  const count = itemCount(scale);
  const job: Job = {
    words: new Int32Array(new SharedArrayBuffer(256)),
    sums: new Float64Array(new SharedArrayBuffer(8)),
    slots: Array.from({ length: SLOTS }, () => new Uint8Array(new SharedArrayBuffer(ITEM_BYTES))),
    count,
  };
  const { words, slots, sums } = job;
  const worker = new Worker(new URL(import.meta.url), { workerData: job });
  const item = makeItem();
  let tail = 0;
  let answers = 0;
  const least = await leastBatchNs(count, async () => {
    for (let i = 0; i < count; i++) {
      item[0] = i;
      awaitWhile(words, HEAD, tail - SLOTS);
      slots[tail % SLOTS]?.set(item);
      announce(words, TAIL, ++tail);
    }
    awaitWhile(words, ANSWERS, answers++);
  });
  await worker.terminate();
  return { figures: { item: least }, checksum: sums[0] ?? 0 };
}

function addUp({ words, sums, slots, count }: Job): void {
  const item = new Uint8Array(ITEM_BYTES);
  let head = 0;
  for (let answers = 1; ; answers++) {
    let sum = 0;
    for (let i = 0; i < count; i++) {
      awaitWhile(words, TAIL, head);
      item.set(slots[head % SLOTS] ?? []);
      announce(words, HEAD, ++head);
      sum += weigh(item);
    }
    sums[0] = sum;
    announce(words, ANSWERS, answers);
  }
}

function announce(words: Int32Array, word: number, value: number): void {
  Atomics.store(words, word, value);
  Atomics.notify(words, word);
}

function awaitWhile(words: Int32Array, word: number, value: number): void {
  while (Atomics.load(words, word) === value) Atomics.wait(words, word, value);
}

if (!isMainThread) addUp(workerData as Job);
