/** Shared memory that comes in by the event loop: what is received asynchronously waits for it, what cannot wait loses nothing. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type End,
  type QuipeError,
  after,
  freeze,
  map,
  move,
  pool,
  quipe,
  select,
  share,
  spawn,
  thaw,
  trySelect,
} from "quipe";

const COUNT = 20;

test("a task that awaits receives frozen data in order, and what others moved to it", async () => {
  const reader = spawn(async () => {
    const { current } = await import("quipe");
    const { quipe: end } = current<number, { readonly n: number; readonly list: number[] }>();
    for await (const it of end) await end.send(it.n + it.list.length);
  });
  for (let n = 0; n < COUNT; n++) {
    const data = { n, list: Array.from({ length: n }, () => n) };
    await reader.quipe.send(n % 2 === 0 ? freeze(data) : move(share<typeof data>(data)));
    assert.equal(await reader.quipe.receive(), n * 2);
  }
  reader.quipe.close();
  await reader.result;
});

test("a task that blocks is told to await once, and the item is still there", async () => {
  const reader = spawn(async () => {
    const { current } = await import("quipe");
    const { quipe: end } = current<string, { readonly name: string }>();
    const said: string[] = [];
    for (let i = 0; i < 3; i++) {
      try {
        said.push(end.receiveSync().name);
      } catch (error) {
        said.push((error as QuipeError).code);
        said.push((await end.receive()).name);
      }
    }
    return said;
  });
  for (const name of ["first", "second", "third"]) await reader.quipe.send(freeze({ name }));
  const said = await reader.result;
  assert.deepEqual(
    said.filter((word) => word !== "cannot-block"),
    ["first", "second", "third"],
  );
});

test("the same where several tasks share a side, and where items go from hand to hand", async () => {
  for (const capacity of [0, 1, 16]) {
    const [left, right] = quipe<{ readonly n: number }, never>({ capacity });
    const readers = Array.from({ length: 2 }, () =>
      spawn(
        async (end: typeof right) => {
          let sum = 0;
          for await (const it of end) sum += it.n;
          return sum;
        },
        [right.clone()],
      ),
    );
    right.close();
    for (let n = 1; n <= COUNT; n++) await left.send(freeze({ n }));
    left.close();
    const [one = 0, other = 0] = await Promise.all(readers.map((reader) => reader.result));
    assert.equal(one + other, (COUNT * (COUNT + 1)) / 2, `capacity ${capacity}`);
  }
});

test("a look without waiting finds nothing until it is here, and then the item", async () => {
  const maker = spawn(async () => {
    const { current, freeze: freezeThere } = await import("quipe");
    await current().quipe.send(freezeThere({ made: "there" }));
    await current().quipe.receive();
  });
  let found: { readonly value: unknown } | undefined;
  while (found === undefined) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    found = maker.quipe.tryReceive();
  }
  assert.equal((found.value as { readonly made: string }).made, "there");
  await maker.quipe.send(undefined);
  await maker.result;
});

test("large messages come while a task blocks, since they never change", async () => {
  const reader = spawn(async () => {
    const { current } = await import("quipe");
    return current<never, string>().quipe.receiveSync().length;
  });
  await reader.quipe.send("x".repeat(300_000));
  assert.equal(await reader.result, 300_000);
});

test("calls of a pool answer with what is large or frozen, each its own", async () => {
  const workers = pool({ size: 2 });
  const text = await workers.run((count: number) => "x".repeat(count), [1_000_000]);
  assert.equal(text.length, 1_000_000);
  const made = await Promise.all(
    Array.from({ length: COUNT }, (_, n) =>
      workers.run(
        async (number: number) => {
          const { freeze: freezeThere } = await import("quipe");
          return freezeThere({ number });
        },
        [n],
      ),
    ),
  );
  assert.deepEqual(
    made.map(({ number }) => number),
    Array.from({ length: COUNT }, (_, n) => n),
  );
  await workers.close();
});

test("a map gives large results in order", async () => {
  const large = "x".repeat(1_000_000);
  const lengths: number[] = [];
  for await (const it of map((text: string) => text + text.length, [large, "y", large], {
    concurrency: 2,
  }))
    lengths.push(it.length);
  assert.deepEqual(lengths, [1_000_007, 2, 1_000_007]);
});

test("a select waits for what is on its way as for any item, and takes what else is ready", async () => {
  const maker = spawn(async () => {
    const { current, freeze: freezeThere } = await import("quipe");
    const { quipe: end } = current<number, number>();
    for await (const n of end) await end.send(freezeThere({ n }) as never);
    return freezeThere({ n: -1 });
  });
  for (let n = 0; n < COUNT; n++) {
    await maker.quipe.send(n);
    const chosen = await select({ made: maker.quipe as End<number, { readonly n: number }> });
    assert.equal(chosen.value.n, n);
  }
  await maker.quipe.send(COUNT);
  const ready = after(0);
  while (maker.quipe.statistics().in.sent <= COUNT) await select({ soon: after(1) });
  const tried = trySelect({ made: maker.quipe, ready }, { priority: true });
  assert.equal(tried?.case, "ready");
  const made = await select({ made: maker.quipe as End<number, { readonly n: number }> });
  assert.equal(made.value.n, COUNT);
  maker.quipe.close();
  const result = await select({ over: maker });
  assert.equal(result.value.n, -1);
});

test("what was thawed, and refers to more when it is sent again, comes with all of it", async () => {
  interface Node {
    readonly n: number;
    readonly more?: Node;
  }
  let top: { n: number; more?: Node } = share({ n: 0 });
  for (let n = 1; n <= COUNT; n++) {
    const reader = spawn(async () => {
      const { current } = await import("quipe");
      const { quipe: end } = current<string, Node>();
      await end.send("begun");
      let numbers = "";
      for (let at: Node | undefined = await end.receive(); at !== undefined; at = at.more)
        numbers += `${at.n} `;
      return numbers;
    });
    assert.equal(await reader.quipe.receive(), "begun");
    const frozen = freeze(top);
    await reader.quipe.send(frozen);
    const expected = Array.from({ length: n }, (_, i) => `${n - 1 - i} `).join("");
    assert.equal(await reader.result, expected);
    const former = freeze({ ...(await thaw(frozen)) });
    top = await thaw(frozen);
    top.n = n;
    top.more = former;
  }
});
