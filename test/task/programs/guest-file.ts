/** The file of a worker that a test makes itself: functions marked for quipe, and a listener of its own. */
import { parentPort, workerData } from "node:worker_threads";
import { current } from "../../../src/task/current.ts";
import { task } from "../../../src/task/entry.ts";
import { exitThread } from "../../exit-thread.ts";

parentPort?.on("message", (message) => {
  if (message === "hello") parentPort?.postMessage("hello yourself");
});

/** Tells what it knows. */
export const report = task(import.meta.url, function report(x: number): unknown {
  return { name: current().name, x, workerData: workerData as unknown };
});

/** Echoes what comes until it is told to stop. */
export const echo = task(import.meta.url, async function echo(): Promise<string> {
  const { quipe } = current();
  for await (const item of quipe) await quipe.send(item);
  return "done";
});

/** Never ends by itself. */
export const spin = task(import.meta.url, function spin(): void {
  current().quipe.trySend("spinning");
  for (;;);
});

/** Waits for ever. */
export const wait = task(import.meta.url, async function wait(): Promise<void> {
  current().quipe.trySend("waiting");
  await new Promise(() => {});
});

/** Ends the thread. */
export const leave = task(import.meta.url, async function leave(): Promise<void> {
  await exitThread(5);
});

await new Promise((resolve) => setTimeout(resolve, 20));

/** Is marked after a wait. */
export const late = task(import.meta.url, function late(): string {
  return "late";
});
