/** Eight shared slots of 1 MB, written by hand: what both competitors use that are nothing but a ring. */
import { Worker, workerData } from "node:worker_threads";
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

/** Sends to the worker in the file at `receiver`. */
export async function sendThroughSlots(scale: Scale, receiver: URL): Promise<Sample> {
  const count = itemCount(scale);
  const job: Job = {
    words: new Int32Array(new SharedArrayBuffer(256)),
    sums: new Float64Array(new SharedArrayBuffer(8)),
    slots: Array.from({ length: SLOTS }, () => new Uint8Array(new SharedArrayBuffer(ITEM_BYTES))),
    count,
  };
  const { words, slots, sums } = job;
  const worker = new Worker(receiver, { workerData: job });
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

/** Receives in a worker; `takeOut` copies an item out of its slot. */
export function receiveFromSlots(takeOut: (slot: Uint8Array) => Uint8Array): void {
  const { words, slots, sums, count } = workerData as Job;
  let head = 0;
  for (let answers = 1; ; answers++) {
    let sum = 0;
    for (let i = 0; i < count; i++) {
      awaitWhile(words, TAIL, head);
      const item = takeOut(slots[head % SLOTS] as Uint8Array);
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
