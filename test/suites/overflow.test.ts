/** What happens to an item for which there is no room, and what the numbers of a lane say. */
import assert from "node:assert/strict";
import { type End, type QuipeError, quipe, spawn } from "../../src/index.ts";
import { test } from "node:test";
import { sendNumbersSync } from "./programs/ends.ts";
import {
  answerOf,
  buffering,
  everyVariant,
  fill,
  numbersTo,
  sendAll,
  startFirst,
  take,
  turn,
} from "./variants.ts";
import { until } from "../until.ts";

startFirst();

const onlyBuffering = (claim: string, body: Parameters<typeof everyVariant>[1]): void =>
  everyVariant(claim, body, buffering);

onlyBuffering(
  "drop-oldest keeps the newest items, and never makes anybody wait",
  async (_, variant) => {
    const dropped: unknown[] = [];
    const pair = variant.make({
      overflow: "drop-oldest",
      undelivered: (item) => void dropped.push(item),
    });
    for (const i of numbersTo(10)) {
      if (i % 3 === 0) assert.equal(pair.left.trySend(i), true);
      else if (i % 3 === 1) pair.left.sendSync(i);
      else await pair.left.send(i);
    }
    assert.deepEqual(pair.right.drain(), numbersTo(10).slice(-variant.capacity));
    await until(() => dropped.length === 10 - variant.capacity);
    assert.deepEqual(dropped, numbersTo(10 - variant.capacity));
    pair.check();
  },
);

onlyBuffering(
  "drop-newest keeps the oldest items, and never makes anybody wait",
  async (_, variant) => {
    const dropped: unknown[] = [];
    const reasons: string[] = [];
    const undelivered = (item: unknown, { code }: QuipeError): void => {
      dropped.push(item);
      reasons.push(code);
    };
    const pair = variant.make({ overflow: "drop-newest", undelivered });
    for (const i of numbersTo(10)) await pair.left.send(i);
    assert.deepEqual(pair.right.drain(), numbersTo(variant.capacity));
    await until(() => dropped.length === 10 - variant.capacity);
    assert.deepEqual(dropped, numbersTo(10).slice(variant.capacity));
    assert.deepEqual(new Set(reasons), new Set(["dropped"]));
  },
);

onlyBuffering("drop-oldest into a lane at which this task itself waits", async (_, variant) => {
  const pair = variant.make({ overflow: "drop-oldest" });
  const receives = [pair.right.receive(), pair.right.receive()];
  await turn();
  for (const i of numbersTo(9)) assert.equal(pair.left.trySend(i), true);
  const first = 9 - variant.capacity;
  assert.equal(await receives[0], first);
  if (variant.capacity === 1) await pair.left.send(9);
  assert.equal(await receives[1], first + 1);
  pair.check();
});

onlyBuffering(
  "drop-oldest does not wait for a receiver whose thread is busy",
  async (_, variant) => {
    const pair = variant.make({ overflow: "drop-oldest" });
    const busy = spawn(async () => {
      const { current } = await import("quipe");
      const end = (await current().quipe.receive()) as End;
      const receiving = end.receive();
      await current().quipe.send("waits");
      const words = new Int32Array((await current().quipe.receive()) as SharedArrayBuffer);
      current().quipe.sendSync("busy");
      while (words[0] === 0) Atomics.load(words, 0); // not a look at anything else
      return await receiving;
    });
    await busy.quipe.send(pair.rights[0] as End);
    assert.equal(await busy.quipe.receive(), "waits");
    const words = new Int32Array(new SharedArrayBuffer(4));
    await busy.quipe.send(words.buffer);
    assert.equal(await busy.quipe.receive(), "busy");
    for (const i of numbersTo(20)) assert.equal(pair.left.trySend(i), true);
    Atomics.store(words, 0, 1);
    assert.equal(await busy.result, 20 - variant.capacity);
  },
);

