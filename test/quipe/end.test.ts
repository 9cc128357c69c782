/**
 * How items pass from end to end, and how operations wait for each other. Both ends are held by this thread, so
 * each state is reached at will; what only a second thread can show stands in peers.test.ts.
 */
import assert from "node:assert/strict";
import { afterEach, before, test } from "node:test";
import { createQuipe, lanesOf } from "../../src/quipe/quipe-memory.ts";
import { spawn } from "../../src/task/spawn.ts";
import { checkLanes, ends, endsOf, hasCode, rest } from "./ends.ts";
import { nextTurn } from "../../src/runtime/host.ts";

before(async () => {
  await spawn(() => 0).result; // a reaper, for items that do not fit into a lane
});

afterEach(checkLanes);

test("items arrive in order, in both directions, by every way to send and to receive", async () => {
  const [left, right] = ends();
  await left.send(1);
  left.sendSync(2);
  assert.equal(left.trySend(3), true);
  right.sendSync("back");
  assert.equal(await right.receive(), 1);
  assert.equal(right.receiveSync(), 2);
  assert.deepEqual(right.tryReceive(), { value: 3 });
  assert.equal(left.receiveSync(), "back");
  assert.equal(right.tryReceive(), undefined);
});

test("undefined, null and NaN are items like any other", async () => {
  const [left, right] = ends();
  for (const item of [undefined, null, Number.NaN]) left.trySend(item);
  left.close();
  assert.deepEqual(await rest(right), [undefined, null, Number.NaN]);
});

test("a full lane refuses trySend and keeps what it holds", () => {
  const [left, right] = ends({ capacity: 2 });
  assert.deepEqual([left.trySend(1), left.trySend(2), left.trySend(3)], [true, true, false]);
  assert.equal(right.receiveSync(), 1);
  assert.equal(left.trySend(3), true);
  assert.deepEqual([right.receiveSync(), right.receiveSync()], [2, 3]);
});

test("with room for one item, a hundred pass one by one", async () => {
  const [left, right] = ends({ capacity: 1 });
  const sending = (async () => {
    for (let i = 0; i < 100; i++) await left.send(i);
    left.close();
  })();
  assert.deepEqual(
    await rest(right),
    Array.from({ length: 100 }, (_, i) => i),
  );
  await sending;
});

test("bytes bound a lane too: many large items wait for each other and all arrive", async () => {
  const [left, right] = ends({ capacity: 1000, maxBytes: 1024 });
  const items = Array.from({ length: 50 }, (_, i) => `${i} ${"x".repeat((i * 13) % 400)}`);
  let accepted = 0;
  while (left.trySend("y".repeat(100))) accepted += 1;
  assert.ok(accepted > 3 && accepted < 11, `${accepted} items of 100 bytes in 1,024 bytes`);
  for (let i = 0; i < accepted; i++) right.receiveSync();
  const sending = Promise.all(items.map((item) => left.send(item)));
  for (const item of items) assert.equal(await right.receive(), item);
  await sending;
});

test("an item larger than the ring arrives whole and in its turn", async () => {
  const [left, right] = ends({ maxBytes: 256 });
  const large = Uint8Array.from({ length: 1_000_000 }, (_, i) => i);
  const sent = [
    left.send("before"),
    left.send(large),
    left.send("after"),
    left.send("z".repeat(200)),
  ];
  assert.equal(await right.receive(), "before");
  assert.deepEqual(await right.receive(), large);
  assert.equal(await right.receive(), "after");
  assert.equal(((await right.receive()) as string).length, 200);
  await Promise.all(sent);
});

test("items of every length from 0 to 600 bytes pass through a small ring unchanged", () => {
  const [left, right] = ends({ capacity: 3, maxBytes: 512 });
  for (let length = 0; length <= 600; length++) {
    const text = "ab\u00ff".repeat(200).slice(0, length);
    assert.equal(left.trySend(text), true);
    assert.equal(right.receiveSync(), text);
  }
});

