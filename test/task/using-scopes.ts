/** What the tests of scopes have in common. */
import assert from "node:assert/strict";
import type { Task } from "../../src/task/handle.ts";

/** The task, once it says that it runs. */
export async function running<T extends Task>(task: T): Promise<T> {
  assert.equal(await task.quipe.receive(), "running");
  return task;
}

/** What `work` rejects with. */
export async function errorOf(work: Promise<unknown>): Promise<Error & { code?: string }> {
  return await work.then(
    () => assert.fail("nothing was thrown"),
    (error: Error & { code?: string }) => error,
  );
}
