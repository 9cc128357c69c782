/** What a task can be watched by: events, progress, what it waits for, and figures. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Task } from "../../src/task/handle.ts";
import type { TaskEvent } from "../../src/task/events.ts";
import { spawn } from "../../src/task/spawn.ts";
import { awaitNothing, echo, receiveAll, sendThen } from "./programs/lives.ts";
import { follow, reportBadly, reportItems, reportMany, waitFor } from "./programs/watching.ts";

async function eventsOf(task: Task): Promise<TaskEvent[]> {
  const events: TaskEvent[] = [];
  for await (const event of task.events) events.push(event);
  return events;
}

function kindsOf(events: readonly TaskEvent[]): string[] {
  return events.map(({ kind }) => kind);
}

test("events of a task tell its beginning, its progress and its end, to early and late subscribers alike", async () => {
  const task = spawn(reportMany, [3, "return"]);
  const early = eventsOf(task);
  const { outcome } = task;
  const late = [await early, (await outcome) && (await eventsOf(task)), await eventsOf(task)];
  for (const events of late) {
    assert.equal(events[0]?.kind, "started");
    const [progress, end] = events.slice(-2);
    assert.deepEqual(progress?.kind === "progress" && progress.value, { last: { count: 3 } });
    assert.deepEqual(end?.kind === "ended" && end.outcome, { kind: "done", value: 3 });
    const times = events.map(({ atMs }) => atMs);
    assert.deepEqual(
      times,
      times.toSorted((one, other) => one - other),
    );
    assert.ok(Math.abs(Date.now() - (times[0] ?? 0)) < 60_000, String(times));
  }
});

test("the last report arrives before the end, however many there were and however the task ends", async () => {
  for (const how of ["return", "throw"] as const) {
    const events = await eventsOf(spawn(reportMany, [20_000, how]));
    const reports = events.filter(({ kind }) => kind === "progress");
    assert.ok(reports.length >= 1 && reports.length < 2_000, String(reports.length));
    const last = reports.at(-1);
    assert.deepEqual(last?.kind === "progress" && last.value, { last: { count: 20_000 } });
    assert.deepEqual(kindsOf(events).slice(-2), ["progress", "ended"]);
  }
});

test("a report arrives while the task goes on, and a slow subscriber gets the latest", async () => {
  const task = spawn(reportItems);
  const events = task.events[Symbol.asyncIterator]();
  const seen: unknown[] = [];
  for (let item = 1; item <= 5; item++) {
    await task.quipe.send(item);
    let event = (await events.next()).value as TaskEvent | undefined;
    if (event?.kind === "started") event = (await events.next()).value as TaskEvent | undefined;
    seen.push(event?.kind === "progress" && event.value);
  }
  assert.deepEqual(seen, [1, 2, 3, 4, 5]);
  for (let item = 6; item <= 100; item++) await task.quipe.send(item);
  task.quipe.close();
  await task.result;
  const rest = [(await events.next()).value, (await events.next()).value] as TaskEvent[];
  assert.deepEqual(kindsOf(rest), ["progress", "ended"]);
  assert.equal(rest[0]?.kind === "progress" && rest[0].value, 100);
});

test("a report that cannot be sent is refused; on the main thread there is nobody to report", async () => {
  assert.equal(await spawn(reportBadly).result, "not-sendable");
});

test("events of a task that was cancelled before it began are its end alone", async () => {
  const task = spawn(echo, [1], { resourceLimits: { maxOldGenerationSizeMb: 64 } });
  task.cancel();
  assert.deepEqual(kindsOf(await eventsOf(task)), ["ended"]);
  assert.equal(task.statistics().startedAtMs, undefined);
});

test("a task that is followed from another one is followed to its end, from its beginning", async () => {
  const task = spawn(reportMany, [2, "wait"]);
  const followers = [spawn(follow, [task]), spawn(follow, [task])];
  for (const follower of followers) await follower.quipe.receive();
  await task.quipe.send("go on");
  await task.result;
  for (const told of [...followers, spawn(follow, [task])]) {
    const list = await told.result;
    assert.equal(list[0], "started");
    assert.deepEqual(list.slice(-2), [{ last: { count: 2 } }, "done"]);
  }
});

test("a loop over events in a task that is cancelled ends with that", async () => {
  const task = spawn(awaitNothing);
  const follower = spawn(follow, [task]);
  await follower.quipe.receive();
  follower.cancel("enough");
  assert.deepEqual(await follower.outcome, { kind: "cancelled", reason: "enough" });
  await task.kill();
});

/** Looks again until it is so: a task needs a moment from saying something to the wait that follows. */
async function untilBlockedOn(task: Task, what: string): Promise<void> {
  while (task.blockedOn !== what) await new Promise((resolve) => setTimeout(resolve, 1));
}

test("what a task waits for is seen, whether it blocks or awaits, and not once it is dead", async () => {
  const other = spawn(awaitNothing);
  for (const [what, blockedOn] of [
    ["quipe", "a quipe"],
    ["quipeSync", "a quipe"],
    ["task", "a task"],
    ["timer", "nothing"],
  ] as const) {
    const task = spawn(waitFor, [what, other]);
    await task.quipe.receive();
    await untilBlockedOn(task, blockedOn);
    await task.kill();
    assert.equal(task.blockedOn, "nothing");
  }
  await other.kill();
});

test("statistics tell when, where and how much, here and in other tasks", async () => {
  const before = Date.now();
  const task = spawn(receiveAll);
  for (let i = 0; i < 5; i++) await task.quipe.send(i);
  assert.equal(task.statistics().endedAtMs, undefined);
  task.quipe.close();
  await task.result;
  const { spawnedAtMs, startedAtMs = 0, endedAtMs = 0, threadId, ...counts } = task.statistics();
  assert.deepEqual(counts, { sent: 0, received: 5, blockedOn: "nothing" });
  assert.ok(before <= spawnedAtMs && spawnedAtMs <= startedAtMs && startedAtMs <= endedAtMs);
  assert.ok(endedAtMs <= Date.now());
  assert.equal(typeof threadId, "number");
  const sender = spawn(sendThen, [3, 0, "return"]);
  await sender.result;
  assert.equal(sender.statistics().sent, 3);
});
