/** A run loses no record and answers each once, whatever its workers do. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { QuipeError } from "../../src/errors.ts";
import { Crew } from "../../src/pool/crew.ts";
import { runMap, type MapPlan } from "../../src/pool/map-run.ts";
import type { MapOutcome, SourceItem } from "../../src/pool/work-window.ts";
import { FakeWorker, dies, stuck, type FakeFunction } from "./fake-worker.ts";
import { nextTurn } from "../../src/runtime/host.ts";
import { until } from "../until.ts";

interface Run {
  readonly outcomes: MapOutcome[];
  readonly workers: FakeWorker[];
  readonly error: unknown;
}

interface PlanChange extends Partial<MapPlan<SourceItem>> {
  readonly start?: () => FakeWorker;
}

/** A plan for workers that need not be told what they call. */
function planFor(
  start: () => FakeWorker,
  {
    concurrency = 2,
    ...change
  }: Partial<MapPlan<SourceItem>> & Pick<MapPlan<SourceItem>, "source">,
): MapPlan<SourceItem> {
  const crew = new Crew({ size: concurrency, start: () => start().started });
  const entry = { kind: "source", text: "", standIns: [] } as const;
  const fn = crew.makeFunction({ name: "fake", entry, making: undefined });
  return { crew, ownsCrew: true, fn, concurrency, ordered: true, ...change };
}

async function runWith(
  call: FakeFunction,
  records: readonly SourceItem[],
  change: PlanChange = {},
): Promise<Run> {
  const workers: FakeWorker[] = [];
  const outcomes: MapOutcome[] = [];
  const start = (): FakeWorker => {
    const worker = change.start?.() ?? new FakeWorker(call);
    workers.push(worker);
    return worker;
  };
  const source = inBatches(records);
  try {
    const { start: _start, ...rest } = change;
    for await (const batch of runMap(planFor(start, { source, ...rest }))) {
      assert.ok(batch.length > 0);
      outcomes.push(...batch);
    }
    return { outcomes, workers, error: undefined };
  } catch (error) {
    return { outcomes, workers, error };
  }
}

async function* inBatches(records: readonly SourceItem[]): AsyncGenerator<readonly SourceItem[]> {
  for (let i = 0; i < records.length; i += 3) yield records.slice(i, i + 3);
}

function numbers(count: number): SourceItem[] {
  return Array.from({ length: count }, (_, i) => ({ value: i + 1 }));
}

function shown(outcomes: readonly MapOutcome[]): unknown[] {
  return outcomes.map((outcome) => (outcome.ok ? outcome.value : outcome.error));
}

test("results keep the order of the records, also when later ones are done first", async () => {
  const { outcomes, workers } = await runWith((value) => Number(value) * 2, numbers(50));
  assert.deepEqual(
    shown(outcomes),
    numbers(50).map(({ value }) => Number(value) * 2),
  );
  assert.ok(
    workers.every((worker) => worker.seen.length > 0),
    "all workers take part",
  );
});

test("an error of the function is the outcome of its record alone", async () => {
  const bad = new RangeError("three");
  const { outcomes } = await runWith((value) => (value === 3 ? bad : value), numbers(5));
  assert.deepEqual(shown(outcomes), [1, 2, bad, 4, 5]);
});

test("a worker that dies fails the record it was working on; all others are answered once", async () => {
  const { outcomes, workers } = await runWith((value) => (value === 7 ? dies : value), numbers(40));
  assert.equal(outcomes.length, 40);
  for (const outcome of outcomes) {
    assert.equal(outcome.ok, outcome.number !== 7);
    if (outcome.ok) assert.equal(outcome.value, outcome.number);
    else assert.match(String(outcome.error), /Record 7 killed its task: It called process\.exit/);
  }
  assert.ok(workers.length >= 2);
});

test("replies that name memory on its way here are heard once each, when that has come", async () => {
  const late = (): FakeWorker =>
    new FakeWorker((value) => Number(value) * 2, { isMemoryLate: true });
  const { outcomes, workers, error } = await runWith(() => 0, numbers(12), { start: late });
  assert.equal(error, undefined);
  assert.deepEqual(
    shown(outcomes),
    numbers(12).map(({ value }) => Number(value) * 2),
  );
  assert.ok(workers.some(({ looksTooEarly }) => looksTooEarly > 0));
});

test("what a worker has answered counts although it dies before that can be read here", async () => {
  const seen: unknown[] = [];
  const fatal = (value: unknown): unknown => {
    seen.push(value);
    return Number(value) % 3 === 0 ? dies : value;
  };
  const late = (): FakeWorker => new FakeWorker(fatal, { isMemoryLate: true });
  const { outcomes } = await runWith(fatal, numbers(12), { start: late });
  const failed = outcomes.filter(({ ok }) => !ok).map(({ number }) => number);
  assert.deepEqual(failed, [3, 6, 9, 12]);
  assert.equal(seen.length, 12, "no record is called twice");
});

test("every second record may kill its worker", async () => {
  const fatal = (value: unknown): unknown => (Number(value) % 2 === 0 ? dies : value);
  for (const ordered of [true, false]) {
    const { outcomes } = await runWith(fatal, numbers(30), { ordered });
    const failed = outcomes.filter(({ ok }) => !ok).map(({ number }) => number);
    assert.deepEqual(
      failed.toSorted((a, b) => a - b),
      numbers(15).map((_, i) => (i + 1) * 2),
    );
    assert.equal(new Set(outcomes.map(({ number }) => number)).size, 30);
  }
});

