/** The window counts every record, keeps the order, and never holds more than it may. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { WorkWindow, type Job, type SourceItem } from "../../src/pool/work-window.ts";

const limits = { ordered: true, openRecords: 4, openBytes: 100 };

function items(...values: unknown[]): SourceItem[] {
  return values.map((value) => ({ value }));
}

test("a batch can be refilled as soon as its last record is taken", () => {
  const window = new WorkWindow({ ...limits, openRecords: 10 });
  for (const batch of [items("a", "b"), items("c")]) {
    assert.ok(window.hungry);
    window.refill(batch);
    for (const item of batch) assert.equal(window.take()?.item, item);
  }
  assert.ok(window.hungry);
  assert.equal(window.take(), undefined);
});

test("a slow first record stops the intake, not the memory", () => {
  const window = new WorkWindow(limits);
  window.refill(items(1, 2, 3, 4, 5, 6));
  const jobs = [window.take(), window.take(), window.take(), window.take()];
  assert.equal(window.take(), undefined);
  for (const job of jobs.slice(1)) if (job) window.settle({ ...job, ok: true, value: 0 });
  assert.deepEqual(window.drain(), []);
  assert.equal(window.take(), undefined);
  if (jobs[0]) window.settle({ ...jobs[0], ok: true, value: 0 });
  assert.deepEqual(
    window.drain().map(({ number }) => number),
    [1, 2, 3, 4],
  );
  assert.equal(window.take()?.number, 5);
  window.checkWindow();
});

test("a record given back is taken again before any other, also by a full window", () => {
  const window = new WorkWindow({ ...limits, openRecords: 2 });
  window.refill(items("a", "b", "c"));
  const a = window.take();
  const b = window.take();
  assert.ok(a !== undefined && b !== undefined);
  window.giveBack([b]);
  window.giveBack([a]);
  window.checkWindow();
  assert.equal(window.take(), a);
  assert.equal(window.take(), b);
  assert.equal(window.take(), undefined);
});

test("a record heavier than the whole window goes alone", () => {
  const window = new WorkWindow(limits);
  window.refill([{ bytes: 1 }, { bytes: 1000 }, { bytes: 1 }]);
  const first = window.take();
  assert.equal(window.take(), undefined);
  if (first) window.settle({ ...first, ok: true, value: "" });
  window.drain();
  assert.equal(window.take()?.number, 2);
  assert.equal(window.take(), undefined);
});

test("whatever happens in whatever order, each record comes out once and the window stays bounded", () => {
  const step = fc.constantFrom("take", "settle", "giveBack", "drain");
  const steps = fc.array(fc.tuple(step, fc.nat(7)), { maxLength: 200 });
  fc.assert(
    fc.property(steps, fc.boolean(), (program, ordered) => {
      const window = new WorkWindow({ ordered, openRecords: 5, openBytes: 40 });
      const taken: Job<SourceItem>[] = [];
      const out: number[] = [];
      for (const [what, pick] of program) {
        if (window.hungry) window.refill([{ bytes: 7 }, {}, { bytes: 30 }]);
        const job = taken[pick % Math.max(1, taken.length)];
        if (what === "take") taken.push(...[window.take()].filter((found) => found !== undefined));
        if (what === "drain") out.push(...window.drain().map(({ number }) => number));
        if (job === undefined || (what !== "settle" && what !== "giveBack")) continue;
        taken.splice(taken.indexOf(job), 1);
        if (what === "giveBack") window.giveBack([job]);
        else window.settle({ ...job, ok: true, value: "four" });
        window.checkWindow();
      }
      assert.equal(new Set(out).size, out.length);
      if (ordered)
        assert.deepEqual(
          out,
          out.map((_, i) => i + 1),
        );
    }),
  );
});
