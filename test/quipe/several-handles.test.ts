/** Several handles and several waiting operations of one side in one task: none of them pays for another. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { makeQuipe } from "../../src/quipe/quipe.ts";
import { hasCode } from "./ends.ts";
import { ensureReaper } from "../../src/task/root.ts";

ensureReaper(); // as quipe() does when there is need: for ends that are dropped

test("a send that waits behind one whose handle is closed is sent, and only the closed one throws", async () => {
  const [left, right] = makeQuipe<number, never>({ capacity: 1 });
  const again = left.clone();
  left.trySend(0);
  const first = left.send(1);
  const second = again.send(2);
  left.close();
  assert.equal(right.tryReceive()?.value, 0);
  await assert.rejects(first, hasCode("closed"));
  await second;
  assert.equal(right.tryReceive()?.value, 2);
  again.close();
  right.close();
});

test("a receive that waits behind one whose handle is closed gets the item", async () => {
  const [left, right] = makeQuipe<number, never>({ capacity: 1 });
  const again = right.clone();
  const first = right.receive();
  const second = again.receive();
  right.close();
  left.trySend(1);
  await assert.rejects(first, hasCode("closed"));
  assert.equal(await second, 1);
  again.close();
  left.close();
});

test("blocking behind a wait of a closed handle does not block for ever", () => {
  const [left, right] = makeQuipe<number, never>({ capacity: 1 });
  const again = left.clone();
  left.trySend(0);
  const refused = assert.rejects(left.send(1), hasCode("closed"));
  left.close();
  assert.throws(() => again.sendSync(2, { timeoutMs: 1 }), hasCode("timed-out"));
  assert.equal(right.tryReceive()?.value, 0);
  again.sendSync(2, { timeoutMs: 60_000 });
  assert.equal(right.tryReceive()?.value, 2);
  again.close();
  right.close();
  return refused;
});

test("dropping the oldest item never waits for a receiver that has been woken for it", async () => {
  const [left, right] = makeQuipe<number, never>({ capacity: 1, overflow: "drop-oldest" });
  const first = right.receive();
  const second = right.receive();
  for (const item of [1, 2, 3]) assert.ok(left.trySend(item));
  assert.equal(left.statistics().out.waitingReceivers, 1);
  assert.equal(await first, 3);
  assert.ok(left.trySend(4));
  assert.equal(await second, 4);
  assert.equal(left.statistics().out.waitingReceivers, 0);
  left.close();
  right.close();
});

test("a receive that gives up leaves nothing in the way where the oldest item is dropped", async () => {
  const [left, right] = makeQuipe<number, never>({ capacity: 1, overflow: "drop-oldest" });
  await assert.rejects(right.receive({ timeoutMs: 1 }), hasCode("timed-out"));
  for (const item of [1, 2]) assert.ok(left.trySend(item));
  assert.equal(right.tryReceive()?.value, 2);
  left.close();
  right.close();
});
