/** Tasks for tests that stream from their receiving to their sending side, each in a way of its own. */
import { createHash } from "node:crypto";
import { current } from "../../../src/task/current.ts";
import { task } from "../../../src/task/entry.ts";

/** Sends each number twice as large; fails at the number `poison`. */
export const doubling = task(import.meta.url, async function doubling(poison: number) {
  const end = current<number, number>().quipe;
  const double = new TransformStream<number, number>({
    transform(n, controller) {
      if (n === poison) throw new RangeError(`${n} is poison`);
      controller.enqueue(n * 2);
    },
  });
  await end.readable.pipeThrough(double).pipeTo(end.writable);
});

/** Compresses bytes, with what the runtime has. */
export const compressing = task(import.meta.url, async function compressing() {
  const end = current<Uint8Array, Uint8Array<ArrayBuffer>>().quipe;
  await end.readable.pipeThrough(new CompressionStream("gzip")).pipeTo(end.writable);
});

/** Sends bytes on as they are; returns how many they were and their hash. */
export const hashing = task(import.meta.url, async function hashing() {
  const end = current<Uint8Array, Uint8Array>().quipe;
  const hash = createHash("sha256");
  let length = 0;
  const look = new TransformStream<Uint8Array, Uint8Array>({
    transform(bytes, controller) {
      hash.update(bytes);
      length += bytes.length;
      controller.enqueue(bytes);
    },
  });
  await end.readableBytes.pipeThrough(look).pipeTo(end.writable);
  return { length, hash: hash.digest("hex") };
});

/** Sends back the first few items, and wants no more. */
export const taking = task(import.meta.url, async function taking(count: number) {
  const end = current().quipe;
  let taken = 0;
  for await (const item of end.readable) {
    await end.send(item);
    taken += 1;
    if (taken === count) break;
  }
});

/** Sends so many numbers into its stream, and then waits for ever with the stream open. */
export const sendingSome = task(import.meta.url, async function sendingSome(count: number) {
  const writer = current<number, never>().quipe.writable.getWriter();
  for (let i = 0; i < count; i++) await writer.write(i);
  await new Promise(() => {});
});

/** Reads its stream until it ends; returns what came, and the error it ended with. */
export const collecting = task(import.meta.url, async function collecting() {
  const items: unknown[] = [];
  try {
    for await (const item of current().quipe.readable) items.push(item);
    return { items, error: undefined };
  } catch (error) {
    return { items, error };
  }
});
