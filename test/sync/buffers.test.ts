/** Buffers by number: this file plays the reaper, on a port of its own. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MessageChannel } from "node:worker_threads";
import { createBoard } from "../../src/sync/board.ts";
import { fetchBuffer } from "../../src/sync/buffers.ts";
import type { ToThread } from "../../src/sync/messages.ts";
import { joinThread, onMessage } from "../../src/sync/thread.ts";

test("a fetch that could not be asked for is no fetch that the next one waits for", () => {
  // Where quipe has begun already, on a worker of a browser, there is somebody to ask, who knows no such buffer.
  const why = /before there was one|2000000 is gone/;
  for (let i = 0; i < 2; i++) assert.throws(() => fetchBuffer(2_000_000), why);
});

test("a message that needs the buffer which its thread is waiting for takes the answer from nobody", () => {
  const { port1: link, port2: reaper } = new MessageChannel();
  joinThread({ board: createBoard(), task: { slot: 0, generation: 1 }, link });
  const buffer = new SharedArrayBuffer(8);
  const fetched: SharedArrayBuffer[] = [];
  onMessage("holders", () => fetched.push(fetchBuffer(7)));
  const answers: ToThread[] = [
    { kind: "holders", id: 1, tasks: [], inMessages: false, lockedNames: [] },
    { kind: "buffer", id: 7, buffer },
    { kind: "buffer", id: 7, buffer },
  ];
  for (const answer of answers) reaper.postMessage(answer);
  fetched.push(fetchBuffer(7));
  assert.deepEqual(
    fetched.map(({ byteLength }) => byteLength),
    [8, 8],
  );
  reaper.close();
});
