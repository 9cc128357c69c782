/** What an end answers once one of the two is closed: by every operation, again and again, without waiting. */
import assert from "node:assert/strict";
import { afterEach, before, test } from "node:test";
import type { QuipeError, QuipeErrorCode } from "../../src/errors.ts";
import type { End } from "../../src/quipe/end.ts";
import { spawn } from "../../src/task/spawn.ts";
import { checkLanes, ends, hasCode, rest } from "./ends.ts";

before(async () => {
  await spawn(() => 0).result; // a reaper, for items that do not fit into a lane
});

afterEach(checkLanes);

/** Every way to receive from `end` answers with `code`, again and again. */
async function receivesAnswer(end: End, code: QuipeErrorCode): Promise<void> {
  for (let i = 0; i < 2; i++) {
    await assert.rejects(end.receive(), hasCode(code));
    await assert.rejects(end.receive({ timeoutMs: 0 }), hasCode(code));
    assert.throws(() => end.tryReceive(), hasCode(code));
    assert.throws(() => end.receiveSync(), hasCode(code));
  }
}

/** Every way to send from `end` answers with `code`, again and again. */
async function sendsAnswer(end: End, code: QuipeErrorCode): Promise<void> {
  for (const item of [1, new Uint8Array(100_000)]) {
    await assert.rejects(end.send(item), hasCode(code));
    assert.throws(() => end.trySend(item), hasCode(code));
    assert.throws(() => end.sendSync(item), hasCode(code));
  }
}

test("closed normally: what is buffered, then `ended`, for ever; and for-await finishes", async () => {
  const [left, right] = ends();
  for (const item of ["a", "b", "c", "d"]) left.trySend(item);
  assert.equal(left.close(), true);
  assert.equal(await right.receive(), "a");
  assert.equal(right.receiveSync(), "b");
  assert.deepEqual(await rest(right), ["c", "d"]);
  await receivesAnswer(right, "ended");
  assert.deepEqual(await rest(right), []);
});

test("closed with an error: what is buffered, then `peer-failed` with the error as its cause, for ever", async () => {
  const [left, right] = ends();
  left.trySend("last");
  left.close(Object.assign(new RangeError("why"), { code: "E_WHY" }));
  assert.equal(right.receiveSync(), "last");
  await receivesAnswer(right, "peer-failed");
  for (let i = 0; i < 2; i++) {
    await assert.rejects(rest(right), (error: QuipeError) => {
      assert.ok(error.cause instanceof RangeError);
      assert.equal((error.cause as { code?: string }).code, "E_WHY");
      assert.match(error.message, /why/);
      return error.code === "peer-failed";
    });
  }
});

test("closed with something that cannot be sent: the other side still hears that it failed", async () => {
  const [left, right] = ends();
  assert.equal(
    left.close(() => 1),
    true,
  );
  await assert.rejects(right.receive(), (error: QuipeError) => {
    assert.match(String(error.cause), /cannot be sent/);
    return error.code === "peer-failed";
  });
});

test("with nobody to receive, every send is `broken`; what was sent before can still be received", async () => {
  const [left, right] = ends();
  right.trySend("farewell");
  right.close();
  await sendsAnswer(left, "broken");
  assert.equal(left.receiveSync(), "farewell");
  await receivesAnswer(left, "ended");
});

test("sends that wait become `broken` when the receiver leaves", async () => {
  const [left, right] = ends({ capacity: 1 });
  left.trySend(0);
  const sends = [left.send(1), left.send(new Uint8Array(100_000)), left.send(2)];
  right.close();
  for (const sending of sends) await assert.rejects(sending, hasCode("broken"));
});

test("receives that wait become `ended` when the sender leaves", async () => {
  const [left, right] = ends();
  const receives = [right.receive(), right.receive()];
  left.close();
  for (const receiving of receives) await assert.rejects(receiving, hasCode("ended"));
});

test("my own end closed: `closed` from everything, also from what waits", async () => {
  const [left, right] = ends({ capacity: 1 });
  right.trySend("unread");
  left.trySend(0);
  const waiting = [left.send(1), left.send(2)];
  assert.equal(left.close(), true);
  assert.equal(left.close(), false);
  for (const sending of waiting) await assert.rejects(sending, hasCode("closed"));
  await receivesAnswer(left, "closed");
  await sendsAnswer(left, "closed");
  await assert.rejects(rest(left), hasCode("closed"));
  const [one] = ends();
  const receiving = one.receive();
  one.close();
  await assert.rejects(receiving, hasCode("closed"));
});

test("my own closed end answers before anything the other side did", async () => {
  const [left, right] = ends();
  right.close(new Error("theirs"));
  left.close();
  await receivesAnswer(left, "closed");
  await sendsAnswer(left, "closed");
});
