/** A page on which quipe's own worker does not load: whoever waits is told, and so is whoever comes later. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type QuipeError, freeze, quipe, spawn } from "quipe";

interface Page {
  addEventListener(type: "error", listener: (event: ErrorEvent) => void): void;
}

interface ErrorEvent {
  readonly message: string;
  preventDefault(): void;
}

test("what waits for a task, and what comes later, says that the worker file does not load, and why that may be", async () => {
  let loud = "";
  const hear = (event: ErrorEvent): void => {
    loud = event.message;
    event.preventDefault();
  };
  (globalThis as unknown as Page).addEventListener("error", hear);
  const isTold = (error: QuipeError): boolean => {
    assert.match(error.message, /worker file .*boot\.js does not load/);
    assert.match(error.message, /worker-src/);
    return true;
  };
  const [left, right] = quipe<number, number>();
  const task = spawn(() => 1);
  const waits = [task.result, task.quipe.receive(), right.receive()];
  await Promise.all(waits.map((wait) => assert.rejects(wait, isTold)));
  assert.match(loud, /does not load/);
  assert.throws(() => spawn(() => 2), isTold);
  await assert.rejects(left.receive(), isTold);
  assert.equal(freeze({ here: 1 }).here, 1, "what needs no other thread works on");
});
