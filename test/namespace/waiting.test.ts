/** Names as cases of a select. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  bound,
  namespace,
  quipe,
  rebindable,
  rebound,
  select,
  selectSync,
  spawn,
  trySelect,
} from "../../src/index.ts";

test("names are cases of a select, beside other things", async () => {
  const names = namespace<{ found?: string; step: number }>({ step: 1 });
  const [left, right] = quipe<string, never>();
  const cases = () => ({
    found: bound(names, "found"),
    next: rebound(names, "step", 1),
    item: right,
  });
  assert.equal(trySelect(cases()), undefined);
  const first = select(cases());
  names.step = 2;
  assert.deepEqual(await first, { case: "next", value: 2 });
  left.trySend("an item");
  const only = { found: bound(names, "found"), item: right };
  assert.deepEqual(selectSync(only), { case: "item", value: "an item" });
  names.found = "it";
  assert.deepEqual(selectSync(only), { case: "found", value: "it" });
  left.close();
});

test("another task's binding wakes a select that blocks", async () => {
  const names = namespace({ answer: 0 });
  const task = spawn(
    async (theirs: typeof names) => {
      const { rebind } = await import("quipe");
      rebind(theirs, { answer: 42 });
      await new Promise(() => {}); // until it is killed
    },
    [rebindable(names)],
  );
  const chosen = selectSync({ answer: rebound(names, "answer", 0), task }, { timeoutMs: 60_000 });
  assert.equal(chosen.case, "answer");
  assert.equal(chosen.value, 42);
  await task.kill();
});
