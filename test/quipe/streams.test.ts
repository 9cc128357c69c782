/** The streams of an end, with the other end in the same thread: what each step takes, sends and tells. */
import assert from "node:assert/strict";
import { afterEach, before, test } from "node:test";
import type { End } from "../../src/quipe/end.ts";
import { spawn } from "../../src/task/spawn.ts";
import { checkLanes, ends, hasCode, rest } from "./ends.ts";
import { all, counting, turns } from "./streams.ts";
import { until } from "../until.ts";

before(async () => {
  await spawn(() => 0).result; // a reaper, for errors that go from end to end
});

afterEach(checkLanes);

/** The ends of a fresh quipe for numbers. */
function numberEnds(capacity?: number): readonly [End<number, number>, End<number, number>] {
  return ends({ capacity }) as unknown as readonly [End<number, number>, End<number, number>];
}

/** How many items lie in the lane into which the end sends. */
function buffered(end: End<number, number>): number {
  return end.statistics().out.buffered;
}

test("an end has one readable, one byte stream and one writable", () => {
  const [mine, theirs] = numberEnds();
  assert.equal(mine.readable, mine.readable);
  assert.equal(mine.readableBytes, mine.readableBytes);
  assert.equal(mine.writable, mine.writable);
  assert.notEqual(mine.readable, theirs.readable);
});

test("a readable gives what was sent, in order, and closes when the other side has ended", async () => {
  const [mine, theirs] = numberEnds();
  for (const n of [1, 2, 3]) mine.trySend(n);
  mine.close();
  assert.deepEqual(await all(theirs.readable), [1, 2, 3]);
});

test("an item leaves the lane when it is read, and not before", async () => {
  const [mine, theirs] = numberEnds();
  const reader = theirs.readable.getReader();
  for (const n of [1, 2, 3]) mine.trySend(n);
  await turns(5);
  assert.equal(buffered(mine), 3);
  assert.deepEqual(await reader.read(), { done: false, value: 1 });
  await turns(5);
  assert.equal(buffered(mine), 2);
  assert.equal(await theirs.receive(), 2, "a direct receive has the next one");
  assert.deepEqual(await reader.read(), { done: false, value: 3 });
});

test("a readable gives what was sent before a failure, and then that failure", async () => {
  const [mine, theirs] = numberEnds();
  mine.trySend(1);
  mine.close(new RangeError("why"));
  const reader = theirs.readable.getReader();
  assert.deepEqual(await reader.read(), { done: false, value: 1 });
  await assert.rejects(reader.read(), (error: Error) => {
    assert.ok(error.cause instanceof RangeError);
    return hasCode("peer-failed")(error);
  });
  await assert.rejects(reader.closed, hasCode("peer-failed"));
});

test("an item that a released reader had asked for goes to the next reader", async () => {
  const [mine, theirs] = numberEnds();
  const first = theirs.readable.getReader();
  const asked = first.read();
  await turns(2);
  first.releaseLock();
  await assert.rejects(asked, TypeError);
  mine.trySend(1);
  mine.trySend(2);
  const second = theirs.readable.getReader();
  assert.deepEqual(await second.read(), { done: false, value: 1 });
  assert.deepEqual(await second.read(), { done: false, value: 2 });
});

test("a write is done when its item is in the lane", async () => {
  const [mine, theirs] = numberEnds(1);
  const writer = mine.writable.getWriter();
  await writer.write(1);
  let isDone = false;
  const second = writer.write(2).then(() => (isDone = true));
  await turns(5);
  assert.equal(isDone, false);
  assert.equal(await theirs.receive(), 1);
  await second;
  assert.equal(await theirs.receive(), 2);
});

test("a writer that heeds `ready` is never more than the capacity and one item ahead", async () => {
  const [mine, theirs] = numberEnds(4);
  const writer = mine.writable.getWriter();
  for (let n = 0; n < 4; n++) {
    await writer.ready;
    await writer.write(n);
  }
  assert.equal(writer.desiredSize, 1);
  const fifth = writer.write(4);
  assert.equal(writer.desiredSize, 0);
  assert.equal(buffered(mine), 4);
  assert.equal(await theirs.receive(), 0);
  await fifth;
  await writer.ready;
  assert.equal(writer.desiredSize, 1);
});