test("a send that waits is not overtaken: not by send, not by trySend, not by sendSync", async () => {
  const [left, right] = ends({ capacity: 1 });
  left.trySend(0);
  const first = left.send(1);
  right.tryReceive();
  const second = left.send(2);
  assert.equal(left.trySend(3), false);
  assert.equal(await right.receive(), 1);
  assert.equal(await right.receive(), 2);
  await Promise.all([first, second]);
  left.trySend(4);
  const third = left.send(5);
  right.tryReceive();
  assert.throws(() => left.sendSync(6, { timeoutMs: 1 }), hasCode("timed-out"));
  assert.equal(right.receiveSync(), 5);
  left.sendSync(7);
  await third;
  assert.equal(right.receiveSync(), 7);
});

test("a receive that waits gets its item before one that came later", async () => {
  const [left, right] = ends();
  const first = right.receive();
  left.trySend(1);
  assert.equal(right.tryReceive(), undefined);
  const second = right.receive();
  left.trySend(2);
  left.trySend(3);
  const third = right.receiveSync();
  assert.deepEqual([await first, await second, third], [1, 2, 3]);
});

test("hundreds of sends and receives at once keep their order", async () => {
  const [left, right] = ends({ capacity: 3 });
  const count = 500;
  const receives = Array.from({ length: count }, () => right.receive());
  const sends = Array.from({ length: count }, (_, i) => left.send(i));
  const more = Array.from({ length: count }, (_, i) => left.send(count + i));
  assert.deepEqual(
    await Promise.all(receives),
    Array.from({ length: count }, (_, i) => i),
  );
  await Promise.all(sends);
  for (let i = 0; i < count; i++) assert.equal(await right.receive(), count + i);
  await Promise.all(more);
});

test("a wait that is given up has had no effect", async () => {
  const [left, right] = ends({ capacity: 1 });
  await assert.rejects(right.receive({ timeoutMs: 1 }), hasCode("timed-out"));
  assert.throws(() => right.receiveSync({ timeoutMs: 1 }), hasCode("timed-out"));
  await left.send("kept");
  await assert.rejects(left.send("never", { timeoutMs: 1 }), hasCode("timed-out"));
  assert.throws(() => left.sendSync("never", { timeoutMs: 1 }), hasCode("timed-out"));
  await assert.rejects(left.send(new Uint8Array(100_000), { timeoutMs: 0 }), hasCode("timed-out"));
  left.trySend("never");
  const stop = new AbortController();
  const sending = left.send("never", { signal: stop.signal });
  stop.abort(new RangeError("stop"));
  await assert.rejects(sending, /stop/);
  left.close();
  assert.deepEqual(await rest(right), ["kept"]);
});

test("one of several waits is given up and the others keep their places", async () => {
  const [left, right] = ends();
  const stop = new AbortController();
  const first = right.receive();
  const given = assert.rejects(right.receive({ signal: stop.signal }), { name: "AbortError" });
  const second = right.receive();
  stop.abort();
  left.trySend(1);
  left.trySend(2);
  assert.deepEqual([await first, await second], [1, 2]);
  await given;
});

test("a signal that is aborted already stops even what need not wait", async () => {
  const [left, right] = ends();
  const signal = AbortSignal.abort(new RangeError("stop"));
  await assert.rejects(left.send(1, { signal }), /stop/);
  assert.throws(() => left.sendSync(1, { signal }), /stop/);
  assert.equal(right.tryReceive(), undefined);
  left.trySend(2);
  await assert.rejects(right.receive({ signal }), /stop/);
  assert.throws(() => right.receiveSync({ signal }), /stop/);
  assert.equal(right.receiveSync(), 2);
});

test("a deadline in the far future does not pass at once", async () => {
  const [left, right] = ends();
  const receiving = right.receive({ timeoutMs: 2 ** 40 });
  await nextTurn();
  left.trySend("in time");
  assert.equal(await receiving, "in time");
});

