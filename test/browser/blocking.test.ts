/** What blocks: on a page it fails with what to do instead, and nothing is lost; on a worker it works. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { after, freeze, guard, quipe, select, selectSync, spawn } from "quipe";
import { doubleBlocking } from "./tasks.ts";

const isPage = "document" in globalThis;
const onPage = { skip: !isPage && "a worker may block [blocking]" };
const onWorker = { skip: isPage && "a page may not block [blocking]" };
const REFUSED = { code: "cannot-block", message: /may not block.*async form with await/ };

// docs/runtimes.md: blocking
test("what would block the page fails, says what to do, and takes nothing", onPage, async () => {
  const [left, right] = quipe<number, number>({ capacity: 1 });
  assert.throws(() => right.receiveSync(), REFUSED);
  left.trySend(1);
  assert.throws(() => left.sendSync(2), REFUSED);
  assert.equal(right.receiveSync(), 1, "what is there is had without blocking");
  assert.throws(() => selectSync({ right, late: after(60_000) }), REFUSED);
  const forever = spawn(async () => {
    const { current } = await import("quipe");
    await current().quipe.receive();
  });
  assert.throws(() => forever.resultSync(), REFUSED);
  await forever.quipe.send(0);
  await forever.result;
  left.sendSync(3);
  assert.equal(await right.receive(), 3);
});

test(
  "a guard that another task holds is waited for with await, and refused without",
  onPage,
  async () => {
    const counter = guard({ count: 0 });
    const holder = spawn(
      async (shared: typeof counter) => {
        const { current } = await import("quipe");
        const go = new Int32Array(new SharedArrayBuffer(4));
        shared.updateSync((it) => {
          it.count += 1;
          current().quipe.trySend("inside");
          Atomics.wait(go, 0, 0, 200);
        });
      },
      [counter],
    );
    await holder.quipe.receive();
    assert.throws(() => counter.updateSync((it) => (it.count += 1)), REFUSED);
    await counter.update((it) => (it.count += 1));
    await holder.result;
    assert.equal(
      counter.readSync((it) => it.count),
      2,
    );
  },
);

test("blocking works on a worker, in both directions", onWorker, () => {
  const doubling = spawn(doubleBlocking);
  for (let n = 0; n < 100; n++) {
    doubling.quipe.sendSync(n);
    assert.equal(doubling.quipe.receiveSync(), n * 2);
  }
  doubling.quipe.close();
  doubling.resultSync();
});

test(
  "a blocked worker gets results of any size, errors, and the reason of a cancel",
  onWorker,
  () => {
    const large = spawn((count: number) => new Uint8Array(count).fill(7), [1_000_000]);
    assert.equal(large.resultSync().length, 1_000_000);
    const failing = spawn(() => {
      throw new RangeError("no such thing");
    });
    assert.throws(() => failing.resultSync(), { name: "RangeError", message: "no such thing" });
  },
);

test("a task that blocks hears why it is cancelled", async () => {
  const waiting = spawn(async () => {
    const { current } = await import("quipe");
    try {
      current().quipe.receiveSync();
    } catch (error) {
      return (error as Error).message;
    }
    return "nothing";
  });
  while (waiting.blockedOn === "nothing") await select({ soon: after(1) });
  waiting.cancel("it is late");
  const outcome = await waiting.outcome;
  const said = outcome.kind === "done" ? outcome.value : "";
  assert.match(said, /cancelled: it is late/);
});

test("a task that blocks a hundred times gets a hundred items from here", async () => {
  const summing = spawn(async () => {
    const { current } = await import("quipe");
    let sum = 0;
    for (const n of current<never, number>().quipe) sum += n;
    return sum;
  });
  for (let n = 1; n <= 100; n++) await summing.quipe.send(n);
  summing.quipe.finish();
  assert.equal(await summing.result, 5050);
});

test("frozen data comes with arguments and results, without a wait for it", async () => {
  const inner = freeze({ deep: [1, 2, 3] });
  const outer = freeze({ inner, name: "outer" });
  const sum = spawn(
    (it: typeof outer) => it.inner.deep.reduce((total, n) => total + n, 0),
    [outer],
  );
  assert.equal(await sum.result, 6);
  const made = spawn(async () => {
    const { freeze: freezeThere } = await import("quipe");
    return freezeThere({ list: ["a", "b"] });
  });
  assert.equal((await made.result).list[1], "b");
});
