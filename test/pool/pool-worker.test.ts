/** What a pool knows of one worker while its replies cannot be read yet. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { LoadCall } from "../../src/pool/call.ts";
import { PoolWorker, type WorkerOutcome } from "../../src/pool/pool-worker.ts";
import { holdLoop, releaseLoop } from "../../src/runtime/host.ts";
import { FakeWorker } from "./fake-worker.ts";
import { until } from "../until.ts";

const entry = { kind: "source", text: "", standIns: [] } as const;
const fn = { number: 1, name: "fake", entry, making: undefined };

before(holdLoop); // which is what a crew does while anything is under way
after(releaseLoop);

interface Watched {
  readonly fake: FakeWorker;
  readonly worker: PoolWorker;
  readonly outcomes: WorkerOutcome[];
  /** How many calls were heard to be answered. */
  readonly answered: () => number;
}

async function readyWorker(): Promise<Watched> {
  const fake = new FakeWorker((value) => value, { isMemoryLate: true });
  const outcomes: WorkerOutcome[] = [];
  let answered = 0;
  const worker = new PoolWorker(fake.started, {
    heard: (_worker, calls) => void (answered += calls),
    ended: (_worker, outcome) => void outcomes.push(outcome),
  });
  worker.listen();
  await until(() => worker.isReady);
  return { fake, worker, outcomes, answered: () => answered };
}

test("a call whose reply is on its way here is not seen at work, however long that takes", async () => {
  const { fake, worker, answered } = await readyWorker();
  const loading = new Promise((loaded) => {
    assert.ok(worker.offer(new LoadCall(fn, loaded)));
  });
  worker.hear();
  assert.equal(answered(), 0);
  assert.equal(worker.stuckCall(0), undefined);
  assert.equal(worker.stuckCall(1e9), undefined);
  assert.equal(await loading, undefined, "it has not failed");
  assert.equal(worker.load, 0);
  fake.die({ kind: "done" });
  await worker.ended;
});

test("a worker's end is told once what it had said has come", async () => {
  const { fake, worker, outcomes, answered } = await readyWorker();
  worker.offer(new LoadCall(fn, () => {}));
  worker.hear();
  fake.die({ kind: "crashed" });
  await fake.outcome;
  assert.equal(outcomes.length, 0);
  await worker.ended;
  assert.equal(answered(), 1);
  assert.deepEqual(outcomes, [{ kind: "crashed" }]);
  assert.deepEqual(worker.remains(), { struck: undefined, others: [] });
});