test("a record that takes too long is killed and fails with timed-out; the others go on", async () => {
  const { outcomes } = await runWith((value) => (value === 2 ? stuck : value), numbers(6), {
    timeoutMs: 40,
  });
  const failed = outcomes[1];
  assert.ok(failed !== undefined && !failed.ok && failed.error instanceof QuipeError);
  assert.equal(failed.error.code, "timed-out");
  assert.match(failed.error.message, /Record 2 took longer than 40 ms/);
  assert.deepEqual(shown(outcomes.filter(({ ok }) => ok)), [1, 3, 4, 5, 6]);
});

test("a worker that dies between two records costs none", async () => {
  const workers: FakeWorker[] = [];
  const { outcomes } = await runWith(() => 0, [], {
    start: () => {
      const worker = new FakeWorker((value) => value);
      workers.push(worker);
      return worker;
    },
    source: (async function* () {
      yield numbers(4);
      await until(() => workers.every(({ isIdle }) => isIdle));
      workers[0]?.die({ kind: "killed", reason: "from outside" });
      yield numbers(9).slice(4);
    })(),
  });
  assert.deepEqual(shown(outcomes), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.ok(workers.length >= 2);
});

test("what waits behind a slow record goes to another worker, and is called once", async () => {
  const workers: FakeWorker[] = [];
  const { outcomes } = await runWith(() => 0, numbers(6), {
    timeoutMs: 500,
    graceMs: 0,
    start: () => {
      const worker = new FakeWorker((value) => (value === 1 ? stuck : value));
      workers.push(worker);
      return worker;
    },
  });
  assert.deepEqual(
    outcomes.map(({ ok }) => ok),
    [false, true, true, true, true, true],
  );
  const seen = workers.flatMap((worker) => worker.seen);
  assert.deepEqual(seen.toSorted(), [1, 2, 3, 4, 5, 6]);
});

test("records that cannot be read or sent fail in their place", async () => {
  const unreadable = new SyntaxError("not JSON");
  const records = [{ value: 1 }, { error: unreadable }, { value: () => 0 }, { value: 4 }];
  const { outcomes } = await runWith((value) => value, records);
  assert.deepEqual(
    outcomes.map(({ ok }) => ok),
    [true, false, false, true],
  );
  assert.equal(outcomes[1]?.ok === false && outcomes[1].error, unreadable);
  assert.match(String(outcomes[2]?.ok === false && outcomes[2].error), /it is a function/);
});

test("what a source throws comes after the outcomes of all records before it", async () => {
  const broken = new Error("the disk is gone");
  const { outcomes, error, workers } = await runWith((value) => value, [], {
    source: (async function* () {
      yield numbers(5);
      throw broken;
    })(),
  });
  assert.deepEqual(shown(outcomes), [1, 2, 3, 4, 5]);
  assert.equal(error, broken);
  for (const worker of workers) assert.equal((await worker.outcome).kind, "done");
});

test("workers that die before any record is reached do not do so for ever", async () => {
  let started = 0;
  const { error } = await runWith(() => 0, numbers(3), {
    start: () => {
      started += 1;
      const worker = new FakeWorker((value) => value);
      worker.die({ kind: "crashed", error: new Error("out of memory") });
      return worker;
    },
  });
  assert.match(String(error), /out of memory/);
  assert.ok(started <= 8, `${started} workers were started`);
});

test("an abort throws its reason, after what is ready, and leaves no worker alive", async () => {
  const controller = new AbortController();
  const reason = new Error("enough");
  const { outcomes, error, workers } = await runWith(
    (value) => {
      if (value === 4) controller.abort(reason);
      return value === 4 ? stuck : value;
    },
    numbers(10),
    { signal: controller.signal },
  );
  assert.equal(error, reason);
  assert.deepEqual(shown(outcomes), [1, 2, 3].slice(0, outcomes.length));
  for (const worker of workers) assert.ok(["killed", "done"].includes((await worker.outcome).kind));
});

test("leaving the loop early stops the workers and the source", async () => {
  let left = false;
  const source = (async function* () {
    try {
      for (let i = 1; ; i++) yield [{ value: i }];
    } finally {
      left = true;
    }
  })();
  const workers: FakeWorker[] = [];
  const start = (): FakeWorker => {
    const worker = new FakeWorker((value) => value);
    workers.push(worker);
    return worker;
  };
  for await (const [outcome] of runMap(planFor(start, { source }))) {
    if ((outcome?.number ?? 0) > 5) break;
  }
  assert.ok(left, "the source was told to stop");
  for (const worker of workers) assert.ok(["killed", "done"].includes((await worker.outcome).kind));
});

test("a source that never ends is read only as far as the window reaches", async () => {
  let read = 0;
  const source = (async function* () {
    for (;;) yield [{ value: (read += 1), bytes: 1024 * 1024 }];
  })();
  const worker = new FakeWorker((value) => (value === 1 ? stuck : value));
  const controller = new AbortController();
  const { signal } = controller;
  const plan = planFor(() => worker, { source, signal, concurrency: 1 });
  const running = runMap(plan).next();
  await until(() => worker.seen.length > 0);
  for (let i = 0; i < 100; i++) await nextTurn();
  assert.ok(read <= 40, `${read} MB were read while nothing came out`);
  controller.abort(new Error("enough"));
  await assert.rejects(running, /enough/);
});
