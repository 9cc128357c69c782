/**
 * What a task of the board does to a package, and prints: calls with patience, and the processor time of the
 * process before and after a loop is stopped.
 */
import { writeSync } from "node:fs";
import type { Caller, Contender, OpenOptions } from "./contender.ts";
import { type Call, type Fact, lineOf, told } from "./facts.ts";

/** How long a first call may take: threads start, modules load. */
const FIRST_CALL_MS = 30_000;
/** A loop that runs has used so much processor time. */
const LOOP_SEEN_MS = 150;
const WINDOW_MS = 300;
/** A stop may take a while, such as a second that a package waits for listeners. */
const LOOKS = 10;
/** A process in which nothing runs uses less of a processor. */
export const QUIET = 0.03;

/** What a task plays on. */
export interface Stage {
  readonly contender: Contender;
  readonly patienceMs: number;
}

/** Prints an observation at once. */
export function tell(fact: Fact): void {
  writeSync(1, lineOf(fact));
}

/** Waits for a call, as long as patience lasts. */
export async function watch(start: () => unknown, patienceMs: number): Promise<Call> {
  const began = performance.now();
  const afterMs = (): number => Math.round(performance.now() - began);
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<Call>((resolve) => {
    timer = setTimeout(() => resolve({ how: "nothing", afterMs: afterMs() }), patienceMs);
  });
  try {
    return await Promise.race([
      (async (): Promise<Call> => {
        const value = await start();
        return { how: "value", value: plainWord(value), afterMs: afterMs() };
      })(),
      patience,
    ]);
  } catch (error) {
    return { how: "error", error: told(error), afterMs: afterMs() };
  } finally {
    clearTimeout(timer);
  }
}

/** Opens a caller and shows that it works; undefined if it does not. */
export async function openReady(
  { contender }: Stage,
  options: OpenOptions = {},
): Promise<Caller | undefined> {
  let caller: Caller | undefined;
  const call = await watch(async () => {
    caller = await contender.open(options);
    return await caller.call("ordinary");
  }, FIRST_CALL_MS);
  tell({ step: "ready", call });
  return call.how === "value" ? caller : undefined;
}

/** An ordinary call after the harsh one, then the documented way to close. */
export async function finish({ patienceMs }: Stage, caller: Caller): Promise<void> {
  tell({ step: "again", call: await watch(() => caller.call("ordinary"), patienceMs) });
  tell({ step: "closed", call: await watch(() => caller.close(), patienceMs) });
}

/** Waits until this process has used processor time that only a loop uses, or patience ends. */
export async function loopSeen(patienceMs: number): Promise<void> {
  const end = performance.now() + patienceMs;
  const began = processorMs();
  while (processorMs() - began < LOOP_SEEN_MS && performance.now() < end) await pause(10);
}

/** The part of one processor that this process uses while its own thread rests; the least of some looks. */
export async function processorShare(): Promise<number> {
  let least = Infinity;
  for (let look = 0; look < LOOKS && least >= QUIET; look++) {
    const [began, used] = [performance.now(), processorMs()];
    await pause(WINDOW_MS);
    const share = (processorMs() - used) / (performance.now() - began);
    least = Math.min(least, Math.round(share * 100) / 100);
  }
  return least;
}

function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** What is printed of a value. */
function plainWord(value: unknown): unknown {
  if (typeof value === "function") return "a function";
  if (value === undefined) return "undefined";
  return value;
}
