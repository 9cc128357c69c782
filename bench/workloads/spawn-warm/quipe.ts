import { current, spawn, task } from "../../../src/index.ts";
import type { Sample, Scale } from "../../harness/workload.ts";
import { startCount } from "./workload.ts";

export const hello: () => Promise<void> = task(import.meta.url, async function hello() {
  await current().quipe.send("hello");
});

export async function measure(scale: Scale): Promise<Sample> {
  const first = await start();
  let warm = Infinity;
  for (let i = 0; i < startCount(scale) * 5; i++) warm = Math.min(warm, await start());
  return { figures: { first, warm }, checksum: answer };
}

let answer = "";

/** Starts a task and returns the nanoseconds until its first message; waits for its end after that. */
async function start(): Promise<number> {
  const begin = performance.now();
  const greeter = spawn(hello, []);
  answer = String(await greeter.quipe.receive());
  const end = performance.now();
  await greeter.result;
  return (end - begin) * 1e6;
}