test("a pipe asks its source for exactly what was received, the capacity and one item", async () => {
  const [mine, theirs] = numberEnds(4);
  const source = counting();
  const piped = assert.rejects(source.stream.pipeTo(mine.writable), hasCode("broken"));
  for (let received = 0; received < 10; received++) {
    await until(() => source.asked() >= received + 5);
    await turns(10);
    assert.equal(source.asked(), received + 5);
    assert.equal(await theirs.receive(), received);
  }
  theirs.close();
  await piped;
});

test("two ends in a chain: each lane and each pipe adds what it holds, and nothing more", async () => {
  const [first, second] = numberEnds(3);
  const [third, fourth] = numberEnds(2);
  const source = counting();
  const pipes = Promise.allSettled([
    source.stream.pipeTo(first.writable),
    second.readable.pipeTo(third.writable),
  ]);
  await until(() => source.asked() >= 3 + 1 + 2 + 1);
  await turns(20);
  assert.equal(source.asked(), 7);
  assert.equal(await fourth.receive(), 0);
  fourth.close();
  for (const pipe of await pipes) assert.equal(pipe.status, "rejected");
  assert.ok(source.cancelled() !== undefined, "the news went all the way up");
});

test("closing a writable ends one direction: answers still come", async () => {
  const [mine, theirs] = numberEnds();
  const writer = mine.writable.getWriter();
  void writer.write(1);
  await writer.close();
  assert.deepEqual(await rest(theirs), [1]);
  await theirs.send(10);
  theirs.close();
  assert.deepEqual(await all(mine.readable), [10]);
  await assert.rejects(mine.send(2), hasCode("closed"));
});

test("aborting a writable fails it for the receiver, with the reason, and what waits is not sent", async () => {
  const [mine, theirs] = numberEnds(1);
  const writer = mine.writable.getWriter();
  await writer.write(1);
  const waiting = assert.rejects(writer.write(2), RangeError);
  const queued = assert.rejects(writer.write(3), RangeError);
  await turns(2);
  await writer.abort(new RangeError("enough"));
  await Promise.all([waiting, queued]);
  assert.equal(await theirs.receive(), 1);
  await assert.rejects(theirs.receive(), (error: Error) => {
    assert.match(String(error.cause), /RangeError: enough/);
    return hasCode("peer-failed")(error);
  });
  await theirs.send(7);
  assert.equal(await mine.receive(), 7, "the other direction goes on");
});

test("a writable that is aborted without a reason does not look like one that ended", async () => {
  const [mine, theirs] = numberEnds();
  await mine.writable.abort();
  await assert.rejects(theirs.receive(), hasCode("peer-failed"));
});

test("an item that cannot be sent errors the writable, and the receiver does not wait for more", async () => {
  const [mine, theirs] = ends();
  const writer = mine.writable.getWriter();
  await assert.rejects(writer.write({ run: () => 1 }), hasCode("not-sendable"));
  await assert.rejects(writer.closed, hasCode("not-sendable"));
  await assert.rejects(theirs.receive(), hasCode("peer-failed"));
});

test("cancelling a readable ends one direction: its sender is told, and what is sent still goes", async () => {
  const [mine, theirs] = numberEnds();
  const reader = theirs.readable.getReader();
  const waiting = reader.read();
  await turns(2);
  await reader.cancel("enough");
  assert.deepEqual(await waiting, { done: true, value: undefined });
  await assert.rejects(mine.send(1), hasCode("broken"));
  await assert.rejects(theirs.receive(), hasCode("closed"));
  await theirs.send(7);
  assert.equal(await mine.receive(), 7);
});

test("leaving a loop early ends receiving; with preventCancel the rest is there for whoever comes next", async () => {
  const [mine, theirs] = numberEnds();
  for (const n of [1, 2, 3]) mine.trySend(n);
  for await (const n of theirs.readable.values({ preventCancel: true })) {
    assert.equal(n, 1);
    break;
  }
  assert.equal(await theirs.receive(), 2);
  for await (const n of theirs.readable) {
    assert.equal(n, 3);
    break;
  }
  assert.throws(() => mine.trySend(4), hasCode("broken"));
});

