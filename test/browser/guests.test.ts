/** Workers that the page makes itself, as bundlers want it written. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { QuipeError, spawn } from "quipe";

interface WebWorker {
  postMessage(message: unknown, transfer: unknown[]): void;
  terminate(): void;
  addEventListener(): void;
}

const { Worker } = globalThis as unknown as {
  readonly Worker: new (url: URL, options: { type: "module" }) => WebWorker;
};

const made = (file: string): WebWorker =>
  new Worker(new URL(file, import.meta.url), { type: "module" });

test("such a worker runs its task, and talks", async () => {
  const multiplying = spawn<string>(
    { worker: () => made("./guest-file.js"), task: "multiply" },
    [3],
  );
  for (const n of [1, 2, 3]) {
    await multiplying.quipe.send(n);
    assert.equal(await multiplying.quipe.receive(), n * 3);
  }
  multiplying.quipe.close();
  assert.equal(await multiplying.result, "done");
});

test("it is killed while it computes, with proof", async () => {
  const computing = spawn({ worker: () => made("./guest-file.js"), task: "compute" });
  await computing.quipe.receive();
  await computing.kill("enough");
  const outcome = await computing.outcome;
  assert.ok(outcome.kind === "killed" && outcome.stopped);
});

test("nobody waits for ever for what was lost with a worker that the page has ended", async () => {
  for (let round = 0; round < 10; round++) {
    const words = new Int32Array(new SharedArrayBuffer(8));
    let worker: WebWorker | undefined;
    const telling = spawn({ worker: () => (worker = made("./guest-file.js")), task: "sendLast" }, [
      words,
    ]);
    const ended = telling.outcome; // or it would be raised here, since nobody asks for the result
    while (Atomics.load(words, 1) === 0) await new Promise((resolve) => void setTimeout(resolve));
    Atomics.store(words, 0, 1);
    while (Atomics.load(words, 1) === 1);
    worker?.terminate();
    const came: unknown = await telling.quipe.receive().catch((error: unknown) => error);
    if (came instanceof QuipeError) assert.equal(came.code, "released");
    else assert.equal((came as { last: string }).last, "words");
    await assert.rejects(telling.quipe.receive(), { code: "peer-killed" });
    assert.equal((await ended).kind, "crashed");
  }
});

test("a file that does not load is a crash that says so", async () => {
  const lost = spawn({ worker: () => made("./no-such-file.js"), task: "multiply" });
  const outcome = await lost.outcome;
  assert.equal(outcome.kind, "crashed");
});
