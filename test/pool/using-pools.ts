/** What the tests of pools have in common. */
import assert from "node:assert/strict";
import { QuipeError } from "../../src/index.ts";
import type { Pool } from "../../src/index.ts";
import { runtimeName } from "../../src/runtime/host.ts";

/** For tests that stop a thread which computes. */
export const skipOnDeno: string | false =
  runtimeName() === "deno" && "Deno does not stop a thread that computes [kill-computing]";

/** A short call. */
export const double = (x: number): number => x * 2;

/** The error that a promise rejects with, which must be quipe's. */
export async function rejection(promise: Promise<unknown>): Promise<QuipeError> {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof QuipeError, String(error));
    return error;
  }
  return assert.fail("nothing was thrown");
}

/** Waits until a call has set a word. */
export async function setIn(words: Int32Array, index: number): Promise<void> {
  while (Atomics.load(words, index) === 0) await new Promise((resolve) => setTimeout(resolve, 1));
}

/** Closes the pool after use; kills it if that failed, so that a failing test ends. */
export async function withPool(
  workers: Pool,
  use: (workers: Pool) => Promise<void>,
): Promise<void> {
  try {
    await use(workers);
  } catch (error) {
    await workers.kill();
    throw error;
  }
  await workers.close();
}
