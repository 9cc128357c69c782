/** Tasks for tests of deadlines, signals and shields. They say "running" once they do. */
import { current } from "../../../src/task/current.ts";
import { task } from "../../../src/task/entry.ts";
import { shield } from "../../../src/task/shield.ts";
import { spawn } from "../../../src/task/spawn.ts";

const LONG_MS = 1_000_000; // only what is tested ends it

function sayRunning(): void {
  current().quipe.sendSync("running");
}

async function codeOf(work: () => unknown): Promise<string> {
  try {
    await work();
    return "went on";
  } catch (error) {
    return String((error as { code?: string }).code);
  }
}

/** Computes with a signal that it took once, and says what that told it. */
export const watchTakenSignal = task(import.meta.url, function watchTakenSignal() {
  const { signal } = current();
  const before = signal.aborted;
  const told: string[] = [];
  signal.addEventListener("abort", () => told.push(`told: ${String(signal.reason)}`));
  sayRunning();
  while (!signal.aborted);
  let thrown: unknown;
  try {
    signal.throwIfAborted();
  } catch (error) {
    thrown = error;
  }
  return [before, ...told, thrown === signal.reason];
});

/** Computes until a signal made of its own says stop; that one needs turns of the event loop. */
export const watchDerivedSignal = task(
  import.meta.url,
  async function watchDerivedSignal(): Promise<unknown> {
    const either = AbortSignal.any([current().signal, new AbortController().signal]);
    sayRunning();
    return await new Promise((resolve) => {
      const open = setInterval(() => {}, LONG_MS);
      either.addEventListener("abort", () => {
        clearInterval(open);
        resolve(either.reason);
      });
    });
  },
);

/** Asks for something with its signal, from a server that never answers; gives the error that ended it. */
export const fetchWithSignal = task(
  import.meta.url,
  async function fetchWithSignal(url: string): Promise<unknown> {
    const asked = fetch(url, { signal: current().signal });
    sayRunning();
    return await asked.then(
      () => "answered",
      (error: unknown) => error,
    );
  },
);

/** Tells its deadline, and that of a task that it spawns with a later one. */
export const tellDeadlines = task(
  import.meta.url,
  async function tellDeadlines(timeoutMs?: number): Promise<number[]> {
    const { deadline, timeLeftMs } = current();
    const child = spawn(tellDeadline, [], { timeoutMs });
    return [deadline, timeLeftMs, await child.result];
  },
);

/** Tells its deadline. */
export const tellDeadline = task(import.meta.url, function tellDeadline(): number {
  return current().deadline;
});

/** Waits for ever and ends as it is told to, by its spawner or its deadline. */
export const wait = task(import.meta.url, async function wait(): Promise<unknown> {
  sayRunning();
  return await current().quipe.receive();
});

/** Cancelled, it waits once more under a shield and once without. */
export const tidyUp = task(import.meta.url, async function tidyUp(): Promise<unknown[]> {
  const { quipe } = current();
  sayRunning();
  const first = await codeOf(() => quipe.receive());
  await shield(() => quipe.send("cancelled"), { timeoutMs: LONG_MS });
  const shielded = await shield(() => quipe.receive(), { timeoutMs: LONG_MS });
  const blocked = shield(() => quipe.receiveSync(), { timeoutMs: LONG_MS });
  const after = await codeOf(() => quipe.receive());
  return [first, shielded, blocked, after];
});

/** Has two flows in different shields, or in none, at once. */
export const twoFlows = task(import.meta.url, async function twoFlows(): Promise<unknown[]> {
  const { quipe, signal } = current();
  const shielded = shield(() => quipe.receive(), { timeoutMs: LONG_MS });
  const bare = codeOf(() => quipe.receive());
  const late = shield(
    async () => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      return await codeOf(() => current().checkpoint());
    },
    { timeoutMs: LONG_MS },
  );
  sayRunning();
  const answers = [await bare, await late, await codeOf(() => current().checkpoint())];
  await shield(() => quipe.send("ready"), { timeoutMs: LONG_MS });
  return [...answers, await shielded];
});

/** Cancelled, it waits in a shield that is soon over, in all ways there are. */
export const shortShields = task(
  import.meta.url,
  async function shortShields(timeoutMs: number): Promise<string[]> {
    const { quipe } = current();
    sayRunning();
    const first = await codeOf(() => quipe.receive());
    return [
      first,
      await shield(() => codeOf(() => quipe.receive()), { timeoutMs }),
      await codeOf(() => shield(() => quipe.receiveSync(), { timeoutMs })),
      await shield(() => shield(() => codeOf(() => quipe.receive()), { timeoutMs: LONG_MS }), {
        timeoutMs,
      }),
    ];
  },
);

/** Cancelled, it spawns a task without a shield and with one. */
export const spawnShielded = task(import.meta.url, async function spawnShielded(): Promise<
  unknown[]
> {
  sayRunning();
  await codeOf(() => current().quipe.receive());
  const bare = await codeOf(() => spawn(tellDeadline));
  const atMost = performance.timeOrigin + performance.now() + LONG_MS;
  const deadline = await shield(() => spawn(tellDeadline).result, { timeoutMs: LONG_MS });
  return [bare, deadline > atMost - 1, deadline < atMost + LONG_MS / 2];
});