onlyBuffering(
  "a sender in another thread drops, and this task hears of each item",
  async (_, variant) => {
    for (const overflow of ["drop-oldest", "drop-newest"] as const) {
      const dropped: unknown[] = [];
      const pair = variant.make({ overflow, undelivered: (item) => void dropped.push(item) });
      const sender = spawn(sendNumbersSync, [pair.lefts[0] as End, 0, 50]);
      pair.lefts.slice(1).forEach((end) => end.close());
      await sender.result;
      const kept: unknown[] = [];
      for await (const item of pair.right) kept.push(item);
      await until(() => dropped.length + kept.length >= 50);
      assert.deepEqual(
        [...dropped, ...kept].toSorted((a, b) => Number(a) - Number(b)),
        numbersTo(50),
      );
      assert.deepEqual(
        kept,
        overflow === "drop-oldest"
          ? numbersTo(50).slice(-variant.capacity)
          : numbersTo(variant.capacity),
      );
    }
  },
);

test("without room there is nothing to drop: that is refused", () => {
  assert.throws(() => quipe({ capacity: 0, overflow: "drop-oldest" }), { code: "unsupported" });
  assert.throws(() => quipe({ capacity: 0, overflow: "drop-newest" }), { code: "unsupported" });
  const bad = { overflow: "drop-all" } as unknown as { overflow: "wait" };
  assert.throws(() => quipe(bad), TypeError);
});

everyVariant(
  "statistics count what was sent, taken, and lies there, on both ends alike",
  async (pair, { capacity, handles }) => {
    const filled = fill(pair);
    const { out } = pair.left.statistics();
    const { sent, taken, buffered, senders, receivers } = out;
    assert.deepEqual([sent, taken, buffered, out.capacity], [filled, 0, filled, capacity]);
    assert.deepEqual([senders, receivers], [handles, handles]);
    assert.deepEqual(pair.right.statistics().in, out);
    await take(pair, filled);
    const after = pair.right.statistics().in;
    assert.deepEqual([after.sent, after.taken, after.buffered], [filled, filled, 0]);
    assert.equal(after.bytesSent, after.bytesTaken);
    assert.equal(pair.left.statistics().in.sent, 0);
  },
);

everyVariant("statistics say who waits, as long as somebody does", async (pair) => {
  const stop = new AbortController();
  const receiving = answerOf(pair.right.receive({ signal: stop.signal }).catch(() => "given up"));
  await turn();
  assert.equal(pair.left.statistics().out.waitingReceivers, 1);
  stop.abort();
  assert.equal(await receiving, "given up");
  assert.equal(pair.left.statistics().out.waitingReceivers, 0);
  fill(pair);
  const stopSending = new AbortController();
  const { signal } = stopSending;
  const sending = pair.left.send(1, { signal }).catch(() => "given up");
  await turn();
  assert.equal(pair.right.statistics().in.waitingSenders, 1);
  stopSending.abort();
  assert.equal(await sending, "given up");
  assert.equal(pair.right.statistics().in.waitingSenders, 0);
});

everyVariant(
  "statistics count handles as they come and go, and work when all is over",
  async (pair, { handles }) => {
    const clone = pair.left.clone();
    assert.equal(pair.right.statistics().in.senders, handles + 1);
    clone.finish();
    const { in: lane, out } = pair.right.statistics();
    assert.deepEqual([lane.senders, out.receivers], [handles, handles + 1]);
    clone.close();
    pair.closeLeft();
    pair.closeRight();
    assert.deepEqual(
      [pair.right.statistics().in.senders, pair.right.statistics().out.receivers],
      [0, 0],
    );
    await turn();
  },
);

everyVariant("the high water mark is the most that ever lay there", async (pair, { capacity }) => {
  fill(pair);
  await take(pair, capacity);
  const sends = sendAll(pair, [1]);
  await take(pair, 1);
  await Promise.all(sends);
  assert.equal(pair.left.statistics().out.highWater, Math.max(capacity, 1));
});

onlyBuffering("bytes bound a lane: what does not fit waits, and fits later", async (_, variant) => {
  const pair = variant.make({ capacity: 1000, maxBytes: 1024 });
  let accepted = 0;
  while (pair.left.trySend("y".repeat(90))) accepted += 1;
  assert.ok(accepted >= 4 && accepted <= 11, `${accepted} items of 90 bytes in 1,024`);
  const sending = pair.left.send("z".repeat(90));
  const items = await take(pair, accepted + 1);
  await sending;
  assert.equal(items.at(-1), "z".repeat(90));
  pair.check();
});
