/**
 * What names keep in memory: all that they are bound to, and nothing that they were.
 * Runs in a process of its own, since it asks for garbage collection.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { freeze } from "../../src/memory/freeze.ts";
import { lock } from "../../src/namespace/locks.ts";
import { type Namespace, namespace, rebindable } from "../../src/namespace/namespace.ts";
import { nextTurn, runtimeName } from "../../src/runtime/host.ts";
import { takeCensus } from "../../src/task/census.ts";
import { spawn } from "../../src/task/spawn.ts";
import { collect } from "../collector.ts";

const PATIENCE_MS = 20_000;

/** Waits until the directory has at most so many buffers. */
async function buffersCome(most: number, meanwhile: () => void = () => {}): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    meanwhile();
    const { buffers } = await takeCensus();
    if (buffers <= most) return;
    assert.ok(performance.now() < deadline, `${buffers} buffers are kept, not ${most}`);
    await nextTurn();
  }
}

test("what names were bound to goes, and what they are bound to stays, whoever is gone", async () => {
  const names = namespace({ list: freeze([0]) });
  assert.equal(await spawn((given: typeof names) => given.list[0], [names]).result, 0);
  const { buffers } = await takeCensus();
  const rebindAll = async (given: Namespace<{ list: readonly number[] }>): Promise<void> => {
    const quipe = await import("quipe");
    for (let i = 1; i <= 500; i++) quipe.rebind(given, { list: quipe.freeze([i]) });
  };
  await spawn(rebindAll, [rebindable(names)]).result;
  await buffersCome(buffers + 1);
  assert.equal(names.list[0], 500);
  assert.equal(await spawn((given: typeof names) => given.list[0], [names]).result, 500);
});

// docs/runtimes.md: collector
test(
  "namespaces that name each other go together when the last task has dropped them",
  {
    skip: runtimeName() !== "node" && "only Node collects garbage when asked to [collector]",
  },
  async () => {
    const { buffers } = await takeCensus();
    for (let i = 0; i < 20; i++) {
      const inner = namespace<{ outer?: object; list: readonly number[] }>({ list: freeze([i]) });
      const outer = namespace({ inner, list: freeze([i]) });
      inner.outer = outer;
      lock(outer, "list");
      const read = (given: typeof outer): number => given.list.length + given.inner.list.length;
      assert.equal(await spawn(read, [outer]).result, 2);
    }
    await buffersCome(buffers + 4, collect); // the last ones may still be on the stack
  },
);
