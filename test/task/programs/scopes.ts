/** Tasks for tests of scopes. They say "running" once they do. */
import { current } from "../../../src/task/current.ts";
import { task } from "../../../src/task/entry.ts";
import { type Scope, scope } from "../../../src/task/scope.ts";
import { exitThread } from "../../exit-thread.ts";
import { nap } from "../../nap.ts";

/** Waits to be told what to do: throw it if it is a text, give it back otherwise. */
export const obey = task(import.meta.url, async function obey(): Promise<unknown> {
  const { quipe } = current();
  await quipe.send("running");
  const order: unknown = await quipe.receive();
  if (typeof order === "string") throw new RangeError(order);
  return order;
});

/** Waits, and when it is cancelled tidies up in a way that fails. */
export const failInCleanup = task(import.meta.url, async function failInCleanup() {
  const { quipe } = current();
  await quipe.send("running");
  try {
    await quipe.receive();
  } catch {
    throw new RangeError("the clean-up failed");
  }
});

/** Notes in shared memory that it ran. */
export const note = task(import.meta.url, function note(words: SharedArrayBuffer): void {
  Atomics.add(new Int32Array(words), 0, 1);
});

/** Counts in shared memory for ever, asks each time whether it should stop, and leaves the processor to others in between. */
export const countUp = task(
  import.meta.url,
  function countUp(words: SharedArrayBuffer, index: number): never {
    const counters = new Int32Array(words);
    for (;;) {
      Atomics.add(counters, index, 1);
      Atomics.notify(counters, index);
      current().checkpoint();
      nap();
    }
  },
);

/** The same, in a scope of its own with a task below it. */
export const countInScope = task(
  import.meta.url,
  async function countInScope(words: SharedArrayBuffer): Promise<void> {
    const counters = new Int32Array(words);
    await scope(async (s) => {
      s.spawn(countUp, [words, 1]);
      Atomics.wait(counters, 1, 0);
      await s.spawn(countUp, [words, 0]).result;
    });
  },
);

/** How {@link openAndEnd} ends. */
export type OpenerEnd = "return" | "throw" | "exit" | "wait" | "compute" | "leave";

/** Opens two scopes with a task in each, one of them with a task below it, and ends as told without leaving them. */
export const openAndEnd = task(
  import.meta.url,
  async function openAndEnd(words: SharedArrayBuffer, end: OpenerEnd): Promise<string> {
    const counters = new Int32Array(words);
    const outer: Scope = scope({ name: "outer" });
    outer.spawn(countInScope, [words]);
    const inner: Scope = scope({ name: "inner" });
    inner.spawn(countUp, [words, 2]);
    for (const index of [0, 1, 2]) Atomics.wait(counters, index, 0);
    await current().quipe.send("running");
    if (end === "wait") await current().quipe.receive();
    if (end === "leave") await outer.join();
    if (end === "compute") for (;;) Atomics.add(counters, 3, 1);
    if (end === "exit") await exitThread(7);
    if (end === "throw") throw new RangeError("the opener failed");
    return "returned";
  },
);

/** Spawns more tasks in a scope than may begin at once, and is gone. */
export const openManyAndExit = task(
  import.meta.url,
  async function openManyAndExit(words: SharedArrayBuffer, count: number): Promise<never> {
    const s: Scope = scope();
    for (let i = 0; i < count; i++) s.spawn(countUp, [words, 0]);
    return await exitThread(7);
  },
);

/** Cancelled, it tells how a scope looks that it opens then. */
export const scopeWhenCancelled = task(
  import.meta.url,
  async function scopeWhenCancelled(words: SharedArrayBuffer): Promise<unknown[]> {
    const { quipe } = current();
    await quipe.send("running");
    await quipe.receive().catch(() => {});
    let kind = "";
    const thrown = await scope(async (s) => {
      kind = (await s.spawn(note, [words]).outcome).kind;
    }).catch((error: { code?: string }) => error.code);
    return [kind, thrown];
  },
);

/** Opens a scope and forgets it: with a task that has failed, or with one that is still to count. */
export const forget = task(
  import.meta.url,
  async function forget(how: "wait" | "fail" | "throw", words: SharedArrayBuffer) {
    const forgotten = scope({ name: "forgotten" });
    if (how === "wait") forgotten.spawn(note, [words]);
    else await forgotten.spawn(failAtOnce).outcome;
    if (how === "throw") throw new TypeError("the task's own");
    return "returned";
  },
);

const failAtOnce = task(import.meta.url, function failAtOnce() {
  throw new RangeError("in the forgotten scope");
});

/** Opens scopes with a body that it does not wait for. */
export const forgetBody = task(import.meta.url, function forgetBody(words: SharedArrayBuffer) {
  void scope(async (s) => {
    await s.spawn(note, [words]).result;
    throw new RangeError("in the forgotten body");
  });
});
