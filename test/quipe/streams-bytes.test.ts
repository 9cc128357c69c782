/** Byte streams over an end: every byte arrives once, whatever the sizes of items and of the reader's buffers. */
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { before, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { freeze } from "../../src/memory/freeze.ts";
import { spawn } from "../../src/task/spawn.ts";
import { ends, hasCode } from "./ends.ts";
import { compressing, hashing } from "./programs/streaming.ts";
import { all } from "./streams.ts";

before(async () => {
  await spawn(() => 0).result; // a reaper, for items that do not fit into a lane
});

function bytes(...values: number[]): Uint8Array {
  return Uint8Array.from(values);
}

test("a buffer smaller than an item gets it in pieces; a larger one gets the item alone", async () => {
  const [mine, theirs] = ends();
  mine.trySend(bytes(1, 2, 3, 4, 5));
  mine.trySend(bytes(6, 7));
  mine.close();
  const reader = theirs.readableBytes.getReader({ mode: "byob" });
  const pieces: number[][] = [];
  for (;;) {
    const { done, value } = await reader.read(new Uint8Array(pieces.length < 3 ? 2 : 10));
    if (done) break;
    pieces.push([...value]);
  }
  assert.deepEqual(pieces, [[1, 2], [3, 4], [5], [6, 7]]);
});

test("a reader with a buffer hears of the end, and has its buffer back", async () => {
  const [mine, theirs] = ends();
  const reader = theirs.readableBytes.getReader({ mode: "byob" });
  const asked = reader.read(new Uint8Array(8));
  mine.close();
  const { done, value } = await asked;
  assert.equal(done, true);
  assert.equal(value?.buffer.byteLength, 8);
});

test("a byte stream without buffers gives each item as it is, and passes over empty ones", async () => {
  const [mine, theirs] = ends();
  for (const item of [bytes(1), bytes(), bytes(), bytes(2, 3)]) mine.trySend(item);
  mine.close();
  assert.deepEqual(await all(theirs.readableBytes), [bytes(1), bytes(2, 3)]);
});

test("bytes in shared memory are copied, since a stream gives its buffers away", async () => {
  const [mine, theirs] = ends();
  const shared = new Uint8Array(new SharedArrayBuffer(3));
  shared.fill(7);
  mine.trySend(shared);
  mine.trySend(freeze(bytes(8, 9)));
  mine.close();
  assert.deepEqual(await all(theirs.readableBytes), [bytes(7, 7, 7), bytes(8, 9)]);
  assert.deepEqual([...shared], [7, 7, 7]);
});

test("an item that is no bytes errors the stream with its kind, and its sender does not wait", async () => {
  for (const [item, kind] of [
    ["text", /a value of type string.*end\.readable/],
    [null, /a value of type null/],
    [new Float64Array(1), /an instance of Float64Array/],
  ] as const) {
    const [mine, theirs] = ends();
    mine.trySend(bytes(1));
    mine.trySend(item);
    const reader = theirs.readableBytes.getReader();
    assert.deepEqual((await reader.read()).value, bytes(1));
    await assert.rejects(reader.read(), (error: unknown) => {
      assert.ok(error instanceof TypeError);
      assert.match(error.message, kind);
      return true;
    });
    await assert.rejects(mine.send(bytes(2)), hasCode("broken"));
  }
});

test("of a large buffer that is written in parts, each part goes without the rest", async () => {
  const [mine, theirs] = ends();
  const writer = mine.writable.getWriter();
  const large = new Uint8Array(10_000).fill(5);
  await writer.write(large.subarray(100, 103));
  const received = (await theirs.receive()) as Uint8Array;
  assert.deepEqual(received, bytes(5, 5, 5));
  assert.equal(received.buffer.byteLength, 3);
  assert.equal(large.length, 10_000, "and what was written is still there");
});

test("50 MB go through a task and come back as they were", async () => {
  const chunk = randomBytes(1_000_000);
  const count = 50;
  const sent = createHash("sha256");
  let chunks = 0;
  const source = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (chunks === count) return controller.close();
      chunk[0] = chunks++;
      sent.update(chunk);
      controller.enqueue(new Uint8Array(chunk));
    },
  });
  const task = spawn(hashing);
  const received = createHash("sha256");
  let length = 0;
  const end = task.quipe as unknown as {
    readonly readable: ReadableStream<Uint8Array>;
    readonly writable: WritableStream<Uint8Array>;
  };
  for await (const part of source.pipeThrough(end)) {
    received.update(part);
    length += part.length;
  }
  const hash = sent.digest("hex");
  assert.equal(length, count * chunk.length);
  assert.equal(received.digest("hex"), hash);
  assert.deepEqual(await task.result, { length, hash });
});

test("a task compresses what is written to it", async () => {
  const text = new TextEncoder().encode("the same words again and again; ".repeat(20_000));
  const task = spawn(compressing);
  const source = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let at = 0; at < text.length; at += 10_000) {
        controller.enqueue(text.subarray(at, at + 10_000));
      }
      controller.close();
    },
  });
  const sent = source.pipeTo(task.quipe.writable);
  const parts = await all(task.quipe.readableBytes);
  await sent;
  const compressed = Buffer.concat(parts);
  assert.ok(compressed.length < text.length / 10);
  assert.deepEqual(new Uint8Array(gunzipSync(compressed)), text);
});
