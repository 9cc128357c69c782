/**
 * What differs between the runtimes, behind one small surface: which runtime this is, its threads and
 * its ports, whether this thread may block, and what holds its event loop open.
 *
 * Node (20 and later), Bun and Deno all answer `process.getBuiltinModule("node:worker_threads")`, so no
 * conditional exports are needed and nothing is imported before it is used.
 */
import type { Channel } from "node:diagnostics_channel";
import type * as WorkerThreads from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";
import { QuipeError } from "../errors.ts";
import type { Link } from "./links.ts";
import { liveTimers } from "./timers.ts";

/** The runtimes quipe knows. */
export type RuntimeName = "node" | "bun" | "deno" | "browser";

/** Which runtime this is. */
export function runtimeName(): RuntimeName {
  return (foundName ??= findName());
}

let foundName: RuntimeName | undefined;

function findName(): RuntimeName {
  if ("Bun" in globalThis) return "bun";
  if ("Deno" in globalThis) return "deno";
  return typeof process === "object" && process.versions?.node !== undefined ? "node" : "browser";
}

let loadedThreads: typeof WorkerThreads | undefined;

/** The runtime's `node:worker_threads`; throws `unsupported` where there is none. */
export function threads(): typeof WorkerThreads {
  loadedThreads ??= globalThis.process?.getBuiltinModule?.("node:worker_threads");
  if (loadedThreads === undefined) {
    throw new QuipeError(
      "unsupported",
      "This runtime has no node:worker_threads, which this needs.",
    );
  }
  return loadedThreads;
}

const channels = new Map<string, Channel | undefined>();

/**
 * The channel of `node:diagnostics_channel` with this name; undefined where the runtime has none. It is kept, since
 * Bun forgets the subscribers of a channel that nobody holds.
 */
export function diagnosticsChannel(name: string): Channel | undefined {
  const known = channels.get(name);
  if (known !== undefined) return known;
  const found = globalThis.process?.getBuiltinModule?.("node:diagnostics_channel")?.channel(name);
  channels.set(name, found);
  return found;
}

/** Whether this thread may sleep in `Atomics.wait`. Pages of a browser may not. */
export function canBlock(): boolean {
  return runtimeName() !== "browser" || !("document" in globalThis);
}

/**
 * Whether `terminate()` really stops a thread that computes. Deno 2.9 answers at once, fires `exit`, and the
 * thread goes on running and writing (docs/runtimes.md), so there a death needs the thread's own word.
 */
export function terminateIsTruthful(): boolean {
  return runtimeName() !== "deno";
}

/** Throws `unsupported`, with what to do, where threads cannot share memory: on pages that are not isolated. */
export function checkSharedMemory(): void {
  const { crossOriginIsolated } = globalThis as { readonly crossOriginIsolated?: boolean };
  if (typeof SharedArrayBuffer !== "undefined" && crossOriginIsolated !== false) return;
  throw new QuipeError(
    "unsupported",
    "This page is not cross-origin isolated, so the browser gives it no shared memory, which quipe needs. Send it, and the " +
      "scripts of its workers, with the headers `Cross-Origin-Opener-Policy: same-origin` and `Cross-Origin-Embedder-Policy: require-corp`, by https or from localhost.",
  );
}

/** Whether a thread can be handed shared memory while it blocks. In browsers that comes in by the event loop only. */
export function hearsWhileBlocked(): boolean {
  return runtimeName() !== "browser";
}

/** How long a thread may take to stop before everyone is told that it has not. Chromium takes two seconds and more. */
export function stopsWithinMs(): number {
  return runtimeName() === "browser" ? 6000 : 2000;
}

/**
 * Takes the next message that waits at `link`, if there is one, without the event loop: works while blocked. In browsers
 * a message may overtake one that comes by the event loop, unless `isInOrder`.
 */
export function takeMessage(link: Link, isInOrder = false): unknown {
  if (link.take !== undefined) return link.take(isInOrder);
  if (runtimeName() === "browser") return undefined; // the reaper's ends of links, which are heard in the event loop
  return threads().receiveMessageOnPort(link as unknown as MessagePort)?.message;
}

/** How many threads this machine runs at once. */
export function parallelism(): number {
  const os = globalThis.process?.getBuiltinModule?.("node:os");
  return os?.availableParallelism?.() ?? globalThis.navigator?.hardwareConcurrency ?? 1;
}

let holds = 0;
let holding: ReturnType<typeof setInterval> | undefined;

/**
 * Holds this thread's event loop open until {@link releaseLoop} has been called as often. A pending
 * `Atomics.waitAsync` keeps nothing alive in any runtime, so a task that waits must say so itself.
 */
