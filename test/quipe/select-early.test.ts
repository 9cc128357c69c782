/** Cases of a select that need shared memory which is on its way, as it comes in browsers: they are not ready yet. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { guard } from "../../src/memory/guard.ts";
import { after } from "../../src/quipe/after.ts";
import type { Case, Selectable } from "../../src/quipe/case.ts";
import { select, selectSync, trySelect } from "../../src/quipe/select.ts";
import { until } from "../../src/quipe/until.ts";
import { until as once } from "../until.ts";
import { BufferOnItsWay } from "../../src/sync/on-its-way.ts";
import { ringMyself } from "../../src/sync/thread.ts";

/** Is ready once its memory has come. */
class Early implements Selectable<string>, Case<string> {
  isHere = false;
  looksTooEarly = 0;
  timesLeft = 0;

  asCase(): Case<string> {
    return this;
  }

  attempt(): { readonly value: string } | undefined {
    if (this.isHere) return { value: "it came" };
    this.looksTooEarly += 1;
    throw new BufferOnItsWay(1);
  }

  leave(): void {
    this.timesLeft += 1;
  }

  comes(): void {
    this.isHere = true;
    ringMyself();
  }
}

test("a select waits for it, and has its value once it has come", async () => {
  const early = new Early();
  const chosen = select({ early });
  await once(() => early.looksTooEarly > 0);
  early.comes();
  assert.equal((await chosen).value, "it came");
  assert.equal(early.timesLeft, 0, "what was chosen has left by itself");
});

test("what else is ready is chosen instead, and it has had no effect", async () => {
  for (const priority of [true, false]) {
    const early = new Early();
    const chosen = await select({ early, ready: after(0) }, { priority });
    assert.equal(chosen.case, "ready");
    assert.equal(early.timesLeft, 1);
  }
});

test("a look without waiting finds nothing", () => {
  const early = new Early();
  assert.equal(trySelect({ early }), undefined);
  assert.equal(early.timesLeft, 1);
});

test("a thread that blocks is told, since it never comes while it sleeps", () => {
  const early = new Early();
  assert.throws(() => selectSync({ early, late: after(60_000) }), { code: "cannot-block" });
  assert.equal(early.timesLeft, 1);
  assert.equal(selectSync({ early, ready: after(0) }).case, "ready");
});

test("a predicate that needs it is asked again, though the guard has not changed", async () => {
  const counter = guard({ count: 1 });
  let isHere = false;
  let asked = 0;
  const chosen = select({
    counted: until(counter, (it) => {
      asked += 1;
      if (!isHere) throw new BufferOnItsWay(1);
      return it.count;
    }),
  });
  await once(() => asked > 0);
  isHere = true;
  ringMyself();
  assert.equal((await chosen).value, 1);
  await counter.update((it) => (it.count += 1));
  const found = await select({ counted: until(counter, (it) => it.count === 2) });
  assert.equal(found.value, true);
});
