/** What tools hear of tasks by `node:diagnostics_channel`. */
import assert from "node:assert/strict";
import diagnostics from "node:diagnostics_channel";
import { test } from "node:test";
import type { TaskDiagnostics } from "../../src/task/diagnostics.ts";
import type { Task } from "../../src/task/handle.ts";
import { spawn } from "../../src/task/spawn.ts";
import { throwTyped } from "./programs/failures.ts";
import { echo } from "./programs/lives.ts";

type Channel = keyof TaskDiagnostics;
type Heard = { readonly [C in Channel]: { readonly channel: C } & TaskDiagnostics[C] }[Channel];

const CHANNELS: readonly Channel[] = [
  "quipe:task:spawn",
  "quipe:task:start",
  "quipe:task:end",
  "quipe:task:death",
];

/** Bun forgets the subscribers of a channel that nobody holds. */
const held = CHANNELS.map((name) => diagnostics.channel(name));

/** What is heard of the task called `name` while `body` runs. */
async function heardOf(name: string, body: () => Promise<unknown>): Promise<readonly Heard[]> {
  const heard: Heard[] = [];
  const listeners = CHANNELS.map((channel) => {
    const listener = (message: unknown): void => {
      const told = { channel, ...(message as object) } as Heard;
      if (told.task.name === name) heard.push(told);
    };
    diagnostics.subscribe(channel, listener);
    return () => diagnostics.unsubscribe(channel, listener);
  });
  assert.ok(held.every(({ hasSubscribers }) => hasSubscribers));
  try {
    await body();
  } finally {
    for (const stop of listeners) stop();
  }
  return heard;
}

function channelsOf(heard: readonly Heard[]): string[] {
  return heard.map(({ channel }) => channel.replace("quipe:task:", ""));
}

// docs/runtimes.md: channels
test("a task that returns: spawn at once, then start and end, with the same task and times in order", async () => {
  let atSpawn = 0;
  const heard = await heardOf("traced", async () => {
    const task = spawn(echo, [5], { name: "traced" });
    atSpawn = Date.now();
    await task.result;
  });
  assert.deepEqual(channelsOf(heard), ["spawn", "start", "end"]);
  const [spawned, started, ended] = heard;
  assert.ok(ended?.channel === "quipe:task:end");
  assert.equal(started?.task, spawned?.task);
  assert.equal(ended.task, spawned?.task);
  assert.match(ended.task.entry, /^file:.*lives\.js#echo$/);
  assert.equal(ended.task.spawner, "0.1");
  assert.deepEqual(ended.outcome, { kind: "done", value: 5 });
  assert.ok((spawned?.atMs ?? 0) <= atSpawn);
  const times = [ended.spawnedAtMs, ended.startedAtMs ?? 0, ended.atMs];
  assert.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  );
  assert.equal(started?.atMs, ended.startedAtMs);
});

test("spawn is told within the call, and start though nobody waits for the task yet", async () => {
  const heard = await heardOf("waiting", async () => {
    const told = new Promise<unknown>((resolve) => {
      const listener = (message: unknown): void => {
        diagnostics.unsubscribe("quipe:task:start", listener);
        resolve(message);
      };
      diagnostics.subscribe("quipe:task:start", listener);
    });
    const waiting = spawn(async () => new Promise(() => {}), [], { name: "waiting" });
    await told;
    await waiting.kill("seen");
  });
  assert.deepEqual(channelsOf(heard), ["spawn", "start", "end", "death"]);
});

test("failed and cancelled tasks end; killed and crashed ones die as well; one cancelled early never starts", async () => {
  const ways: readonly (readonly [string, () => Task, readonly string[]])[] = [
    ["failed", () => spawn(throwTyped, [], { name: "way" }), ["spawn", "start", "end"]],
    [
      "crashed",
      () => spawn(() => process.exit(3), [], { name: "way" }),
      ["spawn", "start", "end", "death"],
    ],
    [
      "cancelled",
      () => {
        const task = spawn(echo, [1], { name: "way" });
        task.cancel();
        return task;
      },
      ["spawn", "end"],
    ],
  ];
  for (const [kind, begin, channels] of ways) {
    const heard = await heardOf("way", async () => begin().outcome);
    const last = heard.at(-1);
    assert.ok(last !== undefined && "outcome" in last, kind);
    const early = kind === "cancelled" && last.startedAtMs !== undefined;
    assert.deepEqual(channelsOf(heard), early ? ["spawn", "start", "end"] : channels, kind);
    if (!early) assert.equal(last.outcome.kind, kind);
  }
});

test("tasks of a task are told of on its thread, and there only", async () => {
  const here = await heardOf("inner", async () => {
    const outer = spawn(async function outer() {
      const { subscribe } = await import("node:diagnostics_channel");
      const { spawn: again } = await import("quipe");
      const names: string[] = [];
      subscribe("quipe:task:end", (message) => {
        names.push((message as TaskDiagnostics["quipe:task:end"]).task.name);
      });
      await again(() => 1, [], { name: "inner" }).result;
      return names;
    });
    assert.deepEqual(await outer.result, ["inner"]);
  });
  assert.deepEqual(here, []);
});

test("a task has no part in it where nobody listens", async () => {
  assert.equal(diagnostics.hasSubscribers("quipe:task:start"), false);
  assert.equal(await spawn(echo, ["quiet"]).result, "quiet");
});