test("a writable into which nobody writes hears that the other side has gone", async () => {
  const [mine, theirs] = numberEnds();
  const writer = mine.writable.getWriter();
  await writer.write(1);
  let heard: unknown;
  writer.closed.catch((error: unknown) => (heard = error));
  theirs.close();
  await until(() => heard !== undefined);
  assert.ok(hasCode("broken")(heard));
  await assert.rejects(writer.write(2), hasCode("broken"));
});

test("streams of an end that is closed here say `closed`, also while nobody uses them", async () => {
  const [mine] = numberEnds();
  const reader = mine.readable.getReader();
  const writer = mine.writable.getWriter();
  const bytes = mine.readableBytes.getReader({ mode: "byob" });
  mine.close();
  await assert.rejects(reader.closed, hasCode("closed"));
  await assert.rejects(writer.closed, hasCode("closed"));
  await assert.rejects(bytes.read(new Uint8Array(4)), hasCode("closed"));
});

test("streams cannot be sent, and the error says what to send", async () => {
  const [mine] = ends();
  for (const stream of [mine.readable, mine.writable, mine.readableBytes]) {
    assert.throws(() => mine.trySend({ stream }), /\$\.stream cannot be sent: .* Send the end/);
    assert.throws(() => mine.trySend(stream), hasCode("not-sendable"));
  }
});

test("both branches of a tee get everything, also when one is slow", async () => {
  const [mine, theirs] = numberEnds(2);
  const [left, right] = theirs.readable.tee();
  const sent = counting(20).stream.pipeTo(mine.writable);
  const expected = Array.from({ length: 20 }, (_, n) => n);
  assert.deepEqual(await all(left), expected);
  assert.deepEqual(await all(right), expected);
  await sent;
});

test("a pipe between two ends ends, fails and is given up as its options say", async () => {
  const [mine, theirs] = numberEnds();
  const stop = new AbortController();
  const source = counting();
  const options = { signal: stop.signal, preventCancel: true, preventAbort: true };
  const piped = assert.rejects(source.stream.pipeTo(mine.writable, options), /enough/);
  for (let n = 0; n < 100; n++) assert.equal(await theirs.receive(), n);
  stop.abort(new Error("enough"));
  await piped;
  const next = (await source.stream.getReader().read()).value ?? -1;
  const writer = mine.writable.getWriter();
  await writer.write(next);
  await writer.close();
  const left = (await rest(theirs)) as number[];
  assert.deepEqual(
    left,
    Array.from({ length: left.length }, (_, n) => 100 + n),
    "no gap",
  );
});

test("an abort signal of a pipe reaches both sides", async () => {
  const [mine, theirs] = numberEnds();
  const stop = new AbortController();
  const source = counting();
  const piped = assert.rejects(source.stream.pipeTo(mine.writable, { signal: stop.signal }), /why/);
  assert.equal(await theirs.receive(), 0);
  stop.abort(new Error("why"));
  await piped;
  assert.match(String(source.cancelled()?.reason), /why/);
  await assert.rejects(rest(theirs), hasCode("peer-failed"));
});

test("an error in a sink cancels the readable, and so breaks the sender", async () => {
  const [mine, theirs] = numberEnds();
  const sink = new WritableStream<number>({
    write(n) {
      if (n === 3) throw new RangeError("no room");
    },
  });
  const piped = assert.rejects(theirs.readable.pipeTo(sink), /no room/);
  await assert.rejects(counting().stream.pipeTo(mine.writable), hasCode("broken"));
  await piped;
});

test("an error in a source is what the receiver of the stream gets as a cause", async () => {
  const [mine, theirs] = numberEnds();
  const source = new ReadableStream<number>({
    start(controller) {
      controller.enqueue(1);
    },
    pull: () => Promise.reject(new RangeError("no more")),
  });
  await assert.rejects(source.pipeTo(mine.writable), /no more/);
  await assert.rejects(theirs.readable.pipeTo(new WritableStream()), (error: Error) => {
    assert.match(String(error.cause), /RangeError: no more/);
    return hasCode("peer-failed")(error);
  });
});
