/** `map` on real threads. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { QuipeError, freeze, map } from "../../src/index.ts";
import { nextTurn, runtimeName } from "../../src/runtime/host.ts";
import { cannotExit } from "../exit-thread.ts";

async function collect<T>(results: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const result of results) list.push(result);
  return list;
}

function* numbers(count: number): Generator<number> {
  for (let i = 1; i <= count; i++) yield i;
}

test("results come in the order of the records, from several tasks", async () => {
  const results = await collect(
    map((value: number) => value * 2, numbers(5000), { concurrency: 2 }),
  );
  assert.deepEqual(
    results,
    Array.from({ length: 5000 }, (_, i) => (i + 1) * 2),
  );
});

test("unordered, every result still comes once", async () => {
  const options = { concurrency: 2, ordered: false };
  const results = await collect(map((value: number) => value, numbers(500), options));
  assert.deepEqual(
    results.toSorted((a, b) => a - b),
    [...numbers(500)],
  );
});

test("the function gets the record, what is shared, and the record's number; it may be async", async () => {
  const shared = freeze({ factor: 10, names: ["a", "b", "c"] });
  const results = await collect(
    map(
      async (value: number, data: typeof shared, number: number) => {
        await Promise.resolve();
        return [data.names[value - 1], value * data.factor, number, Object.isFrozen(data)];
      },
      [1, 2, 3],
      { shared, concurrency: 1 },
    ),
  );
  assert.deepEqual(results, [
    ["a", 10, 1, true],
    ["b", 20, 2, true],
    ["c", 30, 3, true],
  ]);
});

test("async records are taken as they come", async () => {
  async function* records(): AsyncGenerator<string> {
    yield "a";
    await nextTurn();
    yield "b";
  }
  assert.deepEqual(
    await collect(map((text: string) => text + text, records(), { concurrency: 2 })),
    ["aa", "bb"],
  );
});

test("an error is thrown with its class and the stack of the task, after the results before it", async () => {
  const seen: number[] = [];
  const fails = (value: number): number => {
    if (value === 3) throw new RangeError("three is too many");
    return value;
  };
  await assert.rejects(
    async () => {
      for await (const value of map(fails, numbers(10), { concurrency: 2 })) seen.push(value);
    },
    (error) => error instanceof RangeError && /^ +at |^\S*@/m.test(error.stack ?? ""),
  );
  assert.deepEqual(seen, [1, 2]);
});

test("failed records can be skipped or replaced", async () => {
  const odd = (value: number): number => {
    if (value % 2 === 0) throw new Error("even");
    return value;
  };
  assert.deepEqual(
    await collect(map(odd, numbers(5), { onError: "skip", concurrency: 2 })),
    [1, 3, 5],
  );
  const onError = (error: unknown, number: number): number => {
    assert.match(String(error), /even/);
    return -number;
  };
  assert.deepEqual(
    await collect(map(odd, numbers(5), { onError, concurrency: 2 })),
    [1, -2, 3, -4, 5],
  );
});

test("a record that ends its task is the only one lost", { skip: cannotExit }, async () => {
  const exits = (value: number): number => {
    if (value === 5) process.exit(3);
    return value;
  };
  const failed: number[] = [];
  const onError = (error: unknown, number: number): number => {
    assert.ok(error instanceof QuipeError && error.code === "crashed");
    failed.push(number);
    return 0;
  };
  const results = await collect(map(exits, numbers(20), { onError, concurrency: 2 }));
  assert.deepEqual(failed, [5]);
  assert.deepEqual(
    results,
    [...numbers(20)].map((value) => (value === 5 ? 0 : value)),
  );
});

test(
  "a record that computes for ever fails with timed-out, and the others go on",
  {
    skip: runtimeName() === "deno" && "Deno does not stop a thread that computes [kill-computing]",
  },
  async () => {
    const loops = (value: number): number => {
      if (value === 2) for (;;);
      return value;
    };
    const codes: unknown[] = [];
    const onError = (error: unknown): number => {
      codes.push(error instanceof QuipeError && error.code);
      return 0;
    };
    const options = { onError, concurrency: 2, timeoutMs: 500 };
    assert.deepEqual(await collect(map(loops, numbers(6), options)), [1, 0, 3, 4, 5, 6]);
    assert.deepEqual(codes, ["timed-out"]);
  },
);

test("what cannot be sent fails its record and no other, in either direction", async () => {
  const records: unknown[] = [1, Symbol.iterator, 3];
  const there = map((value: unknown) => typeof value, records, { onError: "skip", concurrency: 1 });
  assert.deepEqual(await collect(there), ["number", "number"]);
  const back = (value: number): unknown => (value === 2 ? (): number => value : value);
  assert.deepEqual(
    await collect(map(back, numbers(3), { onError: "skip", concurrency: 1 })),
    [1, 3],
  );
});

test("records larger than a lane go through", async () => {
  const large = "x".repeat(3_000_000);
  const results = await collect(
    map((text: string) => text + text.length, [large, "y", large], { concurrency: 2 }),
  );
  assert.deepEqual(
    results.map((text) => text.length),
    [3_000_007, 2, 3_000_007],
  );
});

test("an abort stops the map with the signal's reason", async () => {
  const controller = new AbortController();
  const reason = new Error("enough");
  await assert.rejects(async () => {
    const endless = map((value: number) => value, numbers(1_000_000), {
      concurrency: 1,
      signal: controller.signal,
    });
    for await (const value of endless) if (value === 10) controller.abort(reason);
  }, reason);
});

test("leaving the loop closes the records", async () => {
  let closed = false;
  function* records(): Generator<number> {
    try {
      yield* numbers(1_000_000);
    } finally {
      closed = true;
    }
  }
  for await (const value of map((x: number) => x, records(), { concurrency: 2 }))
    if (value === 3) break;
  assert.ok(closed);
});

test("wrong options are refused before anything starts", async () => {
  const run = (options: object): Promise<unknown> => map((x: number) => x, [1], options).next();
  await assert.rejects(run({ concurrency: 0 }), RangeError);
  await assert.rejects(run({ concurrency: 1.5 }), RangeError);
  await assert.rejects(run({ timeoutMs: 0 }), RangeError);
  await assert.rejects(run({ timeoutMs: Number.NaN }), TypeError);
});

test("the records may be the characters of a text", async () => {
  const twice: string[] = [];
  for await (const value of map((it: string) => it + it, "abc", { concurrency: 1 }))
    twice.push(value);
  assert.deepEqual(twice, ["aa", "bb", "cc"]);
});
