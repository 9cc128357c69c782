/** Shared memory that comes in by the event loop: what is received asynchronously waits for it, what cannot wait loses nothing. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type QuipeError, freeze, move, quipe, share, spawn } from "quipe";

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