test("what cannot be sent is refused by every way to send, and nothing arrives", async () => {
  const [left, right] = ends();
  const bad: unknown = { list: [() => 1] };
  await assert.rejects(left.send(bad), hasCode("not-sendable"));
  assert.throws(() => left.trySend(bad), hasCode("not-sendable"));
  assert.throws(() => left.sendSync(bad), hasCode("not-sendable"));
  assert.equal(right.tryReceive(), undefined);
  assert.equal(left.statistics().out.sent, 0);
});

test("leaving a for-await early closes nothing and loses nothing", async () => {
  const [left, right] = ends();
  for (let i = 0; i < 4; i++) left.trySend(i);
  for await (const item of right) if (item === 1) break;
  assert.equal(right.receiveSync(), 2);
  left.close();
  assert.deepEqual(await rest(right), [3]);
});

test("`using` closes the end", async () => {
  const [left, right] = ends();
  {
    using end = left;
    end.trySend(1);
  }
  assert.deepEqual(await rest(right), [1]);
});

test("an error that an item's getter throws sends nothing and breaks nothing", async () => {
  const [left, right] = ends();
  const own = new Error("getter");
  await assert.rejects(
    left.send({
      get x(): never {
        throw own;
      },
    }),
    (error) => error === own,
  );
  left.trySend("next");
  assert.equal(right.receiveSync(), "next");
});

test("a getter that sends on the same end sends before its own object", () => {
  const [left, right] = ends();
  left.sendSync({
    get x() {
      left.sendSync("inner");
      return "outer";
    },
  });
  assert.deepEqual([right.receiveSync(), right.receiveSync()], ["inner", { x: "outer" }]);
});

test("statistics count items, also after the end", () => {
  const [left, right] = ends({ capacity: 7 });
  for (let i = 0; i < 5; i++) left.trySend(i);
  right.receiveSync();
  right.receiveSync();
  const { sent, taken, buffered, capacity, highWater } = left.statistics().out;
  assert.deepEqual([sent, taken, buffered, capacity, highWater], [5, 2, 3, 7, 5]);
  assert.deepEqual(right.statistics().in, left.statistics().out);
  assert.equal(left.statistics().in.sent, 0);
  left.close();
  right.close();
  assert.equal(left.statistics().out.buffered, 3);
});

test("integers at the limits of each form go through a lane as they are", () => {
  const [left, right] = ends({ capacity: 4, maxBytes: 256 });
  const limits = [0, 2 ** 23, 2 ** 28, 2 ** 31, 2 ** 53].flatMap((limit) => [limit - 1, limit]);
  for (let round = 0; round < 20; round++) {
    for (const limit of limits.flatMap((item) => [item, -item])) {
      left.sendSync(limit);
      left.sendSync([limit]);
      assert.ok(Object.is(right.receiveSync(), limit), String(limit));
      assert.deepStrictEqual(right.receiveSync(), [limit]);
    }
  }
});

test("sizes that make no sense are refused by name", () => {
  for (const capacity of [-1, 1.5, Number.NaN, Infinity, 2 ** 31]) {
    assert.throws(() => createQuipe({ capacity }), /Expected `capacity` to be a whole number/);
  }
  for (const maxBytes of [0, 255, -1, 256.5, Number.NaN, 2 ** 40]) {
    assert.throws(() => createQuipe({ maxBytes }), /Expected `maxBytes` to be a whole number/);
  }
});

test("counters that run over 2^32 go on counting", () => {
  const quipe = createQuipe({ capacity: 3, maxBytes: 256 });
  for (const lane of lanesOf(quipe)) startNear(lane.words, 0x7fff_fff0);
  const [left, right] = endsOf(quipe);
  for (let i = 0; i < 200; i++) {
    left.trySend(i);
    left.trySend("x".repeat(i % 100));
    assert.equal(right.receiveSync(), i);
    assert.equal(right.receiveSync(), "x".repeat(i % 100));
  }
});

/** Pretends that the lane has been in use for long: HEAD and TAIL just before they overflow. */
function startNear(words: Int32Array, position: number): void {
  words[16] = position;
  words[32] = position;
}
