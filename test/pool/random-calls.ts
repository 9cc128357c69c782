/**
 * Calls on a pool whose workers die at random: every call has one outcome, and only one that was at work when its
 * worker died was begun in vain.
 */
import assert from "node:assert/strict";
import { QuipeError, pool } from "../../src/index.ts";
import { runtimeName } from "../../src/runtime/host.ts";

/** What a call does; picked at random. */
type Deed = "answer" | "throw" | "exit" | "wait" | "loop";

/** What became of the calls of one run. */
export interface Tally {
  readonly answered: number;
  readonly thrown: number;
  readonly crashed: number;
  readonly stopped: number;
  readonly aborted: number;
  readonly replaced: number;
}

/** Numbers that look random and are the same for the same seed. */
function numbersFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Counts itself in its word, then does its deed. */
async function act(words: Int32Array, index: number, deed: string): Promise<number> {
  Atomics.add(words, index, 1);
  if (deed === "throw") throw new RangeError(`call ${index}`);
  if (deed === "exit") {
    if ("process" in globalThis && "exit" in process) process.exit(3);
    (globalThis as unknown as { close(): void }).close();
    await new Promise(() => {}); // a thread of a browser ends when it returns to its event loop
  }
  if (deed === "wait") await new Promise((resolve) => setTimeout(resolve, index % 4));
  if (deed === "loop") for (;;);
  return index;
}

function pick(random: number): Deed {
  const mayLoop = runtimeName() !== "deno";
  if (random < 0.02) return "exit";
  if (random < 0.03) return mayLoop ? "loop" : "exit";
  if (random < 0.1) return "throw";
  return random < 0.2 ? "wait" : "answer";
}

/** Makes `count` calls at random; asserts of each that it had the outcome that it must have, and was made once. */
export async function runCalls(seed: number, count: number): Promise<Tally> {
  const random = numbersFrom(seed);
  const words = new Int32Array(new SharedArrayBuffer(count * 4));
  const workers = pool({ size: 3, name: "random", recycleAfter: { calls: 200 } });
  const tally = { answered: 0, thrown: 0, crashed: 0, stopped: 0, aborted: 0, replaced: 0 };
  const aborts: (() => void)[] = [];
  const check = async (index: number, deed: Deed, controller: AbortController | undefined) => {
    const options = {
      timeoutMs: deed === "loop" ? 20 : undefined,
      graceMs: 0,
      signal: controller?.signal,
    };
    try {
      assert.equal(await workers.run(act, [words, index, deed], options), index);
      assert.ok(deed === "answer" || deed === "wait");
      tally.answered += 1;
      assert.equal(words[index], 1, `call ${index} (${deed}) was made ${words[index]} times`);
    } catch (error) {
      tally[kindOf(error, deed, controller)] += 1;
      assert.ok((words[index] ?? 0) <= 1, `call ${index} (${deed}) was made ${words[index]} times`);
    }
  };
  for (let made = 0; made < count;) {
    const calls: Promise<void>[] = [];
    for (const end = Math.min(count, made + 1 + Math.floor(random() * 300)); made < end; made++) {
      const controller = random() < 0.02 ? new AbortController() : undefined;
      calls.push(check(made, pick(random()), controller));
      if (controller !== undefined) aborts.push(() => controller.abort(new Error("given up")));
    }
    for (const abort of aborts.splice(0)) setTimeout(abort, random() * 5);
    await Promise.all(calls);
  }
  const { completed, failed, waiting, replaced } = workers.statistics();
  assert.deepEqual([completed + failed, waiting], [count, 0]);
  await workers.close();
  assert.equal(workers.statistics().workers, 0);
  return { ...tally, replaced };
}

function kindOf(
  error: unknown,
  deed: Deed,
  controller: AbortController | undefined,
): Exclude<keyof Tally, "answered" | "replaced"> {
  if (controller?.signal.aborted === true && error === controller.signal.reason) return "aborted";
  if (error instanceof RangeError && deed === "throw") return "thrown";
  if (error instanceof QuipeError && error.code === "crashed" && deed === "exit") return "crashed";
  if (error instanceof QuipeError && error.code === "timed-out" && deed === "loop")
    return "stopped";
  throw error;
}
