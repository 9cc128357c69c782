/**
 * The least that can carry these objects and no others: a ring written by hand with one slot of eight words for each, into
 * which the sender takes the three fields apart and from which the receiver makes a new object. Keys, types and the longest
 * name are known beforehand; nobody notices a death, a close or a cancellation.
 */
import { Worker, isMainThread, workerData } from "node:worker_threads";
import { leastBatchNs } from "../../harness/timing.ts";
import type { Sample, Scale } from "../../harness/workload.ts";
import { type Item, makeItem, messageCount, weigh } from "./workload.ts";

const HEAD = 0;
const TAIL = 16;
const ANSWERS = 32;
const RING = 64;
const SIZE = 1024;
const SLOT_WORDS = 8;
/** In a slot: id · length of the name · x as a double · the name, four Latin-1 units a word. */
const NAME = 4;

interface Job {
  readonly words: Int32Array;
  readonly doubles: Float64Array;
  readonly sums: Float64Array;
  readonly count: number;
}

export async function measure(scale: Scale): Promise<Sample> {
  const count = messageCount(scale);
  const memory = new SharedArrayBuffer((RING + SIZE * SLOT_WORDS) * 4);
  const words = new Int32Array(memory);
  const doubles = new Float64Array(memory);
  const sums = new Float64Array(new SharedArrayBuffer(8));
  const job: Job = { words, doubles, sums, count };
  const worker = new Worker(new URL(import.meta.url), { workerData: job });
  let tail = 0;
  let answers = 0;
  const least = await leastBatchNs(count, async () => {
    for (let i = 0; i < count; i++) {
      awaitWhile(words, HEAD, (tail - SIZE) | 0);
      write(job, slotAt(tail), makeItem(i));
      tail = (tail + 1) | 0;
      Atomics.store(words, TAIL, tail);
      Atomics.notify(words, TAIL);
    }
    awaitWhile(words, ANSWERS, answers++);
  });
  await worker.terminate();
  return { figures: { message: least }, checksum: sums[0] ?? 0 };
}

function addUp(job: Job): void {
  const { words, sums, count } = job;
  let head = 0;
  for (;;) {
    let sum = 0;
    for (let i = 0; i < count; i++) {
      awaitWhile(words, TAIL, head);
      sum += weigh(read(job, slotAt(head)));
      head = (head + 1) | 0;
      Atomics.store(words, HEAD, head);
      Atomics.notify(words, HEAD);
    }
    sums[0] = sum;
    Atomics.add(words, ANSWERS, 1);
    Atomics.notify(words, ANSWERS);
  }
}

function slotAt(position: number): number {
  return RING + (position & (SIZE - 1)) * SLOT_WORDS;
}

function write({ words, doubles }: Job, at: number, { id, x, name }: Item): void {
  words[at] = id;
  words[at + 1] = name.length;
  doubles[(at + 2) / 2] = x;
  let word = 0;
  for (let i = 0; i < name.length; i++) {
    word |= name.charCodeAt(i) << ((i & 3) * 8);
    if ((i & 3) !== 3) continue;
    words[at + NAME + (i >> 2)] = word;
    word = 0;
  }
  words[at + NAME + (name.length >> 2)] = word;
}

function read({ words, doubles }: Job, at: number): Item {
  let name = "";
  const length = words[at + 1] ?? 0;
  for (let i = 0; i < length; i++)
    name += String.fromCharCode(((words[at + NAME + (i >> 2)] as number) >>> ((i & 3) * 8)) & 255);
  return { id: words[at] ?? 0, x: doubles[(at + 2) / 2] ?? 0, name };
}

function awaitWhile(words: Int32Array, word: number, value: number): void {
  while (Atomics.load(words, word) === value) Atomics.wait(words, word, value);
}

if (!isMainThread) addUp(workerData as Job);