export function holdLoop(): void {
  if (runtimeName() === "browser") return; // there nothing ends because it has nothing to do
  holds += 1;
  if (holds > 1) return;
  if (holding === undefined) holding = setInterval(() => {}, 0x7fff_ffff);
  else holding.ref();
}

/** Takes back one {@link holdLoop}. */
export function releaseLoop(): void {
  if (runtimeName() === "browser") return;
  holds -= 1;
  if (holds > 0 || holding === undefined) return;
  if (seesOpenResources()) return void holding.unref(); // cheaper than a new one each time
  clearInterval(holding);
  holding = undefined;
}

/** Lets timers, sockets and messages have their turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === "function") setImmediate(resolve);
    else if (runtimeName() === "browser") onNextMessage(resolve);
    else setTimeout(resolve);
  });
}

/** Resolves when every rejection that nobody has handled so far has been reported. */
export async function rejectionsReported(): Promise<void> {
  await nextTurn();
  if (runtimeName() !== "browser") return;
  // A browser reports them in a task of its own, which may come after messages, and before timers.
  await new Promise<void>((resolve) => {
    setTimeout(resolve);
  });
}

/** Who waits for a turn. No array, since a task may have replaced what arrays can do. */
interface Turn {
  readonly begin: () => void;
  next: Turn | undefined;
}

let firstTurn: Turn | undefined;
let lastTurn: Turn | undefined;
let turnChannel: InstanceType<typeof MessageChannel> | undefined;

/** A timer inside of timers comes after four milliseconds in a browser; a message comes at once. */
function onNextMessage(resolve: () => void): void {
  if (turnChannel === undefined) {
    turnChannel = new MessageChannel();
    turnChannel.port1.addEventListener("message", () => {
      const turn = firstTurn;
      firstTurn = turn?.next;
      turn?.begin();
    });
    turnChannel.port1.start();
  }
  const turn: Turn = { begin: resolve, next: undefined };
  if (firstTurn === undefined || lastTurn === undefined) firstTurn = turn;
  else lastTurn.next = turn;
  lastTurn = turn;
  turnChannel.port2.postMessage(undefined);
}

/** Hears of every error of this thread that nothing caught; the thread then lives on. */
export function onStrayError(handler: (error: unknown) => void): void {
  if (runtimeName() === "browser") return onStrayEvent(handler);
  process.on("uncaughtException", handler);
  process.on("unhandledRejection", handler);
}

interface StrayEvent {
  readonly error?: unknown;
  readonly reason?: unknown;
  readonly message?: unknown;
  preventDefault(): void;
}

interface EventScope {
  addEventListener(type: string, handler: (event: StrayEvent) => void): void;
}

/** Nothing of it reaches the thread that has started this one, which hears of an error as a text at most. */
function onStrayEvent(handler: (error: unknown) => void): void {
  const scope = globalThis as unknown as EventScope;
  scope.addEventListener("error", (event) => {
    event.preventDefault();
    handler(event.error ?? new Error(String(event.message)));
  });
  scope.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    handler(event.reason);
  });
}

/** Calls `handler` when this program has nothing left to do and is about to end, which it may then put off. */
export function onIdleEnd(handler: () => void): void {
  globalThis.process?.on?.("beforeExit", handler);
}

/** Ends this worker thread: at once, or in a browser when it returns to its event loop. */
export function endThread(exitCode: number): void {
  if (runtimeName() === "browser") (globalThis as unknown as { close(): void }).close();
  else process.exit(exitCode);
}

/** The bytes of this thread's heap that are in use, with what has not been collected yet. */
export function heapBytesUsed(): number {
  const statistics = globalThis.process?.getBuiltinModule?.("node:v8")?.getHeapStatistics?.();
  if (statistics !== undefined) return statistics.used_heap_size;
  const { memory } = performance as { readonly memory?: { readonly usedJSHeapSize: number } };
  return globalThis.process?.memoryUsage?.().heapUsed ?? memory?.usedJSHeapSize ?? 0;
}

/** Whether {@link openResources} tells of everything that an event loop usually waits for, sockets and files included. */
export function seesOpenResources(): boolean {
  return runtimeName() === "node";
}

/** Whether the runtime tells of the timers that are still to come; else they are counted (timers.ts). */
export function tellsOfTimers(): boolean {
  return runtimeName() === "node" || runtimeName() === "deno";
}

/** How many timers, sockets and the like hold this thread's loop open; 0 where the runtime does not tell. */
export function openResources(): number {
  return liveTimers() ?? globalThis.process?.getActiveResourcesInfo?.().length ?? 0;
}
