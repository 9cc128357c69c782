/** Every way to send and to receive, and what all of them must answer in one state. */
import assert from "node:assert/strict";
import type { End } from "../../src/index.ts";
import { answerNow, answerOf } from "./variants.ts";

/** Terminal answers are asked for so many times. */
const ROUNDS = 3;

/** Every way to receive answers with `code`, again and again, and never waits. */
export async function receivesAnswer(end: End, code: string): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    assert.equal(await answerOf(end.receive()), code);
    assert.equal(await answerOf(end.receive({ timeoutMs: 0 })), code);
    assert.equal(
      answerNow(() => end.tryReceive()),
      code,
    );
    assert.equal(
      answerNow(() => end.receiveSync()),
      code,
    );
    await loopsAnswer(end, code);
    const drained = answerNow(() => end.drain());
    if (isMine(code) || code === "aborted") assert.equal(drained, code);
    else assert.deepEqual(drained, []);
  }
}

/** Every way to send answers with `code`, again and again, be the item small or large, and never waits. */
export async function sendsAnswer(end: End, code: string): Promise<void> {
  for (const item of [1, "text", new Uint8Array(100_000)]) {
    assert.equal(await answerOf(end.send(item)), code);
    assert.equal(await answerOf(end.send(item, { timeoutMs: 0 })), code);
    assert.equal(
      answerNow(() => end.trySend(item)),
      code,
    );
    assert.equal(
      answerNow(() => end.sendSync(item)),
      code,
    );
  }
}

/** Both kinds of loops finish at once after a clean end, and throw after any other. */
async function loopsAnswer(end: End, code: string): Promise<void> {
  const wanted = code === "ended" ? "finished" : code;
  assert.equal(await answerOf(loop(end)), wanted);
  const blocking = answerNow(() => {
    for (const item of end) assert.fail(`received ${String(item)}`);
    return "finished";
  });
  assert.equal(blocking, wanted);
}

async function loop(end: End): Promise<string> {
  for await (const item of end) assert.fail(`received ${String(item)}`);
  return "finished";
}

function isMine(code: string): boolean {
  return code === "closed" || code === "moved";
}
