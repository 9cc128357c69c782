/** Tasks for tests: each lives, waits or ends in one particular way. They say "running" once they do. */
import { current } from "../../../src/task/current.ts";
import { task } from "../../../src/task/entry.ts";
import { spawn } from "../../../src/task/spawn.ts";
import { exitThread } from "../../exit-thread.ts";
import { nap } from "../../nap.ts";

function sayRunning(): void {
  current().quipe.sendSync("running");
}

/** Gives its argument back. */
export const echo = task(import.meta.url, function echo<T>(value: T): T {
  return value;
});

/** Computes for ever and never looks up. */
export const spin = task(import.meta.url, function spin(): never {
  sayRunning();
  for (;;) Math.sqrt(2);
});

/**
 * Computes and counts in shared memory how far it has come: for ever, or until the second word there, if any, is not 0. Where
 * what matters is that it never looks up, it may leave the processor to others each time.
 */
export const count = task(
  import.meta.url,
  function count(words: SharedArrayBuffer, naps: boolean = false): void {
    const counter = new Int32Array(words);
    sayRunning();
    for (;;) {
      Atomics.add(counter, 0, 1);
      if (counter[1] !== undefined && Atomics.load(counter, 1) !== 0) return;
      if (naps) nap();
    }
  },
);

/** Computes, and asks now and then whether it should stop. */
export const check = task(import.meta.url, function check(): never {
  sayRunning();
  for (;;) current().checkpoint();
});

/** Computes until its signal is aborted, without a turn of the event loop, and then ends well. */
export const watchSignal = task(import.meta.url, function watchSignal(): string {
  sayRunning();
  while (!current().signal.aborted);
  return `stopped: ${String(current().signal.reason)}`;
});

/** Blocks in a receive. */
export const blockInReceive = task(import.meta.url, function blockInReceive(): unknown {
  sayRunning();
  return current().quipe.receiveSync();
});

/** Awaits a receive. */
export const awaitReceive = task(import.meta.url, async function awaitReceive(): Promise<unknown> {
  sayRunning();
  return await current().quipe.receive();
});

/** Awaits something that never comes. */
export const awaitNothing = task(import.meta.url, async function awaitNothing(): Promise<void> {
  sayRunning();
  await new Promise(() => {});
});

/** Sends until nobody wants more. */
export const sendForEver = task(import.meta.url, function sendForEver(): never {
  for (let i = 0; ; i++) current().quipe.sendSync(i);
});

/** Sends so many items, of so many bytes each, and ends as told. */
export const sendThen = task(
  import.meta.url,
  async function sendThen(
    items: number,
    bytes: number,
    end: "return" | "throw" | "spin" | "exit" | "close",
  ) {
    const { quipe } = current();
    for (let i = 0; i < items; i++)
      await quipe.send(bytes === 0 ? i : new Uint8Array(bytes).fill(i));
    if (end === "throw") throw Object.assign(new RangeError("after sending"), { code: "E_SENT" });
    if (end === "exit") await exitThread(5);
    if (end === "close") quipe.close();
    if (end === "spin") for (;;) Math.sqrt(2);
    return items;
  },
);

/** Receives so many items and gives back what it got. */
export const receiveSome = task(import.meta.url, async function receiveSome(items: number) {
  const received: unknown[] = [];
  while (received.length < items) received.push(await current().quipe.receive());
  return received;
});

/** Receives until the spawner's end is closed, and says how that looked. */
export const receiveAll = task(import.meta.url, async function receiveAll() {
  const received: unknown[] = [];
  try {
    for await (const item of current().quipe) received.push(item);
    return { received, end: "finished" };
  } catch (error) {
    return { received, end: (error as { code?: string }).code, cause: (error as Error).cause };
  }
});

/** Swallows its cancellation, works on for a moment, and ends well. */
export const ignoreCancel = task(import.meta.url, async function ignoreCancel() {
  const seen: unknown[] = [];
  sayRunning();
  for (let i = 0; i < 3; i++) {
    await current()
      .quipe.receive()
      .catch((error: { code?: string }) => seen.push(error.code));
  }
  return seen;
});

/** Ends the way that code with a signal ends: with the signal's own error. */
export const sleepWithSignal = task(import.meta.url, async function sleepWithSignal() {
  const timers = await import("node:timers/promises");
  const neverMs = 1_000_000; // only the signal ends it
  const sleeping = timers.setTimeout(neverMs, undefined, { signal: current().signal });
  sayRunning();
  await sleeping;
});

/** Spawns a task, waits for it while blocked, and gives its result. */
export const delegate = task(import.meta.url, function delegate(depth: number): number {
  return depth === 0 ? 1 : 1 + spawn(delegate, [depth - 1]).resultSync();
});

/** Spawns a task that computes for ever; tells, and does the same. */
export const parent = task(import.meta.url, function parent(words: SharedArrayBuffer): void {
  const child = spawn(count, [words, true]);
  child.quipe.receiveSync();
  sayRunning();
  for (;;) current().checkpoint();
});

/** Spawns a task that reports, in shared memory, how it saw its spawner end. */
export const parentOfWitness = task(
  import.meta.url,
  function parentOfWitness(words: SharedArrayBuffer, end: "throw" | "return" | "spin"): void {
    const child = spawn(witness, [words]);
    child.quipe.receiveSync();
    sayRunning();
    if (end === "throw") throw new RangeError("the spawner failed");
    if (end === "spin") for (;;) current().checkpoint();
  },
);

const SEEN = ["", "ended", "peer-failed", "peer-killed"];

const witness = task(import.meta.url, async function witness(words: SharedArrayBuffer) {
  sayRunning();
  const report = new Int32Array(words);
  const error: unknown = await current()
    .quipe.receive()
    .catch((thrown: unknown) => thrown);
  Atomics.store(report, 0, SEEN.indexOf((error as { code?: string }).code ?? ""));
  Atomics.notify(report, 0);
});

/** Waits for a task of its own that never ends, and goes on to ask for results after it was cancelled. */
export const awaitResults = task(import.meta.url, async function awaitResults() {
  const ended = spawn(echo, [1]);
  await ended.result;
  const endless = spawn(awaitNothing);
  await endless.quipe.receive();
  sayRunning();
  const seen: unknown[] = [];
  for (const { result } of [endless, ended, endless]) {
    await result.catch((error: { code?: string }) => seen.push(error.code));
  }
  await endless.kill();
  return [...seen, (await endless.outcome).kind];
});
