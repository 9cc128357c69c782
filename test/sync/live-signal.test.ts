/** A signal that looks for itself: whoever listens hears of the abort, however the signal is used. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { LiveSignal } from "../../src/sync/live-signal.ts";

test("whoever asks in a loop without a turn sees the abort, and the listeners are told then", () => {
  let looks = 0;
  const live = new LiveSignal(() => (++looks < 100 ? undefined : { reason: "enough" }));
  const told: unknown[] = [];
  live.signal.addEventListener("abort", () => told.push(live.signal.reason));
  while (!live.signal.aborted);
  assert.deepEqual(told, ["enough"]);
  assert.throws(
    () => live.signal.throwIfAborted(),
    (thrown) => thrown === "enough",
  );
});

test("a listener of a derived signal hears of an abort that comes just before it is added", () => {
  let due: { reason: unknown } | undefined = undefined;
  const live = new LiveSignal(() => due);
  const either = AbortSignal.any([live.signal, new AbortController().signal]);
  const told: unknown[] = [];
  due = { reason: "enough" };
  either.addEventListener("abort", () => told.push(either.reason));
  live.look();
  assert.deepEqual(told, ["enough"]);
  assert.equal(live.signal.aborted, true);
});
