/** Ends on their way to tasks, while other messages with ends are lost. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type End, type Task, quipe, spawn } from "../../src/index.ts";

/** A task that sends back what comes. */
function echo(end: End<number, number>): Task<void> {
  return spawn(
    async (its: End<number, number>) => {
      for await (const n of its) await its.send(n);
    },
    [end],
  );
}

/** Loses an end: it lies in a message that nobody will receive. */
async function loseAnEnd(): Promise<void> {
  const [mine, lost] = quipe();
  const [from, to] = quipe();
  await from.send(lost);
  to.close();
  from.close();
  assert.equal(await mine.peerGone, "failed");
  mine.close();
}

test("an end in an argument arrives, however many ends are lost meanwhile", async () => {
  for (let round = 0; round < 30; round++) {
    const [mine, theirs] = quipe<number, number>();
    const losing = loseAnEnd();
    const tasks = [theirs.clone(), theirs.clone(), theirs].map(echo);
    await losing;
    await mine.send(round);
    assert.equal(await mine.receive(), round);
    mine.close();
    await Promise.all(tasks.map(({ result }) => result));
  }
});

test("an end in the arguments of a task that never begins is lost, and the other side hears of it", async () => {
  // The reaper may bury the task before its spawner has noted that the end is away.
  for (let round = 0; round < 50; round++) {
    const [mine, theirs] = quipe<number, number>();
    const never = spawn(async (end: End<number, number>) => void end.close(), [theirs], {
      signal: AbortSignal.abort(),
    });
    assert.equal((await never.outcome).kind, "cancelled");
    await assert.rejects(mine.receive(), { code: "peer-failed" }); // keeps the program alive until then
    assert.equal(await mine.peerGone, "failed");
    mine.close();
  }
});

test("an end that lies in a lane which only a killed task knew is lost, and the other side hears of it", async () => {
  const [mine, theirs] = quipe<number, number>();
  const hiding = spawn(
    async (end: End<number, number>) => {
      const quipes = await import("quipe");
      const [into] = quipes.quipe();
      into.trySend(end);
      quipes.current().quipe.trySend("hidden");
      for (;;);
    },
    [theirs],
  );
  await hiding.quipe.receive();
  await hiding.kill();
  await assert.rejects(mine.receive(), { code: "peer-failed" }); // keeps the program alive until then
  assert.equal(await mine.peerGone, "failed");
});
