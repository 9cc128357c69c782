/** A run loses no record and answers each once, whatever its mappers do. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { QuipeError } from "../../src/errors.ts";
import { runMap, type MapPlan } from "../../src/pool/map-run.ts";
import { noteBegun, noteFinished, recordAtWork } from "../../src/pool/mapper-progress.ts";
import type { MapOutcome, SourceItem } from "../../src/pool/work-window.ts";
import { FakeMapper, dies, stuck, type FakeFunction } from "./fake-mapper.ts";

interface Run {
  readonly outcomes: MapOutcome[];
  readonly mappers: FakeMapper[];
  readonly error: unknown;
}

type PlanChange = Partial<MapPlan<SourceItem>>;

async function runWith(
  call: FakeFunction,
  records: readonly SourceItem[],
  change: PlanChange = {},
): Promise<Run> {
  const mappers: FakeMapper[] = [];
  const outcomes: MapOutcome[] = [];
  const start = (): FakeMapper["started"] => {
    const mapper = new FakeMapper(call);
    mappers.push(mapper);
    return mapper.started;
  };
  const source = inBatches(records);
  try {
    const plan = { start, tasks: 2, ordered: true, source, ...change };
    for await (const batch of runMap(plan)) {
      assert.ok(batch.length > 0);
      outcomes.push(...batch);
    }
    return { outcomes, mappers, error: undefined };
  } catch (error) {
    return { outcomes, mappers, error };
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
  const { outcomes, mappers } = await runWith((value) => Number(value) * 2, numbers(50));
  assert.deepEqual(
    shown(outcomes),
    numbers(50).map(({ value }) => Number(value) * 2),
  );
  assert.ok(
    mappers.every((mapper) => mapper.seen.length > 0),
    "all mappers take part",
  );
});

test("an error of the function is the outcome of its record alone", async () => {
  const bad = new RangeError("three");
  const { outcomes } = await runWith((value) => (value === 3 ? bad : value), numbers(5));
  assert.deepEqual(shown(outcomes), [1, 2, bad, 4, 5]);
});

test("a mapper that dies fails the record it was working on; all others are answered once", async () => {
  const { outcomes, mappers } = await runWith((value) => (value === 7 ? dies : value), numbers(40));
  assert.equal(outcomes.length, 40);
  for (const outcome of outcomes) {
    assert.equal(outcome.ok, outcome.number !== 7);
    if (outcome.ok) assert.equal(outcome.value, outcome.number);
    else assert.match(String(outcome.error), /Record 7 killed its task: It called process\.exit/);
  }
  assert.equal(mappers.length, 3, "a new mapper takes the place of the dead one");
});

test("every second record may kill its mapper", async () => {
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

test("a mapper that dies between two records costs none", async () => {
  const mappers: FakeMapper[] = [];
  const start = (): FakeMapper["started"] => {
    const mapper = new FakeMapper((value) => value);
    mappers.push(mapper);
    return mapper.started;
  };
  const allIdle = (): boolean =>
    mappers.every(({ started }) => recordAtWork(started.progress) === undefined);
  const { outcomes } = await runWith(() => 0, [], {
    start,
    source: (async function* () {
      yield numbers(4);
      while (!allIdle()) await new Promise((resolve) => setImmediate(resolve));
      mappers[0]?.die({ kind: "killed", reason: "from outside" });
      yield numbers(9).slice(4);
    })(),
  });
  assert.deepEqual(shown(outcomes), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.equal(mappers.length, 3);
});

test("a mapper that is killed just after its overdue record does not cost the next one", async () => {
  class LateMapper extends FakeMapper {
    override kill(reason?: unknown): Promise<boolean> {
      noteFinished(this.started.progress); // The stuck record ends after all …
      noteBegun(this.started.progress); // … and the next one begins, before the kill strikes.
      return super.kill(reason);
    }
  }
  const mappers: FakeMapper[] = [];
  const { outcomes } = await runWith(() => 0, numbers(4), {
    tasks: 1,
    timeoutMs: 30,
    start: () => {
      const mapper = new (mappers.length === 0 ? LateMapper : FakeMapper)((value) =>
        value === 2 ? stuck : value,
      );
      mappers.push(mapper);
      return mapper.started;
    },
  });
  assert.deepEqual(
    outcomes.map(({ ok }) => ok),
    [true, false, true, true],
  );
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
  assert.match(String(outcomes[2]?.ok === false && outcomes[2].error), /It is a function/);
});

test("what a source throws comes after the outcomes of all records before it", async () => {
  const broken = new Error("the disk is gone");
  const { outcomes, error, mappers } = await runWith((value) => value, [], {
    source: (async function* () {
      yield numbers(5);
      throw broken;
    })(),
  });
  assert.deepEqual(shown(outcomes), [1, 2, 3, 4, 5]);
  assert.equal(error, broken);
  for (const mapper of mappers) assert.equal((await mapper.outcome).kind, "done");
});

test("a function that does not load fails the run, with or without records", async () => {
  const reason = new QuipeError("module-not-loaded", "no such file");
  for (const records of [numbers(3), []]) {
    const mapper = new FakeMapper((value) => value);
    mapper.quipe.receive = () => Promise.reject(new QuipeError("peer-failed", "It failed."));
    mapper.quipe.tryReceive = () => undefined;
    mapper.die({ kind: "failed", error: reason });
    const { error } = await runWith(() => 0, records, { start: () => mapper.started, tasks: 1 });
    assert.equal(error, reason);
  }
});

test("mappers that die before any record is reached do not do so for ever", async () => {
  let started = 0;
  const { error } = await runWith(() => 0, numbers(3), {
    start: () => {
      started += 1;
      const mapper = new FakeMapper((value) => value);
      mapper.quipe.receive = () => Promise.reject(new QuipeError("peer-killed", "It died."));
      mapper.die({ kind: "crashed", error: new Error("out of memory") });
      return mapper.started;
    },
  });
  assert.match(String(error), /out of memory/);
  assert.ok(started <= 6, `${started} mappers were started`);
});

test("an abort throws its reason, after what is ready, and leaves no mapper alive", async () => {
  const controller = new AbortController();
  const reason = new Error("enough");
  const { outcomes, error, mappers } = await runWith(
    (value) => {
      if (value === 4) controller.abort(reason);
      return value === 4 ? stuck : value;
    },
    numbers(10),
    { signal: controller.signal },
  );
  assert.equal(error, reason);
  assert.deepEqual(shown(outcomes), [1, 2, 3].slice(0, outcomes.length));
  for (const mapper of mappers) assert.ok(["killed", "done"].includes((await mapper.outcome).kind));
});

test("leaving the loop early stops the mappers and the source", async () => {
  let left = false;
  const source = (async function* () {
    try {
      for (let i = 1; ; i++) yield [{ value: i }];
    } finally {
      left = true;
    }
  })();
  const mappers: FakeMapper[] = [];
  const start = (): FakeMapper["started"] => {
    mappers.push(new FakeMapper((value) => value));
    return mappers[mappers.length - 1]?.started ?? assert.fail();
  };
  for await (const [outcome] of runMap({ start, tasks: 2, ordered: true, source })) {
    if ((outcome?.number ?? 0) > 5) break;
  }
  assert.ok(left, "the source was told to stop");
  for (const mapper of mappers) assert.ok(["killed", "done"].includes((await mapper.outcome).kind));
});

test("a source that never ends is read only as far as the window reaches", async () => {
  let read = 0;
  const source = (async function* () {
    for (;;) yield [{ value: (read += 1), bytes: 1024 * 1024 }];
  })();
  const mapper = new FakeMapper((value) => (value === 1 ? stuck : value));
  const controller = new AbortController();
  const plan = { start: () => mapper.started, tasks: 1, ordered: true, source };
  const running = runMap({ ...plan, signal: controller.signal }).next();
  while (mapper.seen.length === 0) await new Promise((resolve) => setImmediate(resolve));
  for (let i = 0; i < 100; i++) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(read <= 40, `${read} MB were read while nothing came out`);
  controller.abort(new Error("enough"));
  await assert.rejects(running, /enough/);
});
