/** Node streams over an end: pipelines through tasks, what fails in any place, and what waits where. */
import assert from "node:assert/strict";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Duplex, Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { before, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { toDuplex } from "../../src/quipe/duplex.ts";
import { spawn } from "../../src/task/spawn.ts";
import { ends, hasCode, rest } from "./ends.ts";
import { collecting, compressing, doubling, sendingSome, taking } from "./programs/streaming.ts";
import { all, turns } from "./streams.ts";
import { until } from "../until.ts";

const NO_POISON = -1;

before(async () => {
  await spawn(() => 0).result; // a reaper, for errors that go from end to end
});

/** A sink that keeps what it gets, and fails at the item `poison`. */
function keeping(poison?: number): { readonly sink: Writable; readonly items: unknown[] } {
  const items: unknown[] = [];
  const sink = new Writable({
    objectMode: true,
    write(item, _encoding, done) {
      items.push(item);
      done(item === poison ? new RangeError("no room") : null);
    },
  });
  return { sink, items };
}

function* countingFor(length: number): Generator<number> {
  for (let n = 0; n < length; n++) yield n;
}

test("a file goes through a task into another file", async () => {
  const folder = await mkdtemp(join(tmpdir(), "quipe-streams-"));
  try {
    const [from, into] = [join(folder, "text"), join(folder, "text.gz")];
    const text = Buffer.from("a line of text\n".repeat(200_000));
    await writeFile(from, text);
    const task = spawn(compressing);
    await pipeline(createReadStream(from), toDuplex(task.quipe), createWriteStream(into));
    assert.deepEqual(gunzipSync(await readFile(into)), text);
    await task.result;
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("a pipeline through two tasks gives everything in order, and ends", async () => {
  const tasks = [spawn(doubling, [NO_POISON]), spawn(doubling, [NO_POISON])] as const;
  const { sink, items } = keeping();
  const [first, second] = tasks;
  await pipeline(countingFor(300), toDuplex(first.quipe), toDuplex(second.quipe), sink);
  assert.deepEqual(
    items,
    Array.from({ length: 300 }, (_, n) => n * 4),
  );
  for (const task of tasks) await task.result;
});

test("the streams that Node itself makes of an end carry items, for as long as nothing fails", async () => {
  const [first, second, third] = [1, 2, 3].map(() => spawn(doubling, [NO_POISON]));
  assert.ok(first && second && third);
  const { sink, items } = keeping();
  await pipeline(countingFor(50), Duplex.fromWeb(first.quipe, { objectMode: true }), sink);
  assert.equal(items.length, 50);
  const written = pipeline(
    countingFor(50),
    Writable.fromWeb(second.quipe.writable, { objectMode: true }),
  );
  const read = Readable.fromWeb(second.quipe.readable as never, { objectMode: true });
  assert.equal((await all(read)).length, 50);
  await written;
  for (const n of [4, 5]) await third.quipe.send(n);
  third.quipe.finish();
  assert.deepEqual(await all(Readable.from(third.quipe)), [8, 10]);
});

test("a source that fails: the other side gets the error, and not an end", async () => {
  const task = spawn(collecting);
  const source = Readable.from(
    (async function* () {
      yield 1;
      await turns(5);
      throw new RangeError("torn");
    })(),
  );
  await assert.rejects(pipeline(source, toDuplex(task.quipe), keeping().sink), /torn/);
  const { items, error } = await task.result;
  assert.deepEqual(items, [1]);
  assert.ok(hasCode("peer-failed")(error));
  assert.match(String((error as Error).cause), /RangeError: torn/);
});

test("a task that fails, and a sink that fails, fail the pipeline and stop the source", async () => {
  for (const [poison, full, expected] of [
    [5, undefined, /5 is poison|Nobody is left/], // what it sends or what it is sent, whichever is noticed first
    [NO_POISON, 10, /no room/],
  ] as const) {
    const task = spawn(doubling, [poison], { capacity: 2 });
    const outcome = task.outcome;
    const source = Readable.from(countingFor(1_000_000), { highWaterMark: 1 });
    const through = toDuplex(task.quipe);
    await assert.rejects(pipeline(source, through, keeping(full).sink), (error: Error) => {
      assert.match(error.message + String(error.cause), expected);
      return true;
    });
    assert.equal((await outcome).kind, "failed");
    assert.ok(source.destroyed);
  }
});

test("a killed task fails the pipeline with `peer-killed`, also while nobody writes", async () => {
  const task = spawn(sendingSome, [3]);
  const idle = new Readable({ objectMode: true, read() {} });
  const { sink, items } = keeping();
  const piped = assert.rejects(pipeline(idle, toDuplex(task.quipe), sink), hasCode("peer-killed"));
  await until(() => items.length === 3);
  await task.kill("enough");
  await piped;
});

test("writes that are refused all at once raise nothing but their errors", async () => {
  const [mine, theirs] = ends({ capacity: 1 });
  const stream = toDuplex(mine);
  const failed = new Promise((resolve) => stream.once("error", resolve));
  for (let n = 0; n < 10; n++) stream.write(n);
  theirs.close();
  assert.ok(hasCode("broken")(await failed));
});

test("a Node stream takes nothing ahead, and has one item on its way", async () => {
  const [mine, theirs] = ends({ capacity: 4 });
  const reading = toDuplex(theirs);
  const writing = toDuplex(mine);
  let asked = 0;
  const source = new Readable({
    objectMode: true,
    highWaterMark: 0,
    read() {
      this.push(asked++);
    },
  });
  source.pipe(writing);
  await until(() => mine.statistics().out.buffered === 4);
  await turns(20);
  const ahead = asked;
  assert.ok(ahead <= 6, `${ahead} were asked for, 4 of which are in the lane`);
  const items = reading[Symbol.asyncIterator]();
  for (let n = 0; n < 10; n++) {
    assert.equal((await items.next()).value, n);
    await until(() => asked === ahead + n + 1);
    await turns(10);
    assert.equal(asked, ahead + n + 1, "one more for each that was read");
  }
  source.destroy();
  reading.destroy();
  writing.destroy();
});

test("ending a Node stream ends one direction; destroying it too early is a failure", async () => {
  const [mine, theirs] = ends();
  const stream = toDuplex(mine);
  stream.end("last");
  assert.deepEqual(await rest(theirs), ["last"]);
  theirs.trySend("answer");
  theirs.close();
  assert.deepEqual(await all(stream), ["answer"]);
  const [left, right] = ends();
  toDuplex(left).destroy();
  await assert.rejects(right.receive(), hasCode("peer-failed"));
  await assert.rejects(right.send(1), hasCode("broken"));
});

test("an item that is null is an error, and never an end; bytes come as Buffers", async () => {
  const [mine, theirs] = ends();
  mine.trySend(Uint8Array.of(104, 105));
  mine.trySend(null);
  const stream = toDuplex(theirs);
  const texts: string[] = [];
  await assert.rejects(async () => {
    for await (const chunk of stream) texts.push(String(chunk));
  }, TypeError);
  assert.deepEqual(texts, ["hi"]);
  await assert.rejects(mine.send(1), hasCode("broken"));
});

test("a task that takes a few and returns: they come, and then the stream is broken", async () => {
  const task = spawn(taking, [3]);
  const stream = toDuplex(task.quipe);
  const received: unknown[] = [];
  const failed = new Promise((resolve) => stream.once("error", resolve));
  stream.on("data", (item) => received.push(item));
  for (const n of [1, 2, 3]) stream.write(n);
  assert.ok(hasCode("broken")(await failed));
  assert.deepEqual(received, [1, 2, 3]);
});
